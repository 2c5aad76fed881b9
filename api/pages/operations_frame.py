"""What the pages of operations share: they are the administrator's, and answer htmx with the row that changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, make_response, redirect, render_template, request

from api.pages.frame import is_htmx
from api.pages.operations_words import TABS
from api.text import problems_of_text
from api.transaction import work
from engine.access import ADMIN, require
from engine.errors import InvalidInput

PAGE_SIZE = 50
_LONGEST = 100


def administrators_only() -> None:
    """Raises `Forbidden`."""
    require(work().principal, ADMIN, "look after the operation")


def choice(name: str, allowed: Mapping[str, Any], default: str) -> str:
    """The query's ``name``, which is one of ``allowed``. Raises `InvalidInput`."""
    given = request.args.get(name, "") or default
    if given not in allowed:
        raise InvalidInput(f"There is no {name} {given[:64]!r}.", {name: sorted(allowed)})
    return given


def text(name: str) -> str:
    """The query's ``name``, stripped. Raises `InvalidInput` for what nothing stored can contain."""
    given = request.args.get(name, "").strip()
    if len(given) > _LONGEST or problems_of_text(given):
        raise InvalidInput(f"{name} cannot be searched for.", {name: ["too long or not printable"]})
    return given


def cursor() -> str | None:
    """Where the page begins."""
    return request.args.get("cursor") or None


def page(template: str, tab: str, **known: Any) -> Response:
    """The tab's page; for htmx that asks for more rows, these alone (``_<tab>_rows.html``)."""
    target = request.headers.get("HX-Target")
    restoring = request.headers.get("HX-History-Restore-Request") == "true"
    if is_htmx() and not restoring and target == "s-more":
        template = f"operations/_{tab}_rows.html"
    response = make_response(render_template(template, tab=tab, tabs=TABS, **known))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "HX-Request, HX-Target"
    return response


def changed(template: str, address: str, known: Callable[[], Mapping[str, Any]]) -> Response:
    """The answer to a command: for htmx the row as it is now, else the way back to the list."""
    if is_htmx():
        return make_response(render_template(template, **known()))
    return make_response(redirect(address, 303))
