"""What instances listen to, and the messages that arrived."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Document, Id, LongText, Name, ScopePath, When

PARKED, DELIVERED, EXPIRED = "parked", "delivered", "expired"
MESSAGE, SIGNAL, CONDITION = "message", "signal", "condition"
"""Kinds of subscriptions."""
_SIGNAL = text("kind = 'signal'")


class CorrelationKey(Base):
    """The meeting point of senders and subscribers of one message name and key: both lock this row first."""

    __tablename__ = "correlation_key"

    name: Mapped[Name] = mapped_column(primary_key=True)
    key: Mapped[Name] = mapped_column(primary_key=True)


class Subscription(Base):
    """A wait for a message or a signal; a signal has the key "", as it reaches everybody who listens to its name.

    Of what starts instances ``root_id`` is None, ``definition_key`` says what starts at ``element``, and ``part`` which
    of a multiple event's definitions it is; there a ``kind`` condition is one that somebody has to ask for.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        Index("ix_subscription_correlation", "name", "key"),
        Index("ix_subscription_signal", "name", "root_id", sqlite_where=_SIGNAL, postgresql_where=_SIGNAL),
        Index("ix_subscription_wait", "root_id", "wait"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Name] = mapped_column(default=MESSAGE)
    name: Mapped[Name]
    key: Mapped[Name]
    root_id: Mapped[Id | None]
    instance_id: Mapped[Id | None]
    wait: Mapped[ScopePath]
    element: Mapped[Name]
    part: Mapped[int] = mapped_column(default=0)
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
