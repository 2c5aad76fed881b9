"""What every page has around it: navigation by role, person, language, theme, nonce of the content security policy."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from api.pages import shown
from api.pages.assets import asset
from api.pages.fact_values import fact_value
from api.pages.icons import icon
from api.pages.language import language, local
from api.pages.people_shown import person
from api.settings import Settings
from engine.access import ADMIN, AUDIT, NOT_BUSINESS, Principal
from engine.identity import Caller
from engine.queries.people import role_names

THEME_COOKIE = "sancha-theme"
THEMES = ("auto", "light", "dark")
ABROAD = ("/api/", "/metrics")
"""Addresses that answer programs: errors there are problem documents, not pages."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation. ``name`` is the address's first part and the icon's name."""

    name: str
    address: str
    text: Any


_INBOX = Entry("inbox", "/inbox", _l("Inbox"))
_CASES = Entry("cases", "/cases", _l("Cases"))
_START = Entry("start", "/start", _l("Start"))
_AUDIT = Entry("audit", "/audit", _l("Audit"))
_OPERATIONS = Entry("operations", "/operations", _l("Operations"))


def works_on_cases(principal: Principal) -> bool:
    """Whether the person holds a business role, so that tasks can be theirs."""
    return bool(principal.roles - NOT_BUSINESS)


def entries(principal: Principal) -> list[Entry]:
    """What the person may open."""
    found = [_INBOX] if works_on_cases(principal) else []
    found.append(_CASES)
    if works_on_cases(principal):
        found.append(_START)
    if principal.sees_every_case:
        found.append(_AUDIT)
    if principal.holds(ADMIN):
        found.append(_OPERATIONS)
    return found


def landing(principal: Principal) -> str:
    """Where the person begins."""
    if works_on_cases(principal):
        return _INBOX.address
    if principal.holds(ADMIN):
        return _OPERATIONS.address
    return _AUDIT.address if principal.holds(AUDIT) else _CASES.address


def is_page() -> bool:
    """Whether this request is for a person with a browser rather than for a program."""
    return not request.path.startswith(ABROAD)


def is_htmx() -> bool:
    """Whether a part of a page asks, not the browser's address bar."""
    return request.headers.get("HX-Request") == "true"


def nonce() -> str:
    """What marks this answer's own scripts in its content security policy; new for every request."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def content_security_policy() -> str:
    """The policy of a page: nothing from elsewhere, scripts by nonce alone, no inline style.

    ``data:`` images are the arrows of select fields and the marks that bpmn-js draws (decision 0009).
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce()}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def theme() -> str:
    """auto, light or dark, as chosen on this browser."""
    chosen = request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else "auto"


def _context() -> dict[str, Any]:
    me: Caller | None = g.get("caller")
    settings: Settings = current_app.extensions["settings"]
    work = g.get("work")
    return {
        "me": me,
        "nav": entries(me.principal) if me else [],
        "section": request.path.split("/")[1],
        "csrf": me.csrf if me else "",
        "lang": language(),
        "theme": theme(),
        "demo": settings.demo,
        "now": work.now if work is not None else (me.clock.business if me else None),
        "is_htmx": is_htmx(),
        "csp_nonce": nonce(),
    }


def register(app: Flask) -> None:
    """Give the templates of ``app`` their context, filters and functions."""
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.add_extension("jinja2.ext.do")
    app.context_processor(_context)
    app.jinja_env.filters.update(
        moment=shown.moment,
        brief_moment=shown.brief_moment,
        day=shown.day,
        money=shown.money,
        age=shown.age,
        file_size=shown.file_size,
        due_text=shown.due_text,
        initials=lambda text: text.strip()[:1].upper(),
    )
    app.jinja_env.globals.update(
        asset=asset, icon=icon, local=local, person=person, role_name=role_name, fact_value=fact_value
    )


def role_name(role: str | None) -> str:
    """A role in the page's language; its id when the institution has no such role."""
    if role is None:
        return str(_("no role"))
    names: dict[str, tuple[str, str]] = g.get("role_names") or {}
    if not names and (work := g.get("work")) is not None:
        names = g.role_names = role_names(work)
    zh, en = names.get(role, (role, role))
    return local(zh, en)
