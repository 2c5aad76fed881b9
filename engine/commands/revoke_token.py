"""Revoke a bearer token."""

from __future__ import annotations

from sqlalchemy import select

from engine.administration import record_administration
from engine.errors import NotFound
from engine.ids import is_id
from engine.model.identity import AccessToken
from engine.runtime import Work


def revoke_token(work: Work, token_id: str) -> None:
    """Revoke the principal's token with this public id. Raises `NotFound` for one that is not theirs or is revoked."""
    row = None
    if is_id(token_id):
        own = select(AccessToken).where(AccessToken.public_id == token_id, AccessToken.user == work.principal.name)
        row = work.session.scalars(own.where(AccessToken.revoked_at.is_(None)).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such token.", token=token_id[:64])
    row.revoked_at = work.raw_now
    record_administration(work, "token:revoked", {"token": row.public_id, "user": row.user, "label": row.name})
