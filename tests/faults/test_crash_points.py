"""A process dies at each statement of a job in turn: all of it happened or nothing, and the next finishes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from engine.access import SYSTEM
from engine.commands.throw_signal import throw_signal
from engine.jobs.tick import run_due
from engine.runtime import Sancha
from engine.services import Handler, ServiceCall
from tests.conftest import TestClock
from tests.faults import models, oracle

LEASE = timedelta(milliseconds=1)
MOST = 60


class Died(BaseException):
    """What no handler of ours catches, as nothing catches SIGKILL."""


@contextmanager
def dying_at(sancha: Sancha, number: int) -> Iterator[list[str]]:
    """Raises `Died` instead of the ``number``-th statement or commit; yields what was sent before."""
    sent: list[str] = []
    mine = threading.get_ident()

    def before(*arguments: Any) -> None:
        if threading.get_ident() != mine:
            return  # the heartbeat of a slow run
        statement = arguments[2] if len(arguments) > 2 else "COMMIT"
        if len(sent) + 1 == number:
            # The system closes a dead process's connections; this thread lives on and would keep its locks, for which
            # the heartbeat of a slow run waits.
            arguments[0].connection.rollback()
            raise Died(statement)
        sent.append(statement)

    engine = sancha.store.engine
    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "commit", before)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "commit", before)


def booked(_call: ServiceCall, session: Session) -> Mapping[str, object]:
    assert session.in_transaction()
    return {"booked": True}


def timers(sancha: Sancha) -> Callable[[], str]:
    models.deploy_files(sancha, timed=models.process("timed", models.timer("PT0S")))
    return lambda: models.start(sancha, "timed")


def services(sancha: Sancha) -> Callable[[], str]:
    sancha.handlers.register(Handler("book", local=booked))
    models.deploy_files(sancha, booking=models.process("booking", models.service("book")))
    return lambda: models.start(sancha, "booking")


def messages(sancha: Sancha) -> Callable[[], str]:
    models.deploy_files(sancha, receiving=models.process("receiving", models.receive()), thrower=models.throwing())

    def send() -> str:
        root = models.start(sancha, "receiving", {"requestId": "R-1"})
        models.start(sancha, "thrower", {"requestId": "R-1", "rating": "A"})
        return root

    return send


def signals(sancha: Sancha) -> Callable[[], str]:
    models.deploy_files(sancha, listening=models.listening())

    def throw() -> str:
        root = models.start(sancha, "listening")
        with sancha.work(SYSTEM) as work:
            throw_signal(work, "ALARM", {})
        return root

    return throw


@pytest.mark.parametrize("begin", [timers, services, messages, signals])
def test_a_death_at_any_statement_loses_nothing_and_doubles_nothing(
    sancha: Sancha, clock: TestClock, begin: Callable[[Sancha], Callable[[], str]]
) -> None:
    make = begin(sancha)
    for number in range(1, MOST):
        root = make()
        with dying_at(sancha, number) as sent:
            try:
                run_due(sancha, "dies", lease=LEASE)
                survived = True
            except Died:
                survived = False
        sancha.store.engine.dispose()  # the connections of a dead process are closed, their transactions rolled back
        oracle.check(sancha, drained=False)
        time.sleep(0.003)  # past the lease
        run_due(sancha, "heir", lease=LEASE)
        assert models.open_tasks(sancha, root) == ["visit"], f"died at statement {number}: {sent[-1:]}"
        if survived:
            break
    assert survived, "the job sends more statements than expected"
    assert number > 10, "the fault was never injected"
    assert len(models.open_tasks(sancha)) == number
    oracle.check(sancha)
