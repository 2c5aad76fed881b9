"""End a session."""

from __future__ import annotations

from sqlalchemy import select

from engine.administration import record_administration
from engine.errors import NotFound
from engine.ids import is_id
from engine.model.identity import WebSession
from engine.runtime import Work


def sign_out(work: Work, session_id: str) -> None:
    """End the principal's session with this public id: its cookie is worth nothing from now on.

    Raises `NotFound` for one that is not theirs or has ended.
    """
    row = None
    if is_id(session_id):
        own = select(WebSession).where(WebSession.public_id == session_id, WebSession.user == work.principal.name)
        row = work.session.scalars(own.where(WebSession.ended_at.is_(None)).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such session.", session=session_id[:64])
    row.ended_at = work.raw_now
    record_administration(work, "session:ended", {"session": row.public_id, "user": row.user})
