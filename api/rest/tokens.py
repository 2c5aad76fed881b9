"""Tokens: bearer secrets for programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Response

from api.rest import people_schemas as schemas
from api.rest.blueprint import Blueprint, PageQuery
from api.rest.sessions import proof_of, settings
from api.transaction import reads, request_work, sancha, work, writes_once
from engine.access import Principal
from engine.commands.create_token import create_token
from engine.commands.revoke_token import revoke_token
from engine.errors import InvalidInput
from engine.identity import confirm
from engine.queries.people import own_tokens
from engine.runtime import Work

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens", description="Bearer tokens for programs")


@blueprint.post("")
@blueprint.doc(security=[{}, {"bearer": []}, {"session": []}])
@blueprint.arguments(schemas.TokenBody)
@blueprint.response(201, schemas.CreatedTokenSchema)
def create(body: dict[str, Any]) -> object:
    """Make a token by name and password, or for who is signed in. Its secret is told this once."""
    days = body["days"] or settings().token_days
    with _whose(body["name"], body["password"]) as current:
        made = create_token(current, label=body["label"], lifetime=timedelta(days=days))
    return asdict(made.token) | {"token": made.secret}


@blueprint.get("")
@reads
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, schemas.TokenPage)
def list_tokens(query: dict[str, Any]) -> object:
    """One's own tokens that are alive, newest first."""
    return own_tokens(work(), **query)


@blueprint.delete("/<token_id>")
@writes_once
@blueprint.response(204)
def delete(token_id: str) -> Response:
    """Revoke one's own token."""
    revoke_token(work(), token_id)
    return Response(status=204)


@contextmanager
def _whose(name: str | None, password: str | None) -> Iterator[Work]:
    if name is None and password is None:
        with request_work(write=True) as current:
            yield current
        return
    if name is None or password is None:
        missing = "name" if name is None else "password"
        raise InvalidInput("Name and password belong together.", {missing: ["missing"]})
    proof = proof_of(name, password)
    with sancha().work(Principal(proof.name)) as current:
        confirm(current.session, proof)
        yield current
