"""Incidents: what stopped, why, and what became of it."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Id, LongText, Name, ScopePath, When

OPEN, RESOLVED = "open", "resolved"
_OPEN = text("status = 'open'")


class Incident(Base):
    """``kind``: step (a token that failed in the kernel), job (attempts used up), message (nobody wanted it), task (a
    task whose attributes could not be worked out). ``step`` is the number of the visit that stopped, if it is one.
    """

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_open", "created_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_incident_handle", "root_id", "handle"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Name]
    root_id: Mapped[Id | None]
    instance_id: Mapped[Id | None]
    job_id: Mapped[Id | None]
    handle: Mapped[ScopePath]
    step: Mapped[int | None]
    element: Mapped[Name]
    code: Mapped[Name]
    message: Mapped[LongText]
    status: Mapped[Name] = mapped_column(default=OPEN)
    created_at: Mapped[When]
    resolved_at: Mapped[When | None]
    resolved_by: Mapped[Name | None]
