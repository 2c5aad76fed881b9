"""What the processes' service tasks do, by topic.

===============================  ======  =============================================================
``financing.*``                  local   the financing register: open, stage, rate, approve, refuse, ...
``drawdown.*``, ``payment.settle``  local   drawdowns, payment instructions, ledger
``visit.*``                      local   the calendar of follow-up visits
``committee.roster``             local   who may sit on the committee
``rating.*``, ``bureau.query``   remote  rating agency and credit bureau
``payment.send``, ``.query``     remote  payment system
===============================  ======  =============================================================
"""

from __future__ import annotations

from engine.services import Handler
from processes.services import committee, drawdown, financing, third_parties, visits

HANDLERS: tuple[Handler, ...] = (
    *financing.HANDLERS,
    *drawdown.HANDLERS,
    *visits.HANDLERS,
    *committee.HANDLERS,
    *third_parties.HANDLERS,
)
"""Every handler of the packaged processes."""

__all__ = ["HANDLERS"]
