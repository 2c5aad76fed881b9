"""What instances listen to, and the messages that arrived."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Document, Id, LongText, Name, ScopePath, When

PARKED, DELIVERED, EXPIRED = "parked", "delivered", "expired"


class CorrelationKey(Base):
    """The meeting point of senders and subscribers of one message name and key: both lock this row first."""

    __tablename__ = "correlation_key"

    name: Mapped[Name] = mapped_column(primary_key=True)
    key: Mapped[Name] = mapped_column(primary_key=True)


class Subscription(Base):
    """A wait for a message. For a message start event ``root_id`` is None and ``definition_key`` says what starts."""

    __tablename__ = "subscription"
    __table_args__ = (
        Index("ix_subscription_correlation", "name", "key"),
        Index("ix_subscription_wait", "root_id", "wait"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Name]
    key: Mapped[Name]
    root_id: Mapped[Id | None]
    instance_id: Mapped[Id | None]
    wait: Mapped[ScopePath]
    element: Mapped[Name]
    definition_key: Mapped[Name | None]
    definition_version: Mapped[int | None]
    created_at: Mapped[When]


class Message(Base):
    """A message that arrived, kept as it came. ``message_id`` of one ``source`` has an effect only once.

    ``status``: parked until ``expires_at``, delivered (to ``root_id``), or expired with an incident.
    """

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("source", "message_id"), Index("ix_message_parked", "name", "key", "status"))

    id: Mapped[Id] = mapped_column(primary_key=True)
    source: Mapped[Name]
    message_id: Mapped[Name]
    name: Mapped[Name]
    key: Mapped[Name]
    payload: Mapped[Document]
    raw: Mapped[LongText | None]
    status: Mapped[Name]
    received_at: Mapped[When]
    expires_at: Mapped[When]
    delivered_at: Mapped[When | None]
    root_id: Mapped[Id | None]


class CallbackNonce(Base):
    """A nonce of a signed callback, kept until its timestamp is out of tolerance."""

    __tablename__ = "callback_nonce"

    source: Mapped[Name] = mapped_column(primary_key=True)
    nonce: Mapped[Name] = mapped_column(primary_key=True)
    seen_at: Mapped[When]
