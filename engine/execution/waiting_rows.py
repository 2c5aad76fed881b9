"""What a case waits for, as rows: timers and service calls are jobs, awaited messages and signals subscriptions."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    literal_column,
    or_,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from engine.execution.payload import encode
from engine.execution.upsert import rows_into
from engine.execution.writing import Writing
from engine.ids import new_id
from engine.jobs.correlation import MATCH, THROWN, Pair, lock_keys, matching, message_job
from engine.jobs.retry import read_retries
from engine.jobs.signals import cancel_signals, throwing_job
from engine.kernel.effects import AwaitMessage, AwaitSignal, MessageThrown, ServiceRequested, SignalThrown, TimerSet
from engine.model.instance import SUSPENDED
from engine.model.job import CANCELLED, LEASED, READY, Job
from engine.model.subscription import MESSAGE, PARKED, SIGNAL, Message, Subscription

TIMER, SERVICE = "timer", "service"
_DEFAULT_ATTEMPTS = 4
_QUIET = {"synchronize_session": False}


def timer_job(writing: Writing, effect: TimerSet) -> dict[str, Any]:
    """The job of a timer: the wait is its handle, due at its instant."""
    return _job_row(writing, effect.instance, TIMER, effect.wait, effect.element) | {"due": effect.due}


def service_job(writing: Writing, effect: ServiceRequested) -> dict[str, Any]:
    """The job of a service call: the token is its handle, due now. ``payload``: {"variables": encoded, "step"}.

    A topic without a handler gets its job too: it waits and becomes an incident, it is never lost. What the model says
    about retries goes before what the handler says; the payload then has it as ``retry``.
    """
    handler = writing.work.sancha.handlers.get(effect.topic)
    payload: dict[str, Any] = {"variables": encode(effect.variables), "step": effect.step}
    attempts = handler.max_attempts if handler else _DEFAULT_ATTEMPTS
    if effect.retry is not None:
        try:
            attempts = len(read_retries(effect.retry)) + 1
            payload["retry"] = effect.retry
        except ValueError:
            pass  # a model of before the deployment check looked at it: the handler's own count
    return _job_row(writing, effect.instance, SERVICE, effect.token, effect.element) | {
        "topic": effect.topic,
        "payload": payload,
        "max_attempts": attempts,
    }


def thrown_job(writing: Writing, effect: MessageThrown | SignalThrown) -> dict[str, Any]:
    """The job that sends a thrown message or signal: another root is never touched in this transaction.

    ``payload`` of a message: name, key and the encoded variables as ``payload``.
    """
    if isinstance(effect, SignalThrown):
        row = throwing_job(effect.name, effect.payload, writing.now, thrown_by=writing.root.id, element=effect.element)
        return _loose_row(row, writing.root.instances[effect.instance])
    payload = {"name": effect.name, "key": effect.key, "payload": encode(effect.payload)}
    return _loose_row(message_job(THROWN, payload, writing.now), writing.root.instances[effect.instance])


def delivery_job(writing: Writing, pair: Pair) -> dict[str, Any]:
    """The job, due now, that delivers a message that came before it was awaited."""
    return _loose_row(message_job(MATCH, matching(pair), writing.now), None)


def add_jobs(writing: Writing, *rows: dict[str, Any]) -> None:
    """Insert jobs; no statement when there are none, else one."""
    if rows:
        writing.session.execute(rows_into(Job), rows)


def cancel_jobs(writing: Writing, *, timers: Collection[str], services: Collection[str]) -> None:
    """Cancel the timers of waits and the service calls of tokens; no statement when there are none, else one.

    A worker that holds one finds it cancelled when it settles: a late result is refused.
    """
    if timers or services:
        of_root = {"of_root": writing.root.id, "now": writing.now, "waits": sorted(timers), "tokens": sorted(services)}
        writing.session.execute(_cancelled_jobs(), of_root)


def subscribe(writing: Writing, awaited: Collection[AwaitMessage | AwaitSignal]) -> list[Pair]:
    """Insert subscriptions, those for messages under the locks of their keys; returns the keys of which messages came
    early. A signal that was thrown before reaches nobody, so there is nothing to lock for it.
    """
    if not awaited:
        return []
    lock_keys(writing.session, [(effect.name, effect.key) for effect in awaited if isinstance(effect, AwaitMessage)])
    rows = [
        {
            "id": new_id(),
            "kind": MESSAGE if isinstance(effect, AwaitMessage) else SIGNAL,
            "name": effect.name,
            "key": effect.key if isinstance(effect, AwaitMessage) else "",
            "root_id": writing.root.id,
            "instance_id": writing.root.instances[effect.instance],
            "wait": effect.wait,
            "element": effect.element,
            "part": 0,
            "definition_key": None,
            "definition_version": None,
            "created_at": writing.now,
        }
        for effect in awaited
    ]
    inserted = writing.session.execute(_subscribing(), rows)
    return sorted({(name, key) for kind, name, key, came_early in inserted if came_early and kind == MESSAGE})


def stop_listening(writing: Writing) -> None:
    """Cancel the signals on their way to a case that ends while it is suspended; no statement for another.

    Those to a case that is not suspended come, and find it ended.
    """
    if writing.root.row.status == SUSPENDED:
        cancel_signals(writing.session, writing.root.id, writing.now)


def stop_awaiting(writing: Writing, waits: Collection[str]) -> None:
    """Delete the subscriptions of ``waits``."""
    if waits:
        writing.session.execute(
            delete(Subscription).where(Subscription.root_id == writing.root.id, Subscription.wait.in_(sorted(waits))),
            execution_options=_QUIET,
        )


def _job_row(writing: Writing, instance: str, kind: str, handle: str, element: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": kind,
        "root_id": writing.root.id,
        "instance_id": writing.root.instances[instance],
        "handle": handle,
        "element": element,
        "topic": None,
        "payload": {},
        "due": writing.now,
        "status": READY,
        "max_attempts": _DEFAULT_ATTEMPTS,
        "created_at": writing.now,
    }


def _loose_row(row: dict[str, Any], instance_id: str | None) -> dict[str, Any]:
    """The row of a job that belongs to no root, with every column that `_job_row` gives."""
    return {"topic": None, "max_attempts": _DEFAULT_ATTEMPTS} | row | {"instance_id": instance_id}


@cache
def _subscribing() -> ReturningInsert[Any]:
    """Inserts subscriptions and tells of each whether a message for it is parked."""
    plain, messages = cast(Table, Subscription.__table__), cast(Table, Message.__table__).c
    # As text, because SQLAlchemy does not correlate a subquery with the row that an INSERT returns.
    name: ColumnElement[str] = literal_column("subscription.name")
    key: ColumnElement[str] = literal_column("subscription.key")
    parked = exists().where(messages.name == name, messages.key == key, messages.status == PARKED)
    return insert(plain).returning(plain.c.kind, plain.c.name, plain.c.key, parked)


@cache
def _cancelled_jobs() -> Update:
    jobs = cast(Table, Job.__table__)
    timers = and_(jobs.c.kind == TIMER, jobs.c.handle.in_(bindparam("waits", expanding=True)))
    services = and_(jobs.c.kind == SERVICE, jobs.c.handle.in_(bindparam("tokens", expanding=True)))
    return (
        update(jobs)
        .where(jobs.c.root_id == bindparam("of_root"), or_(timers, services), jobs.c.status.in_((READY, LEASED)))
        .values(status=CANCELLED, finished_at=bindparam("now"))
    )
