"""Users: people, their roles in units, their passwords."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Response

from api.rest import people_schemas as schemas
from api.rest.blueprint import Blueprint, PageQuery
from api.rest.sessions import proof_of
from api.transaction import caller, reads, signed_in, work, writes
from engine.commands.change_password import change_password
from engine.commands.change_user import change_user
from engine.commands.create_user import create_user
from engine.commands.grant_role import grant_role
from engine.commands.revoke_role import revoke_role
from engine.passwords import check_password_rules, hash_password
from engine.queries.people import user, users

P = ParamSpec("P")
blueprint = Blueprint("users", __name__, url_prefix="/users", description="People and their roles")


def _hashing(view: Callable[P, Response]) -> Callable[P, Response]:
    """Checks and hashes ``password`` of the body (first argument) before the view's transaction begins.

    ``current``, if it is there, is checked too and becomes ``proof``.
    """

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        body = args[0]
        assert isinstance(body, dict)  # noqa: S101 - flask-smorest puts the parsed body first
        name = str(body.get("name") or kwargs.get("name") or "")
        secret, current = body.pop("password"), body.pop("current", None)
        body["proof"] = None if current is None else proof_of(caller().principal.name, current)
        if secret is not None:
            check_password_rules(secret, name)
        body["password_hash"] = None if secret is None else hash_password(secret)
        return view(*args, **kwargs)

    return wrapped


@blueprint.get("")
@reads
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, schemas.UserPage)
def list_users(query: dict[str, Any]) -> object:
    """All users by name (ADMIN, AUDIT)."""
    return users(work(), **query)


@blueprint.post("")
@signed_in
@blueprint.arguments(schemas.UserBody)
@_hashing
@writes
@blueprint.response(201, schemas.UserSchema)
def create(body: dict[str, Any]) -> object:
    """Add a user (ADMIN)."""
    del body["proof"]
    return create_user(work(), **body)


@blueprint.get("/<name>")
@reads
@blueprint.response(200, schemas.UserSchema)
def get_user(name: str) -> object:
    """One user, for ADMIN, AUDIT and themselves."""
    return user(work(), name)


@blueprint.patch("/<name>")
@writes
@blueprint.arguments(schemas.UserChanges)
@blueprint.response(200, schemas.UserSchema)
def change(body: dict[str, Any], name: str) -> object:
    """Change a user; ``disabled`` ends their sessions and tokens at once (ADMIN)."""
    return change_user(work(), name, body)


@blueprint.put("/<name>/password")
@signed_in
@blueprint.arguments(schemas.PasswordBody)
@_hashing
@writes
@blueprint.response(200, schemas.UserSchema)
def put_password(body: dict[str, Any], name: str) -> object:
    """Set one's own password, or reset another's (ADMIN); everything opened with the old one ends."""
    secrets = {"password_hash": body["password_hash"], "proof": body["proof"]}
    return change_password(work(), name, **secrets, keep_session=caller().session_public_id)


@blueprint.post("/<name>/roles")
@writes
@blueprint.arguments(schemas.GrantBody)
@blueprint.response(200, schemas.UserSchema)
def grant(body: dict[str, Any], name: str) -> object:
    """Let the user hold a role in a unit (ADMIN); roles that exclude each other are refused."""
    return grant_role(work(), name, role=body["role"], unit=body["unit"])


@blueprint.delete("/<name>/roles/<role>/<unit>")
@writes
@blueprint.response(200, schemas.UserSchema)
def revoke(name: str, role: str, unit: str) -> object:
    """Take a role in a unit from the user (ADMIN)."""
    return revoke_role(work(), name, role=role, unit=unit)
