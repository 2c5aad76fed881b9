"""The visit register: planned and held follow-up visits."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Document, Id, Name, When

PLANNED, OVERDUE, DONE, ISSUE = "PLANNED", "OVERDUE", "DONE", "ISSUE"


class Visit(Base):
    """Visit ``number`` (from 1) of a financing. ``opens_at`` and ``due_at`` are instants; ``report`` is the visit form.

    ``overdue_since`` stays when a late visit is held after all. ``warning`` is the level the result calls for.
    """

    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("financing_id", "number"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    financing_id: Mapped[Id] = mapped_column(ForeignKey("financing.id"))
    number: Mapped[int]
    interval_days: Mapped[int]
    opens_at: Mapped[When]
    due_at: Mapped[When]
    status: Mapped[Name]
    overdue_since: Mapped[When | None]
    report: Mapped[Document | None]
    warning: Mapped[Name | None]
    recorded_at: Mapped[When | None]
