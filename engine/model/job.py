"""Jobs: everything that happens later or elsewhere, as rows."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Document, Id, LongText, Name, ScopePath, When

READY, LEASED, DONE, FAILED, CANCELLED = "ready", "leased", "done", "failed", "cancelled"
_READY = text("status = 'ready'")
_LEASED = text("status = 'leased'")
_FAILED = text("status = 'failed'")


class Job(Base):
    """A timer, service call, message or signal to another instance, SLA milestone or housekeeping task.

    ``due`` is business time; ``lease_until`` is raw database time. ``fence`` grows with each lease: a result that
    carries an older one is refused. ``handle`` is the kernel's token or wait. ``attempts`` counts started attempts.
    ``kind``: timer, service, start-timer, message, signal, milestone, checkpoint, expiry. A job of a suspended
    instance stays ``ready`` with ``suspended`` set and is not taken.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "due", "id", sqlite_where=_READY, postgresql_where=_READY),
        Index("ix_job_lease", "lease_until", sqlite_where=_LEASED, postgresql_where=_LEASED),
        Index("ix_job_failed", "due", "id", sqlite_where=_FAILED, postgresql_where=_FAILED),
        Index("ix_job_handle", "root_id", "handle"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Name]
    root_id: Mapped[Id | None]
    instance_id: Mapped[Id | None]
    handle: Mapped[ScopePath]
    element: Mapped[Name]
    topic: Mapped[Name | None]
    payload: Mapped[Document]
    due: Mapped[When]
    status: Mapped[Name] = mapped_column(default=READY)
    suspended: Mapped[bool] = mapped_column(default=False)
    lease_owner: Mapped[Name | None]
    lease_until: Mapped[When | None]
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=4)
    last_error: Mapped[LongText | None]
    created_at: Mapped[When]
    finished_at: Mapped[When | None]


class Worker(Base):
    """A process that runs the tick, seen last at ``seen_at`` (raw database time)."""

    __tablename__ = "worker"

    id: Mapped[Name] = mapped_column(primary_key=True)
    kind: Mapped[Name]
    started_at: Mapped[When]
    seen_at: Mapped[When]
