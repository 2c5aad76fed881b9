"""What starts a process without a person: message and timer start events of its latest version, and only of that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from engine.deployment.reading import Contents, ProcessFile
from engine.execution.upsert import rows_into
from engine.feel import FeelError
from engine.ids import new_id
from engine.kernel.definition import Message, Node, Timer, TimerKind
from engine.kernel.timers import ParsedTimer, first_due, parse_timer
from engine.kernel.values import text_of
from engine.model.job import CANCELLED, LEASED, READY, Job
from engine.model.subscription import Subscription
from engine.runtime import Work

START_TIMER = "start-timer"
_QUIET = {"synchronize_session": False}


def check_starts(work: Work, contents: Contents) -> None:
    """Add a finding for each timer start event that cannot say when it is due.

    A literal was read when the file was checked; what an expression gives, or a calendar holds, shows only now.
    """
    for process in contents.processes.values():
        for node in process.starts:
            if not isinstance(node.event, Timer):
                continue
            try:
                first_start(work, node.event)
            except (FeelError, ValueError, LookupError) as problem:
                contents.error(
                    "deployment/start-timer",
                    process.file,
                    f"the start timer fails: {problem}",
                    line=node.line,
                    column=node.column,
                    element=node.id,
                    name=node.name,
                )


def arm_starts(work: Work, process: ProcessFile, version: int) -> None:
    """Let the start events of this new latest version listen, and those of the versions before it no more.

    A subscription of a start event has no root, the key "" (it takes every key) and the event as ``wait``; a start
    timer is a job without root whose handle is the process's key, ``payload``: {"key", "version", "tick"}.
    """
    work.session.execute(
        delete(Subscription).where(Subscription.root_id.is_(None), Subscription.definition_key == process.key),
        execution_options=_QUIET,
    )
    work.session.execute(
        update(Job)
        .where(Job.kind == START_TIMER, Job.handle == process.key, Job.status.in_((READY, LEASED)))
        .values(status=CANCELLED, finished_at=work.now),
        execution_options=_QUIET,
    )
    messages = [node for node in process.starts if isinstance(node.event, Message)]
    if messages:
        rows = [_subscription(work, process.key, version, node) for node in messages]
        work.session.execute(rows_into(Subscription), rows)
    timers = [node for node in process.starts if isinstance(node.event, Timer)]
    if timers:
        work.session.execute(rows_into(Job), [_timer(work, process.key, version, node) for node in timers])


def _subscription(work: Work, key: str, version: int, node: Node) -> dict[str, Any]:
    assert isinstance(node.event, Message)  # noqa: S101 - chosen by type
    return {
        "id": new_id(),
        "name": node.event.name,
        "key": "",
        "root_id": None,
        "instance_id": None,
        "wait": node.id,
        "element": node.id,
        "definition_key": key,
        "definition_version": version,
        "created_at": work.now,
    }


def _timer(work: Work, key: str, version: int, node: Node) -> dict[str, Any]:
    assert isinstance(node.event, Timer)  # noqa: S101 - chosen by type
    due, tick = first_start(work, node.event)
    return {
        "id": new_id(),
        "kind": START_TIMER,
        "root_id": None,
        "instance_id": None,
        "handle": key,
        "element": node.id,
        "topic": None,
        "payload": {"key": key, "version": version, "tick": tick},
        "due": due,
        "status": READY,
        "created_at": work.now,
    }


def first_start(work: Work, timer: Timer) -> tuple[datetime, list[str | int] | None]:
    """When the timer is due first (UTC), and its tick for the next time; None for working time, which has no cycle.

    Raises `FeelError`, `ValueError` and `LookupError` (a calendar that does not exist).
    """
    if timer.calendar is not None and timer.kind is TimerKind.DURATION:
        duration = text_of(timer.value.evaluate({}, work.now)) or ""
        return work.sancha.working_time.add(work.now, duration, timer.calendar), None
    tick = first_due(start_timer(work, timer), work.now)
    return tick.at, tick.to_json()


def start_timer(work: Work, timer: Timer) -> ParsedTimer:
    """The timer of a start event, in its own zone. Raises `FeelError` and `ValueError`."""
    return parse_timer(timer.kind, timer.value.evaluate({}, work.now), zone=timer.zone)
