"""Timer start events: a job per event of the latest version of a process starts an instance at each tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, update

from engine.execution.start import start_root
from engine.ids import new_id
from engine.jobs.acquire import Claimed
from engine.jobs.lease import settle
from engine.kernel.definition import Definition, Node, Timer, TimerKind
from engine.kernel.timers import ParsedTimer, Tick, first_due, next_due, parse_timer
from engine.model.job import CANCELLED, LEASED, READY, Job
from engine.runtime import Work

START_TIMER = "start-timer"


def arm_start_timers(work: Work, definition: Definition, version: int) -> None:
    """Makes the jobs of the timer start events of ``definition``, version ``version`` of its process, which was just
    deployed; those of earlier versions end. At most two statements. Raises `TimerSyntaxError`, `TimerOutOfRange`.
    """
    work.session.execute(
        update(Job)
        .where(
            Job.root_id.is_(None),
            Job.kind == START_TIMER,
            Job.handle == definition.key,
            Job.status.in_((READY, LEASED)),
        )
        .values(status=CANCELLED, finished_at=work.now)
        .execution_options(synchronize_session=False)
    )
    rows = [
        _row(work, definition.key, version, element, timer)
        for element in definition.starts.get(None, ())
        if (timer := _timer_of(definition.nodes[element])) is not None
    ]
    if rows:
        work.session.execute(insert(Job), rows)


def fire_start_timer(work: Work, job: Claimed) -> None:
    """Starts an instance and waits for the next tick, if there is one. Raises `LeaseLost`, `NotDueYet`, and what
    starting raises.
    """
    settle(work.session, job.id, job.fence, now=work.now, only_if_due=True)
    key, version = job.payload["key"], job.payload["version"]
    start_root(
        work,
        key,
        version,
        event=job.element,
        variables={},
        payload={"job": job.id, "due": job.payload["tick"][0]},
    )
    definition = work.sancha.definitions.for_work(work).get(f"{key}:{version}")
    timer = _timer_of(definition.nodes[job.element])
    if timer is None or timer.kind is not TimerKind.CYCLE:
        return
    following = next_due(_parsed(work, timer), Tick.from_json(job.payload["tick"]), work.now, timer.catch_up)
    if following is not None:
        _come_back(work, job, following)


def _timer_of(node: Node) -> Timer | None:
    return node.event if isinstance(node.event, Timer) else None


def _parsed(work: Work, timer: Timer) -> ParsedTimer:
    return parse_timer(timer.kind, timer.value.evaluate({}, work.now))


def _row(work: Work, key: str, version: int, element: str, timer: Timer) -> dict[str, Any]:
    tick = _first(work, timer)
    return {
        "id": new_id(),
        "kind": START_TIMER,
        "root_id": None,
        "handle": key,
        "element": element,
        "payload": _payload(key, version, tick),
        "due": tick.at,
        "status": READY,
        "created_at": work.now,
    }


def _first(work: Work, timer: Timer) -> Tick:
    if timer.calendar is not None and timer.kind is TimerKind.DURATION:
        text = str(timer.value.evaluate({}, work.now))
        return Tick(work.sancha.working_time.add(work.now, text, timer.calendar), 1, work.now)
    return first_due(_parsed(work, timer), work.now)


def _payload(key: str, version: int, tick: Tick) -> Mapping[str, Any]:
    return {"key": key, "version": version, "tick": tick.to_json()}


def _come_back(work: Work, job: Claimed, tick: Tick) -> None:
    work.session.execute(
        update(Job)
        .where(Job.id == job.id)
        .values(
            status=READY,
            due=tick.at,
            attempts=0,
            finished_at=None,
            payload=_payload(job.payload["key"], job.payload["version"], tick),
        )
        .execution_options(synchronize_session=False)
    )
