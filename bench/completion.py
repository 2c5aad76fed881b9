"""(a) Completing a user task, through the engine and over HTTP, against the same SQL sent directly.

A database is prepared and copied. On the first copy the engine completes tasks and every statement is recorded, with
its parameters and commits. Then the engine completes the same tasks on the second copy while the recorded statements
are sent on the third by the bare driver, in alternating chunks. State, rows and indexes are the same on all sides.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select

from api.app import create_app
from api.json_format import dumps
from bench import models
from bench.databases import Databases
from bench.recording import Call, Recording, Replay, replaying
from bench.scale import Scale
from bench.served import client, headers, served
from bench.site import Site, new_site, settings, site
from bench.table import Row, milli
from engine.commands.claim_task import claim_task
from engine.commands.complete_task import complete_task
from engine.commands.start_instance import start_instance
from engine.model.instance import ScopeState
from engine.model.task import OPEN, UserTask
from engine.runtime import Sancha

AIM = "≥ 0.4"


@dataclass(frozen=True, slots=True)
class Submission:
    """An open task and what its holder submits."""

    task: str
    data: dict[str, object]


Way = Callable[[Submission], object]
"""Completes a task; raises when it was not completed."""


def bench_completion(scale: Scale, databases: Databases, folder: Path, chance: Random) -> list[Row]:
    """The rows of (a) for one kind of database."""
    count = scale.warm_up + scale.completions
    url = databases.create("prepared")
    with new_site(url, folder, {"pair.bpmn": models.two_people(), f"{models.FORM}.form": models.form()}) as made:
        submissions = prepare(made, 2 * count, chance)
        state = _state_bytes(made.sancha)
    by_engine, over_http = submissions[:count], submissions[count:]
    recorded_at, driven_at, replayed_at = (databases.copy(url, name) for name in ("recorded", "driven", "replayed"))

    with site(recorded_at, folder) as recorded:
        engine_calls = record(recorded.sancha, in_process(recorded), by_engine)
    http_calls = record_http(recorded_at, folder, over_http)

    with replaying(replayed_at) as replay:
        with site(driven_at, folder) as driven:
            engine = race(scale, in_process(driven), by_engine, replay, engine_calls)
        with served(driven_at, folder) as installation, client(installation) as connection:
            http = race(scale, over(connection), over_http, replay, http_calls)
    return [
        _row(f"complete a task through the engine, {databases.name}", engine, engine_calls, state),
        _row(f"complete a task over HTTP, {databases.name}", http, http_calls, state),
    ]


def prepare(made: Site, count: int, chance: Random) -> list[Submission]:
    """``count`` cases, each with RM's task claimed, and what RM will submit."""
    maker = made.who(models.MAKER)
    for _ in range(count):
        with made.sancha.work(maker) as work:
            start_instance(work, key="bench-pair", variables=models.case_data(chance))
    with made.sancha.store.transaction(write=False) as session:
        tasks = list(session.scalars(select(UserTask.id).where(UserTask.status == OPEN).order_by(UserTask.id)))
    for task in tasks:
        with made.sancha.work(maker) as work:
            claim_task(work, task)
    return [Submission(task, models.form_data(chance)) for task in tasks]


def in_process(made: Site) -> Way:
    """By the command, in a transaction of its own."""
    maker = made.who(models.MAKER)

    def complete(submission: Submission) -> object:
        with made.sancha.work(maker) as work:
            return complete_task(work, submission.task, submission.data)

    return complete


def over(connection: HTTPConnection) -> Way:
    """By a request on a connection that stays open, with bearer token and idempotency key."""

    def complete(submission: Submission) -> object:
        body = dumps({"variables": submission.data}).encode()
        connection.request("POST", _path(submission), body, headers(models.MAKER, key=submission.task))
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {answer.decode()}")
        return answer

    return complete


def record(sancha: Sancha, way: Way, submissions: Sequence[Submission]) -> list[list[Call]]:
    """What the engine sends to complete each of ``submissions``."""
    with Recording(sancha.store.engine) as recording:
        for submission in submissions:
            recording.begin()
            way(submission)
    return recording.parts


def record_http(url: str, folder: Path, submissions: Sequence[Submission]) -> list[list[Call]]:
    """What the application sends for each request, recorded in this process."""
    app = create_app(settings(folder, url))
    sancha: Sancha = app.extensions["sancha"]
    browser = app.test_client()

    def complete(submission: Submission) -> object:
        body = dumps({"variables": submission.data})
        given: dict[str, Any] = {"headers": headers(models.MAKER, key=submission.task)}
        answer = browser.post(_path(submission), data=body, **given)
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code}: {answer.get_data(as_text=True)}")
        return answer

    try:
        return record(sancha, complete, submissions)
    finally:
        sancha.store.engine.dispose()


@dataclass(frozen=True, slots=True)
class Race:
    """Seconds of each completion and of the floor under it."""

    driven: list[float]
    floor: list[float]


def race(
    scale: Scale, way: Way, submissions: Sequence[Submission], replay: Replay, calls: Sequence[Sequence[Call]]
) -> Race:
    """``way`` against ``replay``, chunk by chunk in turn, after both are warm."""
    found = Race([], [])
    for number, (some, same) in enumerate(_chunks(scale, submissions, calls)):
        driven = [_timed(way, submission) for submission in some]
        floor = [_timed(replay, part) for part in same]
        if number > 0:
            found.driven.extend(driven)
            found.floor.extend(floor)
    return found


def _chunks(
    scale: Scale, submissions: Sequence[Submission], calls: Sequence[Sequence[Call]]
) -> Iterator[tuple[Sequence[Submission], Sequence[Sequence[Call]]]]:
    """First the warm-up as one chunk, then the timed ones."""
    yield submissions[: scale.warm_up], calls[: scale.warm_up]
    for start in range(scale.warm_up, len(submissions), scale.chunk):
        yield submissions[start : start + scale.chunk], calls[start : start + scale.chunk]


def _timed(call: Callable[[Any], object], argument: object) -> float:
    began = time.perf_counter()
    call(argument)
    return time.perf_counter() - began


def _row(what: str, found: Race, calls: Sequence[Sequence[Call]], state: int) -> Row:
    driven, floor = _quartile(found.driven), _quartile(found.floor)
    sent = calls[-1]
    detail = f"floor {milli(floor)}: {sum(call.sql is not None for call in sent)} statements, {state:,} B of state"
    return Row("a", what, floor / driven, milli(driven), detail, AIM)


def _quartile(seconds: Sequence[float]) -> float:
    """The lower one: whatever else the machine does interrupts what takes long more often than what is short."""
    return statistics.quantiles(seconds, n=4)[0]


def _path(submission: Submission) -> str:
    return f"/api/v1/tasks/{submission.task}/complete"


def _state_bytes(sancha: Sancha) -> int:
    """The mean size of a case's stored state."""
    with sancha.store.transaction(write=False) as session:
        total, cases = session.execute(
            select(func.sum(func.length(ScopeState.body)), func.count(ScopeState.root_id.distinct()))
        ).one()
    return int(total / cases)
