"""What people working on a case say to each other."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Id, LongText, Name, When


class Comment(Base):
    """One contribution to the conversation of a case, never changed afterwards; ``task_id``: made at this task."""

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_root", "root_id", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    root_id: Mapped[Id]
    task_id: Mapped[Id | None]
    text: Mapped[LongText]
    written_by: Mapped[Name]
    written_at: Mapped[When]
