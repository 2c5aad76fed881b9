"""What a case waits for, as rows: timers and service calls are jobs, awaited messages are subscriptions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, delete, update

from engine.execution.payload import encode
from engine.execution.upsert import rows_into
from engine.execution.writing import Writing
from engine.ids import new_id
from engine.jobs.correlation import THROWN, lock_keys, match_parked, message_job
from engine.kernel.effects import AwaitMessage, MessageThrown, ServiceRequested, TimerSet
from engine.model.job import CANCELLED, LEASED, READY, Job
from engine.model.subscription import Subscription

TIMER, SERVICE = "timer", "service"
_DEFAULT_ATTEMPTS = 4
_QUIET = {"synchronize_session": False}


def set_timers(writing: Writing, timers: Iterable[TimerSet]) -> None:
    """A job per timer, with the wait as handle, due at its instant."""
    rows = [
        _job_row(writing, effect.instance, TIMER, effect.wait, effect.element) | {"due": effect.due}
        for effect in timers
    ]
    _insert_jobs(writing, rows)


def request_services(writing: Writing, requests: Iterable[ServiceRequested]) -> None:
    """A job per service call, with the token as handle, due now. ``payload``: {"variables": encoded, "step"}.

    A topic without a handler gets its job too: it waits and becomes an incident, it is never lost.
    """
    rows = []
    for effect in requests:
        handler = writing.work.sancha.handlers.get(effect.topic)
        rows.append(
            _job_row(writing, effect.instance, SERVICE, effect.token, effect.element)
            | {
                "topic": effect.topic,
                "payload": {"variables": encode(effect.variables), "step": effect.step},
                "max_attempts": handler.max_attempts if handler else _DEFAULT_ATTEMPTS,
            }
        )
    _insert_jobs(writing, rows)


def clear_timers(writing: Writing, waits: Collection[str]) -> None:
    """Cancel the timers of ``waits``; a worker that holds one finds it cancelled when it settles."""
    _cancel_jobs(writing, TIMER, waits)


def withdraw_services(writing: Writing, tokens: Collection[str]) -> None:
    """Cancel the service calls of ``tokens``; a late result is refused."""
    _cancel_jobs(writing, SERVICE, tokens)


def subscribe(writing: Writing, awaited: Collection[AwaitMessage]) -> None:
    """Insert subscriptions under the locks of their keys; messages that came early are delivered by jobs due now."""
    if not awaited:
        return
    pairs = [(effect.name, effect.key) for effect in awaited]
    lock_keys(writing.session, pairs)
    rows = [
        {
            "id": new_id(),
            "name": effect.name,
            "key": effect.key,
            "root_id": writing.root.id,
            "instance_id": writing.root.instances[effect.instance],
            "wait": effect.wait,
            "element": effect.element,
            "definition_key": None,
            "definition_version": None,
            "created_at": writing.now,
        }
        for effect in awaited
    ]
    writing.session.execute(rows_into(Subscription), rows)
    match_parked(writing.session, pairs, writing.now)


def stop_awaiting(writing: Writing, waits: Collection[str]) -> None:
    """Delete the subscriptions of ``waits``."""
    if waits:
        writing.session.execute(
            delete(Subscription).where(Subscription.root_id == writing.root.id, Subscription.wait.in_(sorted(waits))),
            execution_options=_QUIET,
        )


def send_thrown(writing: Writing, thrown: Iterable[MessageThrown]) -> None:
    """A job per thrown message: another root is never touched in this transaction.

    ``payload``: name, key and the encoded variables as ``payload``.
    """
    rows = []
    for effect in thrown:
        payload = {"name": effect.name, "key": effect.key, "payload": encode(effect.payload)}
        instance = {"instance_id": writing.root.instances[effect.instance]}
        rows.append(message_job(THROWN, payload, writing.now) | instance)
    _insert_jobs(writing, rows)


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


def _insert_jobs(writing: Writing, rows: list[dict[str, Any]]) -> None:
    if rows:
        writing.session.execute(rows_into(Job), rows)


def _cancel_jobs(writing: Writing, kind: str, handles: Collection[str]) -> None:
    if handles:
        of_root = {"of_root": writing.root.id, "of_kind": kind, "handles": sorted(handles), "now": writing.now}
        writing.session.execute(_cancelled_jobs(), of_root)


@cache
def _cancelled_jobs() -> Update:
    jobs = cast(Table, Job.__table__)
    return (
        update(jobs)
        .where(
            jobs.c.root_id == bindparam("of_root"),
            jobs.c.kind == bindparam("of_kind"),
            jobs.c.handle.in_(bindparam("handles", expanding=True)),
            jobs.c.status.in_((READY, LEASED)),
        )
        .values(status=CANCELLED, finished_at=bindparam("now"))
    )
