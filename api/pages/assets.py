"""The browser bundles: scripts and styles made by `python -m api.web.build`, served from this address alone."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from engine.errors import NotFound

blueprint = Blueprint("assets", __name__)
DIST = Path(__file__).resolve().parents[1] / "web" / "dist"
_FOREVER = 31_536_000


def asset(name: str) -> str:
    """The address of bundle ``name`` (``app.js``); its file name carries a digest, so browsers may keep it."""
    return f"/assets/{_manifest(_stamp()).get(name, name)}"


def _stamp() -> float:
    try:
        return (DIST / "manifest.json").stat().st_mtime
    except FileNotFoundError:
        return 0.0


@cache
def _manifest(_stamp: float) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RuntimeError("The browser bundles are missing. Run `python -m api.web.build`.") from None
    return found


@blueprint.get("/assets/<path:name>")
def bundle(name: str) -> Response:
    """One file of the bundles; public, because it is the same for everybody."""
    if name not in set(_manifest(_stamp()).values()):
        raise NotFound("There is no such file.")
    response = send_from_directory(DIST, name, max_age=_FOREVER)
    response.headers["Cache-Control"] = f"public, max-age={_FOREVER}, immutable"
    return response
