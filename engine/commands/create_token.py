"""Make a bearer token for a program."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from engine.administration import checked_text, record_administration
from engine.errors import InvalidInput
from engine.identity import hash_secret, new_secret
from engine.ids import new_id
from engine.model.identity import AccessToken
from engine.queries.people import TokenView, token_view
from engine.runtime import Work

MAX_LIFETIME = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """``secret`` is told this once; the database keeps its hash."""

    secret: str = field(repr=False)
    token: TokenView


def create_token(work: Work, *, label: str, lifetime: timedelta = timedelta(days=90)) -> CreatedToken:
    """A token with all rights of the principal, ending by itself after ``lifetime`` (at most 366 days).

    Who is not signed in proves their password first and calls this as that principal after `identity.confirm`.
    Raises `InvalidInput`.
    """
    label = checked_text(label, "label")
    if not timedelta() < lifetime <= MAX_LIFETIME:
        raise InvalidInput(f"A token lasts 1 to {MAX_LIFETIME.days} days.", {"days": [f"1 to {MAX_LIFETIME.days}"]})
    secret = new_secret()
    row = AccessToken(
        id=hash_secret(secret),
        public_id=new_id(),
        user=work.principal.name,
        name=label,
        created_at=work.raw_now,
        expires_at=work.raw_now + lifetime,
    )
    work.session.add(row)
    payload = {"token": row.public_id, "user": row.user, "label": label, "expires": row.expires_at}
    record_administration(work, "token:created", payload)
    return CreatedToken(secret, token_view(row))
