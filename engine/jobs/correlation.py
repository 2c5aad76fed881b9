"""Where senders and subscribers of a message meet, so that neither can miss the other.

A subscriber inserts its subscription and looks for parked messages; a sender looks for subscriptions and parks its
message. Each does so while it holds the row lock of the correlation key (message name and key), hence one of the two
sees the other. Lock order everywhere: the job at hand, its root instance, then correlation keys; nobody who holds a
correlation key waits for a root instance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, or_, select, tuple_
from sqlalchemy.orm import Session

from engine.execution.upsert import insert_into
from engine.ids import new_id
from engine.model import subscription as subscriptions
from engine.model.instance import ACTIVE, ProcessInstance
from engine.model.job import READY, Job
from engine.model.subscription import PARKED, CorrelationKey, Message, Subscription

MESSAGE = "message"
MATCH, THROWN = "match", "thrown"
"""Handles of message jobs: match parked messages with subscriptions, or send what a process threw."""

Pair = tuple[str, str]
"""A message name and a correlation key."""
STARTING = "\x1fstarting"
"""In place of a message name: who starts what several messages of one key belong to. No message has this name."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A subscription: a waiting instance, or what a message starts when ``root_id`` is None. It takes no message whose
    time to live had ended when it began to wait at ``since`` (business time).
    """

    id: str
    root_id: str | None
    instance_id: str | None
    wait: str
    element: str
    definition_key: str | None
    definition_version: int | None
    part: int
    since: datetime


def lock_keys(session: Session, pairs: Iterable[Pair]) -> None:
    """Locks the rows of ``pairs`` until the transaction ends, making those that are missing. One statement.

    Sorted, so that two transactions that need the same keys do not wait for each other crosswise.
    """
    rows = [{"name": name, "key": key} for name, key in sorted(set(pairs))]
    if not rows:
        return
    statement = insert_into(session, CorrelationKey).values(rows)
    session.execute(
        statement.on_conflict_do_update(index_elements=["name", "key"], set_={"name": statement.excluded.name})
    )


def match_parked(session: Session, pairs: Iterable[Pair], now: datetime) -> None:
    """Has parked messages for ``pairs`` delivered by a job, due at ``now`` (business time). At most two statements.

    The caller holds the locks of ``pairs`` and has inserted its subscriptions.
    """
    wanted = sorted(set(pairs))
    if not wanted:
        return
    waiting = session.execute(
        select(Message.name, Message.key)
        .where(tuple_(Message.name, Message.key).in_(wanted), Message.status == PARKED)
        .distinct()
    ).all()
    schedule_match(session, [(name, key) for name, key in waiting], now)


def schedule_match(session: Session, pairs: Iterable[Pair], now: datetime) -> None:
    """Makes a job that matches parked messages with subscriptions, for each of ``pairs``."""
    rows = [message_job(MATCH, matching(pair), now) for pair in pairs]
    if rows:
        session.execute(insert(Job), rows)


def matching(pair: Pair) -> dict[str, Any]:
    """The payload of a job that matches ``pair``."""
    return {"match": list(pair)}


def message_job(handle: str, payload: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The row of a message job that is due ``now``. It belongs to no root: the end of the sender does not stop it."""
    return {
        "id": new_id(),
        "kind": MESSAGE,
        "root_id": None,
        "handle": handle,
        "element": "",
        "payload": payload,
        "due": now,
        "status": READY,
        "created_at": now,
    }


def find_receiver(session: Session, name: str, key: str) -> Receiver | None:
    """The one subscription that gets the next message (name, key): the instance that waits longest and is not
    suspended, else what a message of that name starts. One statement, no lock.
    """
    row = session.execute(
        select(
            *(Subscription.id, Subscription.root_id, Subscription.instance_id, Subscription.wait),
            *(Subscription.element, Subscription.definition_key, Subscription.definition_version),
            *(Subscription.part, Subscription.created_at),
        )
        .outerjoin(ProcessInstance, ProcessInstance.id == Subscription.root_id)
        .where(
            Subscription.kind == subscriptions.MESSAGE,
            Subscription.name == name,
            or_(
                Subscription.root_id.is_(None),  # a start event takes every key
                and_(Subscription.key == key, ProcessInstance.status == ACTIVE),
            ),
        )
        .order_by(Subscription.root_id.is_(None), Subscription.created_at, Subscription.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else Receiver(*row)


def still_waits(session: Session, receiver: Receiver) -> bool:
    """Whether the subscription is still there; the caller holds its root's lock."""
    return session.scalar(select(Subscription.id).where(Subscription.id == receiver.id)) is not None
