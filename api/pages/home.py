"""The front door: everybody lands where their work is."""

from __future__ import annotations

from flask import Blueprint, Response, redirect

from api.pages.frame import landing
from api.transaction import caller, reads

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@reads
def home() -> Response:
    """To the inbox, or to what somebody without business role does."""
    return redirect(landing(caller().principal), 303)  # type: ignore[return-value]  # werkzeug's response class is Flask's
