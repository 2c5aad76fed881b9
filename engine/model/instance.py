"""Process instances, the stored scopes of their state, and the steps they took."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Id, LongText, Name, ScopePath, When

ACTIVE, SUSPENDED = "active", "suspended"
COMPLETED, TERMINATED, CANCELLED = "completed", "terminated", "cancelled"


class ProcessInstance(Base):
    """A root instance or an instance it called. ``scope`` is its kernel scope (``1`` for a root).

    Only the root's row carries the lock, the ``revision`` (one more per command, made by ``changed_by`` at
    ``changed_at``), the audit head (``audit_seq``, ``audit_head``), the ``subject`` (the client the case is about,
    whose key encrypts audit payloads), the ``client_name`` that people read, and the suspension of the whole tree.
    ``status``: active, suspended, completed, terminated, cancelled or failed.
    """

    __tablename__ = "process_instance"
    __table_args__ = (
        Index("ix_process_instance_root", "root_id", "scope", unique=True),
        Index("ix_process_instance_business_key", "business_key"),
        Index("ix_process_instance_definition", "definition_key", "status", "id"),
        Index("ix_process_instance_started_by", "started_by", "id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    root_id: Mapped[Id]
    scope: Mapped[ScopePath]
    parent_id: Mapped[Id | None]
    called_from: Mapped[Name | None]
    definition_id: Mapped[Id] = mapped_column(ForeignKey("process_definition.id"))
    definition_key: Mapped[Name]
    definition_version: Mapped[int]
    business_key: Mapped[Name]
    unit: Mapped[Name]
    status: Mapped[Name] = mapped_column(default=ACTIVE)
    revision: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[Name]
    started_at: Mapped[When]
    ended_at: Mapped[When | None]
    end_event: Mapped[Name | None]
    changed_by: Mapped[Name]
    changed_at: Mapped[When]
    subject: Mapped[Name | None]
    client_name: Mapped[Name | None]
    audit_seq: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[Name] = mapped_column(default="")


class ScopeState(Base):
    """One scope of a root instance's state as the kernel encoded it; ``parent`` is the enclosing scope's path."""

    __tablename__ = "scope_state"
    __table_args__ = (Index("ix_scope_state_parent", "root_id", "parent"),)

    root_id: Mapped[Id] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    scope: Mapped[ScopePath] = mapped_column(primary_key=True)
    parent: Mapped[ScopePath | None]
    body: Mapped[LongText]


class Step(Base):
    """One visit of one element. ``outcome`` None while the token is there; ``actor`` who completed it, if a person."""

    __tablename__ = "step"
    __table_args__ = (Index("ix_step_instance", "instance_id", "number"),)

    root_id: Mapped[Id] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[Id]
    element: Mapped[Name]
    kind: Mapped[Name]
    entered_at: Mapped[When]
    left_at: Mapped[When | None]
    outcome: Mapped[Name | None]
    actor: Mapped[Name | None]


class Counter(Base):
    """A named counter, taken under its row lock: case numbers count without gap inside a year."""

    __tablename__ = "counter"

    name: Mapped[Name] = mapped_column(primary_key=True)
    value: Mapped[int]


class BusinessClock(Base):
    """One row: seconds that business time runs ahead of the database's time. Only demo and tests may move it."""

    __tablename__ = "business_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    offset_seconds: Mapped[int]
