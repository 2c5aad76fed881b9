"""The table of executed BPMN elements: what each means, where the specification says so, and a small model of it.

``docs/bpmn-support.md`` is written from these rows (``python -m tests.kernel.support.write``), and each model is run on
the token machine and offered to SpiffWorkflow's runtime (``test_support_table``), so that the table cannot say more
than is so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Step = tuple[str, str] | tuple[str, str, dict[str, object]]
"""What happens next: complete, fire, deliver, signal, done or error, and the element (or signal) it happens to."""


class Spiff(StrEnum):
    """What SpiffWorkflow's runtime does with the element."""

    RUNS = "runs"
    REFUSES = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``element`` is the XML tag, with what sets the case apart in parentheses. ``section``: of
    BPMN 2.0.2. ``tests``: the file with the tests of the element. ``body``: a process; after ``steps`` it has ended as
    ``ended`` and left ``path`` as completed, in that order.
    """

    element: str
    semantics: str
    section: str
    tests: str
    body: str
    steps: tuple[Step, ...] = ()
    path: tuple[str, ...] = ()
    ended: str = "completed"
    spiff: Spiff = Spiff.REFUSES
    start: dict[str, object] | None = None
    variables: dict[str, object] | None = None
    others: tuple[bytes, ...] = ()
