"""(c) SQL statements and commits of each command, with warm caches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from flask.testing import FlaskClient
from sqlalchemy import select

from api.app import create_app
from api.json_format import dumps
from bench import models
from bench.databases import Databases
from bench.served import headers
from bench.site import Site, new_site, settings
from bench.table import Row
from engine.access import SYSTEM
from engine.clock import move_clock
from engine.commands.claim_task import claim_task
from engine.commands.complete_task import complete_task
from engine.commands.correlate_message import correlate_message
from engine.commands.fire_timer import fire_timer
from engine.commands.release_task import release_task
from engine.commands.save_draft import save_draft
from engine.commands.settle_job import settle_job
from engine.commands.start_instance import start_instance
from engine.ids import new_id
from engine.jobs.acquire import claim
from engine.model.job import READY, Job
from engine.model.task import OPEN, UserTask
from engine.runtime import Sancha, Work
from tests.databases import Statements

TOPIC = "bench.remote"
AIM, AIM_OVER_HTTP = "1 commit", "≤ 15, 1 commit"
_ROUNDS = 2  # the first round fills caches and is not counted
FILES = {
    "pair.bpmn": models.two_people(),
    f"{models.FORM}.form": models.form(),
    "timer.bpmn": models.escalating(),
    "message.bpmn": models.waiting(),
    "service.bpmn": models.serving(TOPIC),
}


@dataclass(slots=True)
class Counting:
    """Counts what happens inside `of`; a later count of the same name replaces an earlier one."""

    statements: Statements
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """The block is the command called ``name`` and nothing else."""
        self.statements.clear()
        yield
        self.counts[name] = len(self.statements), self.statements.commits


def bench_statements(databases: Databases, folder: Path, chance: Random) -> list[Row]:
    """The rows of (c) for one kind of database."""
    url = databases.create("counted")
    # One client throughout: the key that encrypts the payloads of a client's cases is read once by each process.
    seed = chance.random()
    with new_site(url, folder, FILES) as made, Statements(made.sancha.store.engine) as statements:
        counting = Counting(statements)
        for _ in range(_ROUNDS):
            _people(made, counting, Random(seed))
            _waits(made, counting, Random(seed))
        engine = counting.counts
    app = create_app(settings(folder, url))
    sancha: Sancha = app.extensions["sancha"]
    try:
        with Statements(sancha.store.engine) as statements:
            counting = Counting(statements)
            for _ in range(_ROUNDS):
                _over_http(sancha, app.test_client(), counting, Random(seed))
            http = counting.counts
    finally:
        sancha.store.engine.dispose()
    rows = [_row(f"{name}, {databases.name}", found, AIM) for name, found in engine.items()]
    for name, found in http.items():
        aim = AIM_OVER_HTTP if name == "complete task" else AIM
        rows.append(_row(f"{name} over HTTP, {databases.name}", found, aim))
    return rows


def _people(made: Site, counting: Counting, chance: Random) -> None:
    maker, data = made.who(models.MAKER), models.form_data(chance)
    with counting.of("start instance"), made.sancha.work(maker) as work:
        case = start_instance(work, key="bench-pair", variables=models.case_data(chance)).id
    task = _open_task(made.sancha, case)
    commands: tuple[tuple[str, Callable[[Work], object]], ...] = (
        ("claim task", lambda work: claim_task(work, task)),
        ("release task", lambda work: release_task(work, task)),
        ("claim task", lambda work: claim_task(work, task)),
        ("save draft", lambda work: save_draft(work, task, data)),
        ("complete task", lambda work: complete_task(work, task, data)),
    )
    for name, command in commands:
        with counting.of(name), made.sancha.work(maker) as work:
            command(work)


def _waits(made: Site, counting: Counting, chance: Random) -> None:
    sancha, maker, key = made.sancha, made.who(models.MAKER), new_id()
    case = models.case_data(chance)
    with sancha.work(maker) as work:
        start_instance(work, key="bench-message", variables={**case, "key": key})
    with counting.of("correlate message"), sancha.work(SYSTEM) as work:
        found = correlate_message(work, source="bench", message_id=key, name="RATING", key=key, payload={"grade": "AA"})
    assert found.root_id is not None, "the message was parked"
    with sancha.work(maker) as work:
        start_instance(work, key="bench-service", variables=case)
    job, fence = _leased(sancha, "service")
    with counting.of("settle job"), sancha.work(SYSTEM) as work:
        settle_job(work, job, fence, result={"grade": "AA"})
    with sancha.work(maker) as work:
        start_instance(work, key="bench-timer", variables=case)
    with sancha.store.transaction() as session:
        move_clock(session, timedelta(hours=2))
    job, fence = _leased(sancha, "timer")
    with counting.of("fire timer"), sancha.work(SYSTEM) as work:
        fire_timer(work, job, fence)


def _over_http(sancha: Sancha, browser: FlaskClient, counting: Counting, chance: Random) -> None:
    def post(name: str, path: str, body: object) -> dict[str, str]:
        with counting.of(name):
            given = headers(models.MAKER, key=new_id())
            answer = browser.post(f"/api/v1{path}", data=dumps(body), headers=given)
        if answer.status_code not in (200, 201):
            raise RuntimeError(f"{path}: {answer.status_code} {answer.get_data(as_text=True)}")
        found: dict[str, str] = answer.get_json()
        return found

    variables = models.case_data(chance)
    case = post("start instance", "/process-definitions/bench-pair/start", {"variables": variables})["id"]
    task = _open_task(sancha, case)
    post("claim task", f"/tasks/{task}/claim", {})
    post("complete task", f"/tasks/{task}/complete", {"variables": models.form_data(chance)})


def _open_task(sancha: Sancha, case: str) -> str:
    with sancha.store.transaction(write=False) as session:
        return session.scalars(select(UserTask.id).where(UserTask.root_id == case, UserTask.status == OPEN)).one()


def _leased(sancha: Sancha, kind: str) -> tuple[str, int]:
    """The newest job of ``kind``, under a lease."""
    with sancha.store.transaction() as session:
        wanted = session.scalars(select(Job.id).where(Job.kind == kind, Job.status == READY).order_by(Job.id)).all()
        held = {job.id: job.fence for job in claim(session, owner="bench", limit=1_000)}
    return wanted[-1], held[wanted[-1]]


def _row(what: str, found: tuple[int, int], aim: str) -> Row:
    statements, commits = found
    return Row("c", what, None, f"{statements} statements, {commits} commit{'' if commits == 1 else 's'}", "", aim)
