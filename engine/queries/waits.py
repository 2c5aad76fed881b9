"""What a case waits for besides people: messages by name and key, signals by name, timers by instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.model.job import LEASED, READY, Job
from engine.model.subscription import MESSAGE, SIGNAL, Subscription
from engine.queries.instances import instance
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class MessageWait:
    """An element of an instance that waits for message ``name`` under ``key``."""

    instance_id: str | None
    element: str
    name: str
    key: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SignalWait:
    """An element of an instance that listens to the signal ``name``."""

    instance_id: str | None
    element: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class JobWait:
    """A timer, service call, message or signal on its way. ``due`` is business time, aware, UTC."""

    instance_id: str | None
    element: str
    kind: str
    topic: str | None
    due: datetime


@dataclass(frozen=True, slots=True)
class Waits:
    """All of it, in order of creation (messages, signals) and of due instants (jobs)."""

    messages: tuple[MessageWait, ...]
    signals: tuple[SignalWait, ...]
    jobs: tuple[JobWait, ...]


def waits(work: Work, instance_id: str) -> Waits:
    """What the case of ``instance_id`` waits for. Raises `NotFound` for a case the principal may not see."""
    root_id = instance(work, instance_id).root_id
    subscription, job = Subscription, Job
    columns = (subscription.kind, subscription.instance_id, subscription.element)
    listening = work.session.execute(
        select(*columns, subscription.name, subscription.key, subscription.created_at)
        .where(subscription.root_id == root_id)
        .order_by(subscription.id)
    ).all()
    jobs = work.session.execute(
        select(job.instance_id, job.element, job.kind, job.topic, job.due)
        .where(job.root_id == root_id, job.status.in_((READY, LEASED)))
        .order_by(job.due, job.id)
    )
    return Waits(
        tuple(MessageWait(*row[1:]) for row in listening if row.kind == MESSAGE),
        tuple(
            SignalWait(row.instance_id, row.element, row.name, row.created_at)
            for row in listening
            if row.kind == SIGNAL
        ),
        tuple(JobWait(*row) for row in jobs),
    )
