"""What the address of the audit page asks for: filters that a person can read, keep and send to a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from api.pages.shown import ZONE
from api.text import problems_of_text
from engine.errors import InvalidInput
from engine.ids import is_id
from engine.model.audit import ADMINISTRATION
from engine.queries.audit_search import AuditSearch

LONGEST = 100
_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as typed; "" leaves one out. ``since`` and ``until`` are days in the house's zone, both included;
    ``chain``: a root instance id, or ``administration``.
    """

    case: str = ""
    person: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    chain: str = ""

    @property
    def given(self) -> Mapping[str, str]:
        """The filters that are set."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    def address(self, path: str = "/audit", **more: str) -> str:
        """``path`` with the filters that are set, and ``more``."""
        query = urlencode({**self.given, **{name: value for name, value in more.items() if value}})
        return f"{path}?{query}" if query else path

    def within(self, since: str, until: str) -> Asked:
        """The same filters for another period."""
        return replace(self, since=since, until=until)

    def search(self) -> AuditSearch:
        """The same for the query. Raises `InvalidInput` for a day that is none."""
        since, until = _day(self.since, "since"), _day(self.until, "until")
        return AuditSearch(
            case=self.case,
            stream=self.chain or None,
            person=self.person,
            action=self.action or None,
            since=None if since is None else _begin(since),
            until=None if until is None else _begin(until + timedelta(days=1)),
        )


def asked(given: Mapping[str, str]) -> Asked:
    """The filters of a query or form. Raises `InvalidInput` for text that nothing stored can contain."""
    values = {field.name: given.get(field.name, "").strip() for field in fields(Asked)}
    for name, value in values.items():
        if len(value) > LONGEST or problems_of_text(value):
            raise InvalidInput(f"{name} cannot be searched for.", {name: ["too long or not printable"]})
    if values["chain"] and values["chain"] != ADMINISTRATION and not is_id(values["chain"]):
        raise InvalidInput("There is no such chain.", {"chain": ["unknown"]})
    return Asked(**values)


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not _FIRST <= found <= _LAST:
        raise InvalidInput(f"{text[:32]!r} is not a day.", {name: ["write it as 2026-03-01"]})
    return found


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
