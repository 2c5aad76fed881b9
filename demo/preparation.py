"""Prepares the cases of a demonstration once: from an empty database to cases at every stage, at the present instant.

Whether that was done stands in the database. A preparation that was interrupted is begun anew on emptied tables; what
has cases already without having been prepared here is somebody's own and is left alone.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from sqlalchemy import delete, select, text

from demo.cases import after_review, before_approval
from demo.cases.agenda import play
from demo.cases.desk import Desk
from demo.cases.quiet import QuietCounterparties
from demo.cases.timetable import Timetable
from demo.seed import seed
from engine.access import SYSTEM
from engine.clock import read_clock
from engine.documents import DocumentStore
from engine.errors import Conflict
from engine.model.instance import BusinessClock, Counter, ProcessInstance
from engine.runtime import Sancha
from engine.store import WRITE
from migrations import metadata, upgrade

TURNS = 424
"""How often somebody acts in all stories together; what the progress is measured by."""
STORIES = (*after_review.STORIES, *before_approval.STORIES)
MARK = "demo:preparation"
"""The counter whose value is a `State`."""
LOCK = 0x53414E434844
"""The advisory lock that lets one process at a time prepare a PostgreSQL database ("SANCHD")."""
_BEGINS_DAYS_BEFORE = 120
Say = Callable[[str], None]


class State(IntEnum):
    """What the database says: nothing was prepared in it, a preparation has begun, one was finished."""

    NOTHING = 0
    BEGUN = 1
    FINISHED = 2


def prepare(
    sancha: Sancha,
    folder: DocumentStore,
    password: str,
    deploy: Callable[[Sancha], None],
    say: Say,
    *,
    present: datetime | None = None,
) -> bool:
    """Make tables, accounts (all with ``password``) and, in an empty database, the cases; whether cases were made.

    ``deploy`` deploys the processes. ``say`` is told how far it is, in lines. ``present``: when the stories end, by
    default now; afterwards business time is that instant. Raises `Conflict` when another process prepares the database.
    """
    began = datetime.now(UTC)
    with _alone(sancha):
        upgrade(sancha.store.engine)
        state = _state(sancha)
        if state is State.BEGUN:
            say("An earlier preparation was interrupted; it begins anew.")
            _drop_tables(sancha)
            upgrade(sancha.store.engine)
        fresh = state is State.BEGUN or (state is State.NOTHING and _is_empty(sancha))
        if fresh:
            say("Preparing example cases on the real engine; this takes less than a minute.")
            _mark(sancha, State.BEGUN)
            _set_clock(sancha, (present or began) - timedelta(days=_BEGINS_DAYS_BEFORE))
        seed(sancha, password)
        deploy(sancha)
        if fresh:
            _play(sancha, folder, present or began, say)
            if present is None:
                _set_clock(sancha, datetime.now(UTC))
            _finish(sancha)
        elif state is State.NOTHING:
            say("The database has cases already; no example cases are added.")
        return fresh


def _play(sancha: Sancha, folder: DocumentStore, present: datetime, say: Say) -> None:
    parties = QuietCounterparties()
    desk = Desk(replace(sancha, outgoing=parties), parties, folder, Timetable(present, sancha.working_time))

    def turned(turns: int) -> None:
        if turns * 10 // TURNS > (turns - 1) * 10 // TURNS:
            day = desk.times.date(desk.now)
            say(f"  {turns * 10 // TURNS * 10:3} %  {len(STORIES)} cases, played up to {day}")

    with _quiet_jobs():
        play(desk, STORIES, turned)
        desk.advance(present)


def _set_clock(sancha: Sancha, instant: datetime) -> None:
    """Business time becomes ``instant``; in the past only while nothing has happened yet."""
    with sancha.store.transaction() as session:
        offset = int((instant - read_clock(session).raw).total_seconds())
        session.execute(delete(BusinessClock))
        session.add(BusinessClock(id=1, offset_seconds=offset))


def _state(sancha: Sancha) -> State:
    with sancha.store.transaction(write=False) as session:
        return State(session.scalar(select(Counter.value).where(Counter.name == MARK)) or State.NOTHING)


def _mark(sancha: Sancha, state: State) -> None:
    with sancha.store.transaction() as session:
        session.merge(Counter(name=MARK, value=int(state)))


def _finish(sancha: Sancha) -> None:
    """Seal the audit trail of what was acted out, and never do it again."""
    with sancha.work(SYSTEM) as work:
        sancha.audit.checkpoint(work.session, at=work.now)
        work.session.merge(Counter(name=MARK, value=int(State.FINISHED)))


def _is_empty(sancha: Sancha) -> bool:
    with sancha.store.transaction(write=False) as session:
        return session.scalar(select(ProcessInstance.id).limit(1)) is None


def _drop_tables(sancha: Sancha) -> None:
    """Only ever of a database in which nothing but an unfinished preparation has happened."""
    engine = sancha.store.engine
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        metadata().drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


@contextlib.contextmanager
def _quiet_jobs() -> Iterator[None]:
    """A step that fails in a story is meant to; it is no news to who watches the preparation."""
    logger = logging.getLogger("engine.jobs")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def _alone(sancha: Sancha) -> Iterator[None]:
    """On PostgreSQL one process prepares at a time; on SQLite the database has one owner anyway."""
    engine = sancha.store.engine
    if engine.dialect.name == "sqlite":
        yield
        return
    with engine.connect() as connection:
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar()
        if not taken:
            raise Conflict("Another process prepares this database now; start again when it is done.")
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
