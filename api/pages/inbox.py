"""The inbox: what is mine, what my roles could take, what I did; with filters in the address and a preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import lazy_gettext as _l

from api.pages import people_shown
from api.pages.frame import is_htmx, works_on_cases
from api.pages.language import local
from api.pages.task_page import task_page
from api.text import problems_of_text
from api.transaction import reads, work
from engine.errors import InvalidInput
from engine.queries.inbox import (
    DONE,
    GROUPS,
    MINE,
    InboxFilter,
    counts,
    filter_choices,
    inbox,
    mark,
    newer,
)

blueprint = Blueprint("page_inbox", __name__, url_prefix="/inbox")
PAGE_SIZE = 50
_LONGEST = 100
_RETRY_MS = 10_000
TABS: Mapping[str, Any] = {MINE: _l("Mine"), GROUPS: _l("My roles"), DONE: _l("Done")}
SORT_NAMES: Mapping[str, Any] = {
    "due": _l("Due first"),
    "priority": _l("Priority first"),
    "oldest": _l("Oldest first"),
    "newest": _l("Newest first"),
}
DUES: Mapping[str, Any] = {
    "late": _l("Late"),
    "today": _l("Due today"),
    "week": _l("Due within 7 days"),
    "none": _l("No deadline"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; empty texts for what it leaves open."""

    show: str = MINE
    process: str = ""
    role: str = ""
    due: str = ""
    text: str = ""
    sort: str = "due"
    task: str = ""

    def filter(self) -> InboxFilter:
        """The same for the query."""
        return InboxFilter(
            show=self.show,
            definition_key=self.process or None,
            role=self.role or None,
            due=self.due or None,
            text=self.text or None,
            sort=self.sort,
        )

    def address(self, path: str = "/inbox", **changes: str) -> str:
        """``path`` with these filters, changed by ``changes``; defaults stay out of it."""
        wanted = replace(self, **{name: value for name, value in changes.items() if name != "cursor"})
        default = Asked()
        given = {
            name: getattr(wanted, name)
            for name in ("show", "process", "role", "due", "text", "sort", "task")
            if getattr(wanted, name) != getattr(default, name)
        }
        if changes.get("cursor"):
            given["cursor"] = changes["cursor"]
        return f"{path}?{urlencode(given)}" if given else path

    @property
    def narrowed(self) -> bool:
        """Whether a filter leaves something out."""
        return bool(self.process or self.role or self.due or self.text)


def asked() -> Asked:
    """The filters of this request. Raises `InvalidInput` for a value that no control offers."""
    given = {name: request.args.get(name, "").strip() for name in ("show", "process", "role", "due", "text", "sort")}
    for name, allowed in (("show", TABS), ("due", DUES), ("sort", SORT_NAMES)):
        if given[name] and given[name] not in allowed:
            raise InvalidInput(f"There is no {name} {given[name][:64]!r}.", {name: sorted(allowed)})
    for name in ("process", "role", "text"):
        if len(given[name]) > _LONGEST or problems_of_text(given[name]):
            raise InvalidInput(f"{name} cannot be searched for.", {name: ["too long or not printable"]})
    return Asked(**{name: value for name, value in given.items() if value}, task=request.args.get("task", ""))


@blueprint.get("")
@reads
def show() -> Response:
    """The page; for htmx the list alone, so that the preview stays."""
    wanted = asked()
    cursor = request.args.get("cursor") or None
    if not works_on_cases(work().principal):
        return make_response(render_template("inbox/no_role.html"), 403)
    # Before the list: what comes in between the two statements counts as new although it is listed; never as neither.
    marked = mark(work(), wanted.filter())
    found = inbox(work(), wanted.filter(), cursor=cursor, limit=PAGE_SIZE)
    choices = filter_choices(work())
    people_shown.know(task.completed_by if wanted.show == DONE else task.assignee for task in found.items)
    known: dict[str, Any] = {
        "asked": wanted,
        "page": found,
        "first": cursor is None,
        "mark": marked,
        "tabs": TABS,
        "process_names": {key: local(zh, en) for key, (zh, en) in choices.process_names.items()},
    }
    if is_htmx() and request.headers.get("HX-Target") == "s-inbox-more":
        return _private(make_response(render_template("inbox/_rows.html", **known)))
    known |= {"sorts": SORT_NAMES, "dues": DUES, "choices": choices}
    if is_htmx() and request.headers.get("HX-Target") == "s-inbox-list":
        return _private(make_response(render_template("inbox/_list.html", **known)))
    known["preview"] = task_page(wanted.task) if wanted.task else None
    return _private(make_response(render_template("inbox/page.html", **known)))


@blueprint.get("/counts")
@reads
def tab_counts() -> str:
    """How many tasks each tab holds, capped: read after the list is on the screen."""
    return render_template("inbox/_counts.html", counts=counts(work(), asked().filter()))


@blueprint.get("/events")
@reads
def events() -> Response:
    """How many tasks came to this list since the mark, as a server-sent event.

    Each stream carries one answer and ends; the browser connects again after the time that ``retry`` names. So an
    open inbox holds no thread and no database connection of the server (decision 0010).
    """
    wanted = asked()
    count = newer(work(), wanted.filter(), request.args.get("since", "")) if wanted.show != DONE else 0
    body = f"retry: {_RETRY_MS}\nevent: new\ndata: {count}\n\n"
    response = Response(body, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/tasks/<task_id>")
@reads
def preview(task_id: str) -> str:
    """One task beside the list."""
    return render_template("inbox/_preview.html", preview=task_page(task_id))


def _private(response: Response) -> Response:
    """The same address answers htmx with a part of the page: no cache may mix them up."""
    response.headers["Vary"] = "HX-Request, HX-Target"
    return response
