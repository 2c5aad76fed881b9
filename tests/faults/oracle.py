"""What must hold after any fault: nothing lost, nothing twice, nothing stuck.

`check` compares the rows with each other and with the states. It knows nothing of the fault.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.audit.verify import verify
from engine.clock import read_clock
from engine.kernel.encoding import decode_scope
from engine.kernel.scope import ACTIVE as ACTIVE_PHASES
from engine.kernel.scope import Phase, Scope, WaitKind
from engine.model.audit import AuditEvent
from engine.model.incident import OPEN as INCIDENT_OPEN
from engine.model.incident import Incident
from engine.model.instance import ACTIVE, SUSPENDED, ProcessInstance, ScopeState
from engine.model.job import FAILED, LEASED, READY, Job
from engine.model.subscription import MESSAGE, PARKED, SIGNAL, Message, Subscription
from engine.model.task import OPEN, UserTask
from engine.runtime import Sancha

RUNNING = (ACTIVE, SUSPENDED)
_KINDS = {WaitKind.MESSAGE: MESSAGE, WaitKind.SIGNAL: SIGNAL}
"""Waits that have a subscription; conditions and what has happened already have no row."""


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
    with sancha.store.transaction(write=False) as session:
        return [str(finding) for finding in verify(session, keys=sancha.audit.keys).findings]


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
    """Open tasks, timers, service calls and subscriptions are exactly those that the state waits for."""
    rows = _waiting_rows(session)
    given_up = {(job.root_id, job.kind, job.handle) for job in session.scalars(select(Job).where(Job.status == FAILED))}
    for root in _roots(session):
        if root.status not in RUNNING:
            continue
        expected = Counter(_expected(session, root.id))
        found = Counter(rows[root.id])
        for kind, handle in sorted((found - expected).elements()):
            yield f"case {root.business_key}: {kind} waits at {handle}, for which the state does not ask (any more)"
        for kind, handle in sorted((expected - found).elements()):
            if (root.id, kind, handle) not in given_up:
                yield f"case {root.business_key}: the state waits for {kind} at {handle}, and there is no row"


def _stuck_cases(session: Session) -> Iterator[str]:
    """A running case has tokens, none is on its way, and one that failed has its open incident."""
    open_incidents = select(Incident.root_id, Incident.handle).where(Incident.status == INCIDENT_OPEN)
    seen = set(session.execute(open_incidents).all())
    for root in _roots(session):
        if root.status not in RUNNING:
            continue
        tokens = [
            (f"{id_}:{token.number}", token)
            for id_, scope in _scopes(session, root.id)
            for token in scope.tokens.values()
        ]
        if not tokens:
            yield f"case {root.business_key}: is {root.status} without a token"
        for handle, token in tokens:
            if token.failed and (root.id, handle) not in seen:
                yield f"case {root.business_key}: {token.element} failed at {handle} without an open incident"
            if not token.failed and token.phase in ACTIVE_PHASES:
                yield f"case {root.business_key}: the token {handle} at {token.element} stands still in {token.phase}"


def _ended_with_leftovers(session: Session) -> Iterator[str]:
    """A case that ended has nothing open and no state."""
    rows = _waiting_rows(session)
    for root in _roots(session):
        if root.status in RUNNING:
            continue
        for kind, handle in sorted(rows[root.id]):
            yield f"case {root.business_key}: is {root.status}, but {kind} waits at {handle}"
        # Nobody would ever take it.
        held_back = select(Job.id).where(Job.root_id == root.id, Job.status == READY, Job.suspended.is_(True))
        for job in session.scalars(held_back):
            yield f"case {root.business_key}: is {root.status}, but job {job} waits for it to be resumed"


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
        .where(Subscription.kind == MESSAGE, Message.status == PARKED, Message.expires_at > Subscription.created_at)
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
    # A signal on its way is nothing that its receiver waits for: it may come to a case that has ended.
    alive = select(Job.root_id, Job.kind, Job.handle).where(
        Job.status.in_((READY, LEASED)), Job.root_id.is_not(None), Job.kind != SIGNAL
    )
    for root_id, kind, handle in session.execute(alive):
        found[root_id].append((kind, handle))
    for root_id, kind, wait in session.execute(select(Subscription.root_id, Subscription.kind, Subscription.wait)):
        found[root_id].append((kind, wait))
    return found


def _scopes(session: Session, root_id: str) -> Iterator[tuple[str, Scope]]:
    stored = select(ScopeState.scope, ScopeState.body).where(ScopeState.root_id == root_id)
    for id_, body in session.execute(stored):
        yield id_, decode_scope(body)


def _expected(session: Session, root_id: str) -> Iterator[tuple[str, str]]:
    """(kind, handle) of everything that the state waits for."""
    for id_, scope in _scopes(session, root_id):
        for token in scope.tokens.values():
            if token.phase is Phase.TASK and not token.failed:
                yield "task", f"{id_}:{token.number}"
            if token.phase is Phase.SERVICE and not token.failed:
                yield "service", f"{id_}:{token.number}"
        for wait in scope.waits.values():
            kind = "timer" if wait.tick is not None else _KINDS.get(wait.kind)
            if kind is not None:
                yield kind, f"{id_}:{wait.number}"
