"""What must hold after any fault: nothing lost, nothing twice, nothing stuck.

`check` compares the rows with each other and with the states. It knows nothing of the fault.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import read_clock
from engine.model.audit import AuditEvent
from engine.model.incident import OPEN as INCIDENT_OPEN
from engine.model.incident import Incident
from engine.model.instance import ACTIVE, SUSPENDED, ProcessInstance, ScopeState
from engine.model.job import FAILED, LEASED, READY, Job
from engine.model.subscription import PARKED, Message, Subscription
from engine.model.task import OPEN, UserTask
from engine.runtime import Sancha

RUNNING = (ACTIVE, SUSPENDED)


def check(sancha: Sancha, *, drained: bool = True) -> None:
    """Fails with every broken rule. ``drained``: all workers have stopped and nothing due may be left over."""
    with sancha.store.transaction(write=False) as session:
        broken = [
            *_revisions_without_audit(session),
            *_waits_against_rows(session),
            *_stuck_cases(session),
            *_ended_with_leftovers(session),
            *(_left_over(session) if drained else ()),
        ]
    broken += chains(sancha)
    assert not broken, "\n".join(broken)


def chains(sancha: Sancha) -> list[str]:
    """What the audit trail's own verification finds."""
    from engine.audit.verify import verify

    with sancha.store.transaction(write=False) as session:
        return [str(finding) for finding in verify(session)]


def _revisions_without_audit(session: Session) -> Iterator[str]:
    """Each revision of a root instance has exactly one audit event, and the chain ends where the root says."""
    counted = select(AuditEvent.stream, func.count(), func.max(AuditEvent.seq)).group_by(AuditEvent.stream)
    events = {stream: (count, last) for stream, count, last in session.execute(counted)}
    for root in _roots(session):
        count, last = events.get(root.id, (0, 0))
        if not (root.revision == root.audit_seq == count == last):
            yield (
                f"case {root.business_key}: revision {root.revision}, audit head {root.audit_seq}, "
                f"{count} audit events up to number {last}"
            )


def _waits_against_rows(session: Session) -> Iterator[str]:
    """Open tasks, timers, service calls and subscriptions are those that the states wait for: no more, no fewer."""
    rows = _waiting_rows(session)
    for root in _roots(session):
        if root.status not in RUNNING:
            continue
        handles = Counter(_handles(session, root.id))
        known = {handle for handle, count in handles.items() if count}
        for kind, handle in sorted(rows[root.id]):
            if handle not in known:
                yield f"case {root.business_key}: {kind} waits at {handle}, which no state knows"
        double = [pair for pair, count in Counter(rows[root.id]).items() if count > 1]
        for kind, handle in double:
            yield f"case {root.business_key}: {kind} waits twice at {handle}"


def _stuck_cases(session: Session) -> Iterator[str]:
    """A running case waits for something: a task, a job that will run, a message, or a person who sees an incident."""
    rows = _waiting_rows(session)
    wanted = select(Incident.root_id).where(Incident.status == INCIDENT_OPEN)
    incidents = set(session.scalars(wanted))
    for root in _roots(session):
        if root.status in RUNNING and not rows[root.id] and root.id not in incidents:
            yield f"case {root.business_key}: is {root.status} and waits for nothing"


def _ended_with_leftovers(session: Session) -> Iterator[str]:
    """A case that ended has nothing open and no state."""
    rows = _waiting_rows(session)
    for root in _roots(session):
        if root.status in RUNNING:
            continue
        for kind, handle in sorted(rows[root.id]):
            yield f"case {root.business_key}: is {root.status}, but {kind} waits at {handle}"


def _left_over(session: Session) -> Iterator[str]:
    """Nothing due is left, no lease is held, and every failed job has its open incident."""
    clock = read_clock(session)
    due = select(Job).where(Job.status == READY, Job.due <= clock.business, Job.suspended.is_(False))
    for job in session.scalars(due):
        yield f"job {job.id} ({job.kind} {job.handle}): due and not run; last error: {job.last_error}"
    for job in session.scalars(select(Job).where(Job.status == LEASED)):
        yield f"job {job.id} ({job.kind} {job.handle}): still leased to {job.lease_owner}"
    explained = select(Incident.job_id).where(Incident.job_id.is_not(None))
    for job in session.scalars(select(Job).where(Job.status == FAILED, Job.id.not_in(explained))):
        yield f"job {job.id} ({job.kind} {job.handle}): failed without an incident"
    missed = (
        select(Message)
        .join(Subscription, (Subscription.name == Message.name) & (Subscription.key == Message.key))
        .where(Message.status == PARKED)
    )
    for message in session.scalars(missed):
        yield f"message {message.message_id} of {message.source}: parked although somebody waits for it"


def _roots(session: Session) -> list[ProcessInstance]:
    return list(session.scalars(select(ProcessInstance).where(ProcessInstance.scope == "1")))


def _waiting_rows(session: Session) -> defaultdict[str | None, list[tuple[str, str]]]:
    """(kind, handle) of everything that waits, by root."""
    found: defaultdict[str | None, list[tuple[str, str]]] = defaultdict(list)
    for root, token in session.execute(select(UserTask.root_id, UserTask.token).where(UserTask.status == OPEN)):
        found[root].append(("task", token))
    alive = select(Job.root_id, Job.kind, Job.handle).where(Job.status.in_((READY, LEASED)), Job.root_id.is_not(None))
    for root_id, kind, handle in session.execute(alive):
        found[root_id].append((kind, handle))
    for root_id, wait in session.execute(select(Subscription.root_id, Subscription.wait)):
        found[root_id].append(("message", wait))
    return found


def _handles(session: Session, root_id: str) -> Iterator[str]:
    """The ids of all tokens and waits in the stored state of a root: every text in it that looks like one.

    The state's format is the kernel's business; that ids of tokens and waits are ``<scope>:<number>`` is its contract.
    """
    for scope, body in session.execute(select(ScopeState.scope, ScopeState.body).where(ScopeState.root_id == root_id)):
        yield from _texts(json.loads(body), scope)


def _texts(value: object, scope: str) -> Iterator[str]:
    match value:
        case str() if value.startswith(f"{scope}:"):
            yield value
        case list():
            for item in value:
                yield from _texts(item, scope)
        case dict():
            for name, item in value.items():
                yield from _texts(name, scope)
                yield from _texts(item, scope)
