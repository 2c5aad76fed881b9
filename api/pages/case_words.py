"""Words for what the engine calls by codes: statuses, kinds of elements, outcomes, states of stages and elements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from api.pages.language import local
from processes.facts.words import METHODS, PAYMENTS, STAGES, VISITS, WARNINGS, word

STATUSES: Mapping[str, Any] = {
    "active": _l("Running"),
    "suspended": _l("Suspended"),
    "completed": _l("Ended"),
    "terminated": _l("Terminated"),
    "cancelled": _l("Cancelled"),
    "failed": _l("Failed"),
}
"""Statuses of cases and of the instances they called."""

STATUS_CHIPS: Mapping[str, tuple[str, str]] = {
    "active": ("ok", "play"),
    "suspended": ("soon", "pause"),
    "completed": ("plain", "check"),
    "terminated": ("plain", "close"),
    "cancelled": ("plain", "close"),
    "failed": ("late", "failed"),
}
"""Status to the chip's kind and its icon."""

KINDS: Mapping[str, Any] = {
    "startEvent": _l("Start event"),
    "endEvent": _l("End event"),
    "intermediateCatchEvent": _l("Awaited event"),
    "intermediateThrowEvent": _l("Event"),
    "boundaryEvent": _l("Attached event"),
    "task": _l("Task"),
    "userTask": _l("Task"),
    "manualTask": _l("Manual task"),
    "serviceTask": _l("System step"),
    "sendTask": _l("Message sent"),
    "receiveTask": _l("Message awaited"),
    "scriptTask": _l("Calculation"),
    "businessRuleTask": _l("Decision"),
    "exclusiveGateway": _l("Branch"),
    "parallelGateway": _l("Fork or join"),
    "inclusiveGateway": _l("Branch into one or several ways"),
    "complexGateway": _l("Branch or join by a rule"),
    "eventBasedGateway": _l("Wait for one of several events"),
    "subProcess": _l("Part of the process"),
    "transaction": _l("Part that can be cancelled"),
    "adHocSubProcess": _l("Part in free order"),
    "callActivity": _l("Called process"),
}
"""Kinds of elements."""

GROUPS: Mapping[str, Any] = {
    "tasks": _l("Tasks of people"),
    "decisions": _l("Decisions"),
    "events": _l("Events of the process"),
    "services": _l("System steps"),
    "calls": _l("Called processes"),
}
"""Groups of `engine.queries.case_history.GROUPS`."""

OUTCOMES: Mapping[str, Any] = {
    "open": _l("In progress"),
    "completed": _l("Finished"),
    "cancelled": _l("Cut off"),
    "failed": _l("Ended by an error"),
}
"""How a step ended; ``open`` while it has not."""

STATES: Mapping[str, Any] = {
    "passed": _l("Passed"),
    "current": _l("Under way"),
    "failed": _l("Failed"),
    "cancelled": _l("Cut off"),
    "ahead": _l("Not reached"),
}
"""States of an element on the diagram."""

STAGE_STATES: Mapping[str, Any] = {
    "done": _l("Finished"),
    "current": _l("Under way"),
    "failed": _l("Stands still"),
    "cancelled": _l("Cut off"),
    "again": _l("To be done again"),
    "ahead": _l("Not reached"),
}
"""States of a stage."""

STAGE_ICONS: Mapping[str, str] = {
    "done": "check",
    "current": "play",
    "failed": "failed",
    "cancelled": "close",
    "again": "refresh",
    "ahead": "minus",
}
"""Icons of the states of a stage."""

_SHOWN_OF_ACCOUNT = 4


def register_word(code: str | None) -> str:
    """A code of the registers in the page's language; the code itself when it is none of theirs."""
    found = word(code, STAGES, PAYMENTS, METHODS, VISITS, WARNINGS)
    return "" if found is None else local(found.zh, found.en)


def masked(account: str) -> str:
    """An account number with its last four signs; who reads a case file does not pay."""
    return f"···· {account[-_SHOWN_OF_ACCOUNT:]}"
