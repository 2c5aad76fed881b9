"""(f) The inbox of a house with a million open tasks: its queries and its page."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, text

from api.app import create_app
from api.json_format import dumps
from bench.databases import Databases
from bench.inbox_house import NO_WORD, PASSWORD, WORD, Crowd, crowd
from bench.scale import Scale
from bench.site import settings
from bench.table import Row, milli
from engine.access import Principal
from engine.model.task import UserTask
from engine.queries.inbox import GROUPS, SORTS, InboxFilter, counts, inbox, mark, newer
from engine.queries.task import TASK_COLUMNS
from engine.runtime import Work

_AIM, _PAGE_AIM = "p95 < 10 ms", "p95 < 50 ms"
_DEEP = 20
_PAGE_SIZE = 50
_WARM_UP = 8
"""A driver prepares a statement that it has sent five times."""
_PAGES = {
    "page of my roles": "/inbox?show=groups",
    "page of my roles, text that nothing has": f"/inbox?show=groups&text={NO_WORD}",
    "page of mine": "/inbox",
    "counts of all tabs as the page fetches them": "/inbox/counts",
}
Asking = Callable[[Work], object]


def bench_inbox(scale: Scale, databases: Databases, folder: Path) -> list[Row]:
    """The rows of (f) for one kind of database."""
    with crowd(databases, folder, scale.open_tasks) as house:
        rows = [_size(databases.name, house)]
        for groups, person in house.people.items():
            who = f"{groups} groups, {databases.name}"
            for what, ask in _queries(house, person).items():
                rows.append(_measured(f"{what}, {who}", house, person, ask, scale.asked))
        for groups, person in house.people.items():
            rows += _pages(f"{groups} groups, {databases.name}", house, person, scale.asked)
    return rows


def _queries(house: Crowd, person: Principal) -> dict[str, Asking]:
    """What a person asks of the engine, by name."""

    def listed(*, cursor: str | None = None, **wanted: Any) -> Asking:
        given = InboxFilter(**({"show": GROUPS} | wanted))
        return lambda work: inbox(work, given, cursor=cursor, limit=_PAGE_SIZE)

    groups = InboxFilter(show=GROUPS)
    with house.site.sancha.work(person, write=False) as work:
        deep: str | None = None
        for _ in range(_DEEP):
            deep = inbox(work, groups, cursor=deep, limit=_PAGE_SIZE).next
        marked = mark(work, groups)
    return {
        **{f"my roles by {sort}": listed(sort=sort) for sort in SORTS},
        f"page {_DEEP + 1}": listed(cursor=deep),
        "one process": listed(definition_key="P05_approval"),
        "late ones": listed(due="late"),
        f"text {WORD}, in one of six": listed(text=WORD),
        "text, one case number": listed(text=house.rare),
        "text that nothing has": listed(text=NO_WORD),
        "that text, oldest first": listed(text=NO_WORD, sort="oldest"),
        "mine": listed(show="mine"),
        "done": listed(show="done"),
        "counts of all tabs": counts,
        "counts with a text": lambda work: counts(work, InboxFilter(text=WORD)),
        "counts with a text that nothing has": lambda work: counts(work, InboxFilter(text=NO_WORD)),
        "newer than a mark": lambda work: newer(work, groups, marked),
        "mark": lambda work: mark(work, groups),
    }


def _measured(what: str, house: Crowd, person: Principal, ask: Asking, repeats: int) -> Row:
    """``ask`` in turn with its floor: the rows of one page by their primary keys."""
    with house.site.sancha.work(person, write=False) as work:
        wanted = select(UserTask.id).where(UserTask.role == min(person.duties)[0]).limit(_PAGE_SIZE)
        by_key = select(*TASK_COLUMNS).where(UserTask.id.in_(list(work.session.scalars(wanted))))
    floors, times = [], []
    for _ in range(repeats + _WARM_UP):
        with house.site.sancha.work(person, write=False) as work:
            floors.append(_seconds(lambda: work.session.execute(by_key).all()))
            times.append(_seconds(lambda: ask(work)))
    floor, measured = median(floors[_WARM_UP:]), times[_WARM_UP:]
    return Row("f", what, floor / median(measured), _spread(measured), f"floor {milli(floor)}", _AIM)


def _pages(who: str, house: Crowd, person: Principal, repeats: int) -> list[Row]:
    app = create_app(settings(house.site.home, house.site.url))
    try:
        browser = app.test_client()
        _sign_in(browser, person)
        return [
            Row("f", f"{what}, {who}", None, _spread(_repeated(partial(_get, browser, path), repeats)), "", _PAGE_AIM)
            for what, path in _PAGES.items()
        ]
    finally:
        app.extensions["sancha"].store.engine.dispose()


def _sign_in(browser: FlaskClient, person: Principal) -> None:
    body = dumps({"name": person.name, "password": PASSWORD})
    answer = browser.post("/api/v1/sessions", data=body, content_type="application/json")
    if answer.status_code != 201:
        raise RuntimeError(f"{answer.status_code} {answer.get_data(as_text=True)}")


def _get(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.get_data(as_text=True)[:500]}")


def _size(database: str, house: Crowd) -> Row:
    """How long preparing took; on PostgreSQL also the sizes of the table of tasks and its indexes."""
    engine = house.site.sancha.store.engine
    shown = ""
    if engine.dialect.name == "postgresql":
        sizes = "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relname LIKE '%user_task%' ORDER BY relname"
        with engine.connect() as connection:
            found = connection.execute(text(sizes)).all()
        shown = "MB: " + ", ".join(f"{name.removeprefix('ix_user_task_')} {size / 2**20:.0f}" for name, size in found)
    return Row("f", f"{house.open_tasks:,} open tasks, {database}", None, f"{house.prepared_seconds:.0f} s", shown)


def _repeated(call: Callable[[], object], repeats: int) -> list[float]:
    return [_seconds(call) for _ in range(repeats + _WARM_UP)][_WARM_UP:]


def _spread(times: list[float]) -> str:
    return f"p95 {milli(quantiles(times, n=20)[-1])}, median {milli(median(times))}"


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
