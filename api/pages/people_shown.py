"""People by their display name, with the sign-in name on hover; one statement for all that a page names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from flask import g
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from api.transaction import sancha
from engine.access import SYSTEM
from engine.errors import EngineError
from engine.queries.people import display_names
from engine.runtime import Work


def know(names: Iterable[str | None]) -> None:
    """Read the display names of ``names``, so that the template needs no statement of its own for each."""
    known: dict[str, str] = g.setdefault("display_names", {})
    missing = {name for name in names if name and name not in known}
    if missing:
        known.update({name: name for name in missing} | _read(missing))


def _read(names: Iterable[str]) -> dict[str, str]:
    work: Work | None = g.get("work")
    if work is not None:
        return display_names(work, names)
    # What went wrong is told after the transaction in which it did; without a database, names stay as they are.
    with contextlib.suppress(EngineError, SQLAlchemyError), sancha().work(SYSTEM, write=False) as reading:
        return display_names(reading, names)
    return {}


def display_name(name: str) -> str:
    """How ``name`` is called: the display name, or words for the engine and third parties."""
    if name == "system":
        return str(_("the system"))
    if name == "third-party":
        return str(_("a third party"))
    know([name])
    return str(g.display_names.get(name, name)) if "display_names" in g else name


def person(name: str | None) -> Markup:
    """``name`` for a page."""
    if not name:
        return Markup('<span class="text-secondary">–</span>')
    return Markup('<span class="s-person" title="{}">{}</span>').format(name, display_name(name))
