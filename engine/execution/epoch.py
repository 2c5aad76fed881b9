"""The epoch of definitions: a counter that every change of what is deployed raises under its row's lock.

A command reads it inside a statement it needs anyway; while it stands still, everything cached about definitions,
decisions and forms is still true.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.execution.upsert import insert_into
from engine.model.instance import Counter
from engine.runtime import Work

DEFINITIONS = "definitions"


def epoch_column() -> ColumnElement[int]:
    """The current epoch as a scalar subquery (0 before the first deployment)."""
    stored = select(Counter.value).where(Counter.name == DEFINITIONS).scalar_subquery()
    return func.coalesce(stored, 0)


def see_epoch(work: Work, epoch: int) -> None:
    """What a locking statement of ``work`` read; nothing new when this very transaction deployed something."""
    if work.epoch is None or work.epoch >= 0:
        work.epoch = epoch


def definitions_changed(work: Work) -> None:
    """From now on ``work`` sees definitions that may yet be rolled back: a negative epoch is never cached."""
    work.epoch = -1


def count_on(session: Session, name: str) -> int:
    """Take the next value (from 1) of counter ``name`` and keep its row locked until the transaction ends."""
    statement = insert_into(session, Counter).values(name=name, value=1)
    counted = statement.on_conflict_do_update(index_elements=[Counter.name], set_={"value": Counter.value + 1})
    return int(session.execute(counted.returning(Counter.value)).scalar_one())
