"""The history of a case with its filters, as they stand in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import request

from api.pages import people_shown
from api.pages.case_words import GROUPS, KINDS, OUTCOMES
from api.pages.language import local
from api.text import problems_of_text
from api.transaction import work
from engine.errors import InvalidInput
from engine.queries.case_history import (
    HistoryChoices,
    HistoryFilter,
    HistoryRow,
    case_history,
    history_choices,
)
from engine.queries.instances import InstanceView
from engine.queries.model_names import ModelNames
from engine.queries.page import Page

PAGE_SIZE = 50
_NAMES = ("process", "instance", "kind", "person", "outcome", "element", "gateways", "order")
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class AskedHistory:
    """What the address asks for; empty texts for what it leaves open. ``gateways``: "1" shows them; ``order``: "oldest"
    turns it round.
    """

    process: str = ""
    instance: str = ""
    kind: str = ""
    person: str = ""
    outcome: str = ""
    element: str = ""
    gateways: str = ""
    order: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether a filter leaves something out."""
        return replace(self, gateways="", order="") != AskedHistory()

    def filter(self) -> HistoryFilter:
        """The same for the query."""
        return HistoryFilter(
            instance_id=self.instance or None,
            process=self.process or None,
            element=self.element or None,
            group=self.kind or None,
            actor=self.person or None,
            outcome=self.outcome or None,
            gateways=bool(self.gateways),
            oldest_first=self.order == "oldest",
        )

    def query(self, **changes: str) -> str:
        """These filters, changed by ``changes``, for an address; ``cursor`` may be added."""
        wanted = replace(self, **{name: value for name, value in changes.items() if name != "cursor"})
        given = {name: value for name in _NAMES if (value := getattr(wanted, name))}
        if changes.get("cursor"):
            given["cursor"] = changes["cursor"]
        return f"?{urlencode(given)}" if given else ""

    def page_address(self, root_id: str) -> str:
        """The file of the case with these filters, at its history."""
        return f"/cases/{root_id}{self.query()}#history"


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """What the template needs."""

    asked: AskedHistory
    page: Page[HistoryRow]
    choices: HistoryChoices
    names: ModelNames

    def name(self, row: HistoryRow) -> str:
        """The element's name in the page's language; its kind for an unnamed one."""
        found = self.names.element(row.ref, row.element)
        return local(found.zh, found.en) or str(KINDS.get(row.kind, row.kind))

    def process(self, ref: str) -> str:
        """The name of a process in the page's language."""
        found = self.names.process(ref)
        return local(found.zh, found.en)

    def chosen_element(self) -> str:
        """The name of the one element that is asked for, as the case's processes call it."""
        for key, version in self.choices.processes:
            found = self.names.definition(f"{key}:{version}").nodes.get(self.asked.element)
            if found is not None:
                return local(found.name, found.properties.get("name.en")) or str(KINDS[found.kind])
        return self.asked.element


def asked_history() -> AskedHistory:
    """The filters of this request. Raises `InvalidInput` for a value that no control offers."""
    given = {name: request.args.get(name, "").strip() for name in _NAMES}
    offered: dict[str, Any] = {
        "kind": GROUPS,
        "outcome": OUTCOMES,
        "gateways": ("1",),
        "order": ("oldest",),
    }
    for name, value in given.items():
        if value and name in offered and value not in offered[name]:
            raise InvalidInput(f"There is no {name} {value[:64]!r}.", {name: sorted(offered[name])})
        if len(value) > _LONGEST or problems_of_text(value):
            raise InvalidInput(f"{name} cannot be searched for.", {name: ["too long or not printable"]})
    return AskedHistory(**given)


def history_part(root: InstanceView, asked: AskedHistory, cursor: str | None, names: ModelNames) -> HistoryPart:
    """A page of the history of the case ``root`` (as `instance` gave it). Four statements."""
    page = case_history(work(), root, asked.filter(), cursor=cursor, limit=PAGE_SIZE)
    choices = history_choices(work(), root)
    shown = (name for row in page.items for name in (row.actor, row.on_behalf_of, row.assignee))
    people_shown.know([*shown, *choices.actors])
    return HistoryPart(asked, page, choices, names)
