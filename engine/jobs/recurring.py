"""Housekeeping: jobs that belong to no case, come back by themselves, and exist once per installation.

``checkpoint`` signs the heads of the audit chains; ``expiry`` turns messages that nobody wanted into incidents, wakes
up messages whose receiver could not take them before, and deletes what is kept for a time only.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, update

from engine.execution.upsert import insert_into
from engine.ids import new_id
from engine.jobs.acquire import Claimed
from engine.jobs.correlation import MATCH, lock_keys, matching, schedule_match
from engine.jobs.lease import settle
from engine.model.incident import OPEN, Incident
from engine.model.instance import ACTIVE, ProcessInstance
from engine.model.job import FAILED, LEASED, READY, Job
from engine.model.request import IdempotencyRecord
from engine.model.subscription import EXPIRED, MESSAGE, PARKED, CallbackNonce, Message, Subscription
from engine.runtime import Work

CHECKPOINT, EXPIRY = "checkpoint", "expiry"
RECURRING = frozenset({CHECKPOINT, EXPIRY})
EXPIRY_EVERY = timedelta(minutes=1)
KEEP_ANSWERS = timedelta(days=3)
"""How long the first answer to an idempotency key is repeated."""
BATCH = 200
_NAMESPACE = uuid.UUID("5a9c2f6e-3c4b-5d1e-9f70-1b2c3d4e5f60")


def ensure_recurring(work: Work, *, checkpoint_every: timedelta) -> None:
    """Makes the housekeeping jobs if they are missing, and sets how often checkpoints are made. Safe at every start
    of every process: their ids follow from their kinds. An audit trail without a signing key gets no checkpoints.
    """
    wanted = [(EXPIRY, EXPIRY_EVERY)]
    if work.sancha.audit.public_key is not None:
        wanted.append((CHECKPOINT, checkpoint_every))
    for kind, every in wanted:
        payload = {"everySeconds": int(every.total_seconds())}
        statement = insert_into(work.session, Job).values(
            id=str(uuid.uuid5(_NAMESPACE, kind)),
            kind=kind,
            handle=kind,
            element="",
            payload=payload,
            due=work.now + every,
            status=READY,
            created_at=work.now,
        )
        work.session.execute(
            statement.on_conflict_do_update(
                index_elements=["id"], set_={"payload": payload}, where=Job.payload != payload
            )
        )


def run_recurring(work: Work, job: Claimed, task: Callable[[Work], bool]) -> None:
    """Does ``task`` and makes the job due again: at once when it says that there is more to do. Raises `LeaseLost`."""
    settle(work.session, job.id, job.fence, now=work.now)
    more = task(work)
    pause = timedelta() if more else timedelta(seconds=job.payload["everySeconds"])
    come_back(work, job.id, pause)


def come_back(work: Work, job_id: str, pause: timedelta) -> None:
    """Makes a settled recurring job wait for its next time; its failures so far no longer count."""
    work.session.execute(
        update(Job)
        .where(Job.id == job_id)
        .values(status=READY, due=work.now + pause, attempts=0, finished_at=None)
        .execution_options(synchronize_session=False)
    )


def make_checkpoint(work: Work) -> bool:
    """Signs the heads of the audit chains that changed."""
    work.sancha.audit.checkpoint(work.session, at=work.now)
    return False


def expire(work: Work) -> bool:
    """One round of expiry; True when there may be more."""
    expired = _expire_messages(work)
    _wake_messages(work)
    _forget(work)
    return expired == BATCH


def _wanted(*, active_only: bool) -> ColumnElement[bool]:
    """Whether a subscription fits the message of the surrounding statement."""
    fits = or_(Subscription.root_id.is_(None), Subscription.key == Message.key)
    found = select(Subscription.id).where(Subscription.kind == MESSAGE, Subscription.name == Message.name, fits)
    found = found.where(Subscription.created_at < Message.expires_at)
    if active_only:
        root = select(ProcessInstance.id).where(
            ProcessInstance.id == Subscription.root_id, ProcessInstance.status == ACTIVE
        )
        found = found.where(or_(Subscription.root_id.is_(None), exists(root)))
    return exists(found)


def _expire_messages(work: Work) -> int:
    """Messages whose time to live is over and that nobody waits for become incidents; how many were looked at."""
    session = work.session
    overdue = session.execute(
        select(Message.id, Message.name, Message.key)
        .where(Message.status == PARKED, Message.expires_at <= work.now, ~_wanted(active_only=False))
        .order_by(Message.expires_at, Message.id)
        .limit(BATCH)
        .with_for_update(of=Message, skip_locked=True)  # messages before keys, in the order of a matching job
    ).all()
    if not overdue:
        return 0
    lock_keys(session, {(row.name, row.key) for row in overdue})
    # Looked at again under the locks: somebody may have subscribed or taken one since.
    expired = session.execute(
        update(Message)
        .where(Message.id.in_([row.id for row in overdue]), Message.status == PARKED, ~_wanted(active_only=False))
        .values(status=EXPIRED)
        .returning(Message.id, Message.source, Message.message_id, Message.name, Message.key)
        .execution_options(synchronize_session=False)
    ).all()
    if expired:
        session.execute(insert(Incident), [_unwanted(work, *row) for row in expired])
        work.sancha.audit.append_administration(
            session,
            at=work.now,
            actor=work.principal.name,
            action="message:expired",
            payload={"messages": [row.id for row in expired]},
        )
    return len(overdue)


def _unwanted(work: Work, message: str, source: str, message_id: str, name: str, key: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "kind": "message",
        "handle": message,
        "element": "",
        "code": "message-unmatched",
        "message": f"Message {message_id!r} of {source} ({name}, key {key!r}) found nobody who waits for it.",
        "status": OPEN,
        "created_at": work.now,
    }


def _wake_messages(work: Work) -> None:
    """Has parked messages delivered whose receiver could not take them when they came: its case was suspended."""
    found = work.session.execute(
        select(Message.name, Message.key)
        .where(Message.status == PARKED, _wanted(active_only=True))
        .distinct()
        .limit(BATCH)
    ).all()
    pairs = [(name, key) for name, key in found]
    known = select(Job.payload).where(
        Job.root_id.is_(None),
        Job.handle == MATCH,
        Job.status.in_((READY, LEASED, FAILED)),  # a failed one has its incident and is for a person
        Job.payload.in_([matching(pair) for pair in pairs]),
    )
    taken_care_of = {tuple(payload["match"]) for payload in work.session.scalars(known)} if pairs else set()
    schedule_match(work.session, [pair for pair in pairs if pair not in taken_care_of], work.now)


def _forget(work: Work) -> None:
    """Deletes nonces that are out of tolerance (twice over, against odd clocks) and answers kept long enough."""
    quiet = {"synchronize_session": False}
    old_nonce = CallbackNonce.seen_at < work.raw_now - 2 * work.sancha.callbacks.tolerance
    work.session.execute(delete(CallbackNonce).where(old_nonce), execution_options=quiet)
    old_answer = IdempotencyRecord.created_at < work.now - KEEP_ANSWERS
    work.session.execute(delete(IdempotencyRecord).where(old_answer), execution_options=quiet)
