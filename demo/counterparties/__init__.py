"""Stand-ins for a rating agency, a credit bureau and a payment system: one real HTTP server on this machine.

Each takes a request, answers 202, and calls back later at the address it was given, signed with the secret it shares
with Sancha. ``python -m demo.counterparties --help`` starts it; `process.start` does so from a program.

======================================  ==========================================================================
``POST /rating/requests``               ``{requestId, caseNo, uscc, callbackUrl}``; answers ``RATING``
``POST /bureau/queries``                ``{queryId, uscc, callbackUrl}``; answers ``BUREAU``
``POST /payments``                      ``{instructionId, attempt, amount, payee, callbackUrl}``; answers ``PAYMENT``
``GET /payments/<instructionId>-A<n>``  ``{status, reason}``; status PENDING until it is decided
``POST /payments/<...>/events``         ``{status, reason}``: a later event, such as RETURNED after SUCCESS
``GET /switches``, ``POST /switches``   how each of the three behaves (`switches.Switch`)
``GET /deliveries``                     what was called back, with attempts and outcome
======================================  ==========================================================================
"""
