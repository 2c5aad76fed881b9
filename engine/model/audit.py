"""The audit trail: chained digests, the payloads they cover, and checkpoints over all chains."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Document, LongText, Name, When

ADMINISTRATION = "administration"
_FOR_SOMEBODY = text("on_behalf_of IS NOT NULL")


class AuditEvent(Base):
    """One fact in one chain, insert-only by trigger. ``stream`` is a root instance id, or ``administration``.

    ``hash`` is the SHA-256 over the canonical JSON (RFC 8785) of all other columns, ``prev_hash`` that of ``seq - 1``
    ("" for the first). ``payload_digest`` is salted, so that erasing the payload leaves the chain whole.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_at", "at", "stream", "seq"),
        Index("ix_audit_event_actor", "actor", "at"),
        Index("ix_audit_event_action", "action", "at"),
        Index(
            "ix_audit_event_on_behalf_of",
            *("on_behalf_of", "at"),
            sqlite_where=_FOR_SOMEBODY,
            postgresql_where=_FOR_SOMEBODY,
        ),
    )

    stream: Mapped[Name] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[When]
    actor: Mapped[Name]
    on_behalf_of: Mapped[Name | None]
    action: Mapped[Name]
    element: Mapped[Name | None]
    definitions: Mapped[Document]
    subject: Mapped[Name | None]
    payload_digest: Mapped[Name | None]
    prev_hash: Mapped[Name]
    hash: Mapped[Name]


class AuditPayload(Base):
    """What an event was about (before, after, form data, comments, effects), encrypted with its client's key.

    ``key_id`` names the AuditKey; ``salt`` entered the digest; ``body`` is nonce and AES-256-GCM cipher text.
    """

    __tablename__ = "audit_payload"

    stream: Mapped[Name] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[Name]
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class AuditKey(Base):
    """A client's (or the house's) data key, wrapped with the master key. Deleting the row erases the payloads."""

    __tablename__ = "audit_key"

    id: Mapped[Name] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[When]


class AuditStream(Base):
    """The head of a chain that has no root instance of its own (administration)."""

    __tablename__ = "audit_stream"

    stream: Mapped[Name] = mapped_column(primary_key=True)
    seq: Mapped[int]
    head: Mapped[Name]


class AuditCheckpoint(Base):
    """A signed Merkle root over the heads that changed since the checkpoint before.

    ``heads`` lists [stream, seq, hash] of each changed chain, ``merkle_root`` their Merkle root (hex), ``prev_hash``
    the hash of the checkpoint before, ``signature`` Ed25519 over ``hash`` (hex).
    """

    __tablename__ = "audit_checkpoint"

    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[When]
    heads: Mapped[Document]
    merkle_root: Mapped[Name]
    prev_hash: Mapped[Name]
    hash: Mapped[Name]
    signature: Mapped[LongText]
