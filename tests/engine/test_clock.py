from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from engine.clock import move_clock, read_clock
from engine.store import Store
from tests.conftest import TestClock
from tests.databases import Statements


def test_business_time_is_the_databases_time_at_first(store: Store) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    with store.transaction(write=False) as session:
        clock = read_clock(session)

    assert clock.raw == clock.business
    assert clock.raw.tzinfo is UTC
    assert before <= clock.raw <= datetime.now(UTC) + timedelta(seconds=1)


def test_moving_the_clock_moves_business_time_only(store: Store, clock: TestClock) -> None:
    clock.move(timedelta(days=30))
    clock.move(timedelta(hours=1))
    with store.transaction(write=False) as session:
        reading = read_clock(session)

    assert reading.business - reading.raw == timedelta(days=30, hours=1)
    assert abs(reading.raw - datetime.now(UTC)) < timedelta(seconds=2)


def test_time_goes_on_within_a_transaction(store: Store) -> None:
    with store.transaction(write=False) as session:
        first = read_clock(session).raw
        later = first
        while later == first:
            later = read_clock(session).raw

    assert later > first


def test_time_is_never_moved_back(store: Store) -> None:
    with store.transaction() as session, pytest.raises(ValueError, match="only moves forward"):
        move_clock(session, timedelta(seconds=-1))


def test_reading_the_clock_is_one_statement(store: Store, statements: Statements) -> None:
    with store.transaction(write=False) as session:
        read_clock(session)

    assert len(statements) == 1


def test_a_wrong_clock_of_this_machines_process_decides_nothing(store: Store) -> None:
    with store.transaction(write=False) as session:
        true = read_clock(session).raw
        with time_machine.travel(true + timedelta(minutes=10)):
            seen = read_clock(session).raw

    assert seen - true < timedelta(minutes=1)


def test_tests_can_start_in_another_year(clock: TestClock) -> None:
    start = datetime(2026, 5, 4, 9, tzinfo=UTC)

    begun = clock.start_at(start)
    moved = clock.move_to(start + timedelta(days=1))

    assert timedelta() <= begun - start < timedelta(seconds=5)
    assert timedelta() <= moved - (start + timedelta(days=1)) < timedelta(seconds=5)
