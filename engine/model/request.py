"""Answers already given, so that a repeated request has no second effect; and stored documents."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Id, LongText, Name, When


class IdempotencyRecord(Base):
    """The first answer to ``key`` by ``principal`` on ``route``; ``digest`` is the SHA-256 of the request body."""

    __tablename__ = "idempotency_record"
    __table_args__ = (Index("ix_idempotency_record_created_at", "created_at"),)

    principal: Mapped[Name] = mapped_column(primary_key=True)
    route: Mapped[Name] = mapped_column(primary_key=True)
    key: Mapped[Name] = mapped_column(primary_key=True)
    digest: Mapped[Name]
    status: Mapped[int]
    headers: Mapped[LongText]
    body: Mapped[LongText]
    created_at: Mapped[When]


class StoredDocument(Base):
    """A file that somebody attached to a case. The bytes lie in the document folder under their SHA-256."""

    __tablename__ = "document"
    __table_args__ = (Index("ix_document_root", "root_id", "id"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    root_id: Mapped[Id | None]
    task_id: Mapped[Id | None]
    name: Mapped[Name]
    media_type: Mapped[Name]
    size: Mapped[int]
    sha256: Mapped[Name]
    uploaded_by: Mapped[Name]
    uploaded_at: Mapped[When]
