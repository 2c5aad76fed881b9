"""What starts a process without a person: messages, signals, timers and conditions of its latest version alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from engine.deployment.reading import Contents, ProcessFile
from engine.execution.upsert import rows_into
from engine.feel import FeelError
from engine.ids import new_id
from engine.kernel.definition import Conditional, Message, Signal, Timer, TimerKind
from engine.kernel.starting import Trigger, triggers
from engine.kernel.timers import ParsedTimer, first_due, parse_timer
from engine.kernel.values import text_of
from engine.model.job import CANCELLED, LEASED, READY, Job
from engine.model.subscription import CONDITION, MESSAGE, SIGNAL, Subscription
from engine.runtime import Work

START_TIMER = "start-timer"
_QUIET = {"synchronize_session": False}


def check_starts(work: Work, contents: Contents) -> None:
    """Add a finding for each timer that cannot say when it starts the process, and each signal without a fixed name.

    A literal was read when the file was checked; what an expression gives, or a calendar holds, shows only now.
    """
    for process in contents.processes.values():
        for trigger in triggers(process.definition):
            try:
                match trigger.event:
                    case Timer():
                        first_start(work, trigger.event)
                    case Signal():
                        _signal_name(work, trigger.event)
            except (FeelError, ValueError, LookupError) as problem:
                what = "timer" if isinstance(trigger.event, Timer) else "signal"
                node = trigger.node
                contents.error(
                    f"deployment/start-{what}",
                    process.file,
                    f"the start {what} fails: {problem}",
                    line=node.line,
                    column=node.column,
                    element=node.id,
                    name=node.name,
                )


def arm_starts(work: Work, process: ProcessFile, version: int) -> None:
    """Let what starts this new latest version listen, and what started the versions before it no more.

    A subscription that starts instances has no root, the key "" (it takes every key) and the event as ``wait``; a
    condition has the process's key as its name. A start timer is a job without root whose handle is the process's key,
    ``payload``: {"key", "version", "part", "tick"}.
    """
    listened = _disarm(work, process.key)
    found = list(triggers(process.definition))
    rows = [row for trigger in found if (row := _subscription(work, process.key, version, trigger)) is not None]
    for row in rows:
        # A signal thrown while the version before was listening, and not heard yet, is for this one.
        row["created_at"] = listened.get(row["name"], row["created_at"]) if row["kind"] == SIGNAL else row["created_at"]
    if rows:
        work.session.execute(rows_into(Subscription), rows)
    timers = [_timer(work, process.key, version, each) for each in found if isinstance(each.event, Timer)]
    if timers:
        work.session.execute(rows_into(Job), timers)


def _disarm(work: Work, key: str) -> dict[str, datetime]:
    """Let nothing start the process any more; since when it listened to which signals."""
    gone = work.session.execute(
        delete(Subscription)
        .where(Subscription.root_id.is_(None), Subscription.definition_key == key)
        .returning(Subscription.kind, Subscription.name, Subscription.created_at),
        execution_options=_QUIET,
    ).all()
    work.session.execute(
        update(Job)
        .where(Job.kind == START_TIMER, Job.handle == key, Job.status.in_((READY, LEASED)))
        .values(status=CANCELLED, finished_at=work.now),
        execution_options=_QUIET,
    )
    return {name: since for kind, name, since in gone if kind == SIGNAL}


def _subscription(work: Work, key: str, version: int, trigger: Trigger) -> dict[str, Any] | None:
    match trigger.event:
        case Message():
            kind, name = MESSAGE, trigger.event.name
        case Signal():
            kind, name = SIGNAL, _signal_name(work, trigger.event)
        case Conditional():
            kind, name = CONDITION, key
        case _:
            return None
    return {
        "id": new_id(),
        "kind": kind,
        "name": name,
        "key": "",
        "root_id": None,
        "instance_id": None,
        "wait": trigger.node.id,
        "element": trigger.node.id,
        "part": trigger.part,
        "definition_key": key,
        "definition_version": version,
        "created_at": work.now,
    }


def _timer(work: Work, key: str, version: int, trigger: Trigger) -> dict[str, Any]:
    assert isinstance(trigger.event, Timer)  # noqa: S101 - chosen by type
    due, tick = first_start(work, trigger.event)
    return {
        "id": new_id(),
        "kind": START_TIMER,
        "root_id": None,
        "instance_id": None,
        "handle": key,
        "element": trigger.node.id,
        "topic": None,
        "payload": {"key": key, "version": version, "part": trigger.part, "tick": tick},
        "due": due,
        "status": READY,
        "created_at": work.now,
    }


def _signal_name(work: Work, signal: Signal) -> str:
    """The name, which nobody's variables can be part of. Raises `FeelError`, and ValueError for one that is empty."""
    name = text_of(signal.name.evaluate({}, work.now))
    if not name:
        raise ValueError("the signal has no name")
    return name


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
