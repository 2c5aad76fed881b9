"""The listed events as CSV, page by page: each page is read in a transaction of its own, so that a reader who is slow
holds up nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask_babel import gettext as _

from api.pages import people_shown
from api.pages.audit_changes import event_refs, place_name
from api.pages.audit_words import action_words
from api.pages.shown import ZONE
from engine.access import Principal
from engine.audit.export import BOM, csv_line
from engine.commands.export_audit import Exported
from engine.queries.audit_events import AuditEventView
from engine.queries.audit_search import case_names, search_audit, versions_of
from engine.queries.model_names import ModelNames
from engine.queries.page import MAX_LIMIT
from engine.queries.people import display_names
from engine.runtime import Sancha, Work


def csv_rows(sancha: Sancha, principal: Principal, export: Exported) -> Iterator[str]:
    """The lines, a heading first, newest event first; a last line says so when there are more than may be written.

    Times are the house's, with their offset. Codes and the place in the chain stand beside the words, so that a row
    can be found again in the database.
    """
    yield BOM + csv_line(_heading())
    cursor, left, told = None, export.rows, _Told()
    while left > 0:
        with sancha.work(principal, write=False) as work:
            page = search_audit(work, export.wanted, cursor=cursor, limit=min(MAX_LIMIT, left))
            lines = "".join(_lines(work, told, page.items))
        yield lines
        left, cursor = left - len(page.items), page.next
        if cursor is None:
            break
    if export.cut:
        yield csv_line(
            [_("Only the newest %(rows)s events; narrow the period for the others.", rows=f"{export.rows:,}")]
        )


def _heading() -> tuple[str, ...]:
    return (
        *(_("Time"), _("Person"), _("Sign-in name"), _("On behalf of"), _("Sign-in name of the one acted for")),
        *(_("Action"), _("Action code"), _("Case"), _("Client"), _("Step"), _("Step code"), _("Process versions")),
        *(_("Chain"), _("Number in the chain"), _("Hash")),
    )


@dataclass(slots=True)
class _Told:
    """Words already looked up: a file repeats a few of them a hundred thousand times."""

    actions: dict[str, str] = field(default_factory=dict)
    steps: dict[tuple[tuple[str, ...], str], str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def action(self, action: str) -> str:
        if action not in self.actions:
            self.actions[action] = action_words(action)
        return self.actions[action]

    def step(self, names: ModelNames, refs: tuple[str, ...], element: str | None) -> str:
        if element is None:
            return ""
        if (refs, element) not in self.steps:
            self.steps[refs, element] = place_name(names, refs, element)
        return self.steps[refs, element]

    def meet(self, work: Work, events: tuple[AuditEventView, ...]) -> None:
        """Learn the names of the people of ``events``; one statement when there are new ones."""
        names = {name for event in events for name in (event.actor, event.on_behalf_of) if name}
        if fresh := names - self.people.keys():
            known = display_names(work, fresh)
            self.people |= {name: known.get(name) or people_shown.display_name(name) for name in fresh}


def _lines(work: Work, told: _Told, events: tuple[AuditEventView, ...]) -> Iterator[str]:
    streams = {event.stream for event in events}
    cases, versions = case_names(work, streams), versions_of(work, streams)
    names = ModelNames.of(work)
    told.meet(work, events)
    for event in events:
        case = cases.get(event.stream)
        acted_for = event.on_behalf_of
        who = (told.people[event.actor], event.actor, told.people[acted_for] if acted_for else None, acted_for)
        what = (told.action(event.action), event.action)
        where = (case.business_key, case.client) if case else (None, None)
        step = (told.step(names, event_refs(event, versions), event.element), event.element)
        at = event.at.astimezone(ZONE).isoformat(timespec="milliseconds")
        chain = (" ".join(event.definitions), event.stream, event.seq, event.hash)
        yield csv_line((at, *who, *what, *where, *step, *chain))
