"""Sessions: signing in and out with a browser."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any, cast

from flask import Response, current_app, make_response, request

from api import auth
from api.rest import people_schemas as schemas
from api.rest.blueprint import Blueprint, PageQuery
from api.settings import Settings
from api.transaction import caller, reads, sancha, work, writes_once
from engine.access import Principal
from engine.attempts import Attempts
from engine.commands.sign_in import sign_in
from engine.commands.sign_out import sign_out
from engine.errors import NotFound
from engine.identity import Proof, prove
from engine.queries.people import own_sessions, user

blueprint = Blueprint("sessions", __name__, url_prefix="/sessions", description="Signing in and out with a browser")


def settings() -> Settings:
    """The installation's settings."""
    return cast(Settings, current_app.extensions["settings"])


def proof_of(name: str, password: str) -> Proof:
    """Check a password that this request brings. Raises `NotAuthenticated`, `TooManyAttempts`."""
    attempts = cast(Attempts, current_app.extensions["attempts"])
    return prove(sancha().store, attempts, name=name, password=password, address=request.remote_addr or "")


@blueprint.post("")
@blueprint.doc(security=[])
@blueprint.arguments(schemas.SignInBody)
@blueprint.response(201, schemas.CurrentSessionSchema)
def create(body: dict[str, Any]) -> object:
    """Sign in: the session's secret comes as a cookie, its CSRF token in the body."""
    proof = proof_of(body["name"], body["password"])
    lifetime = timedelta(hours=settings().session_hours)
    with sancha().work(Principal(proof.name)) as current:
        opened = sign_in(current, proof, agent=request.headers.get("User-Agent"), lifetime=lifetime)
    response = make_response(
        schemas.CurrentSessionSchema().dump(asdict(opened.session) | {"csrf": opened.csrf, "user": opened.user}), 201
    )
    auth.set_session_cookie(response, opened.secret, int(lifetime.total_seconds()))
    return response


@blueprint.get("")
@reads
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, schemas.SessionPage)
def list_sessions(query: dict[str, Any]) -> object:
    """One's own sessions that are alive, newest first."""
    return own_sessions(work(), **query)


@blueprint.get("/current")
@reads
@blueprint.response(200, schemas.CurrentSessionSchema)
def get_current() -> object:
    """The session of this request and who is signed in; 404 for a program with a bearer token."""
    found = caller()
    return {
        "id": _current_id(),
        "csrf": found.csrf,
        "created_at": found.created_at,
        "expires_at": found.expires_at,
        "user": user(work(), found.principal.name),
    }


@blueprint.delete("/current")
@writes_once
@blueprint.response(204)
def delete_current() -> Response:
    """Sign out: end the session of this request."""
    return _ended(_current_id())


@blueprint.delete("/<session_id>")
@writes_once
@blueprint.response(204)
def delete(session_id: str) -> Response:
    """End one's own session with this id, on whatever machine it is."""
    return _ended(session_id)


def _ended(session_id: str) -> Response:
    sign_out(work(), session_id)
    response = Response(status=204)
    if session_id == caller().session_public_id:
        auth.clear_session_cookie(response)
    return response


def _current_id() -> str:
    found = caller().session_public_id
    if found is None:
        raise NotFound("This request belongs to no session.")
    return found
