"""Signals on their way: the jobs that carry them, and who hears them.

A signal reaches everybody who listens to its name when it is thrown, in transactions of their own: the thrower leaves
one job (``throw``), which makes one job for each root that listens (``receive``) and for each start event (``start``).
Who begins to listen after the throw does not hear it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from engine.execution.payload import encode
from engine.ids import new_id
from engine.model.job import CANCELLED, LEASED, READY, Job
from engine.model.subscription import Subscription

SIGNAL = "signal"
"""The kind of these jobs; their ``topic`` is the signal's name."""
THROW, RECEIVE, START = "throw", "receive", "start"
"""Handles of signal jobs: find who listens, let one root hear it, start one instance."""
# A literal, because neither database uses a partial index for a condition on a bound parameter.
_IS_SIGNAL = Subscription.kind == literal_column("'signal'")


@dataclass(frozen=True, slots=True)
class Throw:
    """One throw of the signal ``name``: ``id`` is its job's, ``at`` the instant (business time, aware, UTC);
    ``thrown_by`` the root that threw it, None when it came from outside.
    """

    id: str
    name: str
    at: datetime
    thrown_by: str | None = None

    def heard(self) -> ColumnElement[bool]:
        """Whether a subscription hears it: one to this name that was there before it.

        SQLite tells the time in milliseconds; within one of them the ids of its only process tell what came first.
        """
        since = Subscription.created_at
        before = or_(since < self.at, and_(since == self.at, Subscription.id < self.id))
        return and_(_IS_SIGNAL, Subscription.name == self.name, before)


@dataclass(frozen=True, slots=True)
class Starter:
    """A signal start event that listens, of the latest version of its process."""

    definition_key: str
    definition_version: int
    element: str
    part: int


def throwing_job(
    name: str, variables: Mapping[str, object], now: datetime, *, thrown_by: str | None = None, element: str = ""
) -> dict[str, Any]:
    """The row of the job that spreads a signal, due ``now``. It belongs to no root: the end of the thrower does not
    stop it. ``payload``: name, encoded variables, the instant ``at``, and ``thrownBy`` the root.
    """
    payload = {"name": name, "variables": encode(variables), "at": now.isoformat(), "thrownBy": thrown_by}
    return signal_job(THROW, name, payload, now) | {"element": element}


def signal_job(handle: str, name: str, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The row of a signal job that is due ``now``."""
    return {
        "id": new_id(),
        "kind": SIGNAL,
        "root_id": None,
        "instance_id": None,
        "handle": handle,
        "element": "",
        "topic": name,
        "payload": payload,
        "due": now,
        "status": READY,
        "created_at": now,
    }


def listening_roots(session: Session, throw: Throw, *, after: str | None, limit: int) -> list[str]:
    """Up to ``limit`` other roots that hear ``throw``, by id, those past ``after``. One statement."""
    root = Subscription.root_id
    statement = select(root).where(throw.heard(), root.is_not(None)).distinct().order_by(root).limit(limit)
    if throw.thrown_by is not None:
        statement = statement.where(root != throw.thrown_by)
    if after is not None:
        statement = statement.where(root > after)
    return [root_id for root_id in session.scalars(statement) if root_id is not None]


def starters(session: Session, throw: Throw) -> list[Starter]:
    """The start events that hear ``throw``, each once. One statement."""
    columns = (Subscription.definition_key, Subscription.definition_version, Subscription.element)
    found = session.execute(
        select(*columns, func.min(Subscription.part))
        .where(throw.heard(), Subscription.root_id.is_(None))
        .group_by(*columns)
        .order_by(*columns)
    )
    return [Starter(str(key), int(version or 0), element, part) for key, version, element, part in found]


def still_listening(session: Session, throw: Throw, root_id: str) -> str | None:
    """The element of the root that hears ``throw``, the first of several; None when there is none any more.

    The caller holds the root's lock.
    """
    heard = select(Subscription.element).where(throw.heard(), Subscription.root_id == root_id)
    return session.scalars(heard.order_by(Subscription.id).limit(1)).one_or_none()


def count_listeners(session: Session, throw: Throw) -> tuple[int, int]:
    """How many roots and how many start events hear ``throw``. One statement."""
    starting = Subscription.definition_key + "/" + Subscription.element
    roots, starts = session.execute(
        select(func.count(Subscription.root_id.distinct()), func.count(starting.distinct())).where(throw.heard())
    ).one()
    return int(roots), int(starts)


def cancel_signals(session: Session, root_id: str, now: datetime) -> None:
    """Cancel what is on its way to a root that will not hear it any more. The caller holds the root's lock."""
    on_the_way = (Job.root_id == root_id, Job.kind == SIGNAL, Job.status.in_((READY, LEASED)))
    session.execute(
        update(Job).where(*on_the_way).values(status=CANCELLED, finished_at=now),
        execution_options={"synchronize_session": False},
    )
