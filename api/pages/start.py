"""Starting a case: the processes that one may start, and the start form of one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request

from api.pages.form_texts import form_texts
from api.pages.language import language
from api.transaction import reads, work, writes_once
from engine.commands.start_instance import start_instance
from engine.queries.startable import startable, startables
from forms.localise import heading, localise

blueprint = Blueprint("start", __name__, url_prefix="/start")


@blueprint.get("")
@reads
def show_list() -> str:
    """What one may start."""
    return render_template("start/list.html", found=startables(work()))


@blueprint.get("/<key>")
@reads
def show(key: str) -> str:
    """The start form of one process, or the question whether to start it."""
    found = startable(work(), key)
    lang = language()
    known: dict[str, Any] = {"found": found, "form": None, "heading": None}
    if found.form is not None:
        known["heading"] = heading(found.form, lang)
        known["form"] = {
            "schema": localise(found.form, lang),
            "data": {},
            "draft": None,
            "documents": [],
            "language": lang,
            "texts": form_texts(),
        }
    return render_template("start/page.html", **known)


@blueprint.post("/<key>")
@writes_once
def start(key: str) -> Response:
    """Start a process that asks for nothing; one with a form is started by the form itself, through the API."""
    found = startable(work(), key)
    case = start_instance(work(), key=found.key, unit=request.form.get("unit") or None, variables={})
    return redirect(f"/cases/{case.id}?started=1", 303)  # type: ignore[return-value]  # werkzeug's response class is Flask's
