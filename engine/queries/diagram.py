"""How far each element of an instance has come: visits by outcome, what is open, what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, literal_column, select

from engine.model.incident import Incident
from engine.model.instance import ProcessInstance, Step
from engine.queries.instances import InstanceView
from engine.runtime import Work

PASSED, CURRENT, FAILED, CANCELLED = "passed", "current", "failed", "cancelled"

# A literal, because neither database uses a partial index for a condition on a bound parameter.
_IS_OPEN = Incident.status == literal_column("'open'")


@dataclass(frozen=True, slots=True)
class ElementState:
    """The visits of one element of one instance.

    ``passed``, ``cancelled`` and ``errors`` (left by an error that the model caught) count finished visits,
    ``current`` open ones, ``incidents`` what stands still. ``last`` is the number of the latest visit, which began at
    ``entered_at`` (aware, UTC), ended at ``left_at`` with ``outcome`` if it did, and was completed by ``actor`` if
    that was a person.
    """

    element: str
    kind: str
    passed: int
    current: int
    cancelled: int
    errors: int
    incidents: int
    last: int
    entered_at: datetime
    left_at: datetime | None
    outcome: str | None
    actor: str | None

    @property
    def state(self) -> str:
        """Failed while something stands still, else current while something is open, else how the last visit ended."""
        if self.incidents:
            return FAILED
        if self.current:
            return CURRENT
        return {"completed": PASSED, "failed": FAILED}.get(self.outcome or "", CANCELLED)


@dataclass(frozen=True, slots=True)
class _Visit:
    entered_at: datetime
    left_at: datetime | None
    outcome: str | None


def element_states(work: Work, instance: InstanceView, *, loops: Iterable[str] = ()) -> dict[str, ElementState]:
    """The visited elements of ``instance`` (as `instance` gave it) by id, in order of their latest visit.

    ``loops`` are its multi-instance elements: the visit around their items is no item and not counted. Two
    statements, three when such an element was visited.
    """
    rows = work.session.execute(_visits(instance.id)).all()
    incidents = Counter(
        work.session.scalars(select(Incident.element).where(_of(instance), Incident.instance_id == instance.id))
    )
    found = {row.element: _state(row, incidents[row.element]) for row in rows}
    looped = sorted(set(loops) & set(found))
    if looped:
        for element, visits in _items(work, instance, looped).items():
            found[element] = _recounted(found[element], visits)
    return found


def _visits(instance_id: str) -> Any:
    """One row per element: counts, and its latest visit."""

    def count(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    grouped = (
        select(
            Step.root_id,
            func.max(Step.number).label("last"),
            count(Step.outcome == "completed").label("passed"),
            count(Step.outcome == "cancelled").label("cancelled"),
            count(Step.outcome == "failed").label("errors"),
            count(Step.left_at.is_(None)).label("current"),
        )
        .where(Step.instance_id == instance_id)
        .group_by(Step.root_id, Step.element)
        .subquery()
    )
    counts = (grouped.c.passed, grouped.c.current, grouped.c.cancelled, grouped.c.errors)
    latest = (Step.number, Step.entered_at, Step.left_at, Step.outcome, Step.actor)
    return (
        select(Step.element, Step.kind, *counts, *latest)
        .join(grouped, (grouped.c.root_id == Step.root_id) & (grouped.c.last == Step.number))
        .order_by(Step.number)
    )


def _of(instance: InstanceView) -> Any:
    return (Incident.root_id == instance.root_id) & _IS_OPEN


def _state(row: Any, incidents: int) -> ElementState:
    return ElementState(
        element=row.element,
        kind=row.kind,
        passed=int(row.passed),
        current=int(row.current),
        cancelled=int(row.cancelled),
        errors=int(row.errors),
        incidents=incidents,
        last=row.number,
        entered_at=row.entered_at,
        left_at=row.left_at,
        outcome=row.outcome,
        actor=row.actor,
    )


def _items(work: Work, instance: InstanceView, elements: Sequence[str]) -> dict[str, list[_Visit]]:
    """The visits of multi-instance elements without those that only surround the items."""
    columns = (Step.element, Step.entered_at, Step.left_at, Step.outcome)
    rows = work.session.execute(
        select(*columns).where(Step.instance_id == instance.id, Step.element.in_(elements)).order_by(Step.number)
    )
    items: dict[str, list[_Visit]] = {element: [] for element in elements}
    around: dict[str, _Visit] = {}
    for element, entered_at, left_at, outcome in rows:
        visit = _Visit(entered_at, left_at, outcome)
        body = around.get(element)
        if body is not None and (body.left_at is None or visit.entered_at <= body.left_at):
            items[element].append(visit)
        else:
            around[element] = visit
    # Without items (an empty collection) the surrounding visit is all there is to see.
    return {element: found or [around[element]] for element, found in items.items() if element in around}


def _recounted(state: ElementState, visits: Sequence[_Visit]) -> ElementState:
    counted = Counter(visit.outcome for visit in visits)
    return ElementState(
        element=state.element,
        kind=state.kind,
        passed=counted["completed"],
        current=counted[None],
        cancelled=counted["cancelled"],
        errors=counted["failed"],
        incidents=state.incidents,
        last=state.last,
        entered_at=state.entered_at,
        left_at=state.left_at,
        outcome=state.outcome,
        actor=state.actor,
    )


def troubled_elements(work: Work, root: InstanceView) -> frozenset[str]:
    """The elements of the root process at which, or inside whose called instances, an incident is open.

    Two statements, one when there is none inside a called instance.
    """
    rows = work.session.execute(
        select(Incident.element, ProcessInstance.parent_id, ProcessInstance.scope)
        .join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(_of(root))
    ).all()
    own = {element for element, parent, _ in rows if parent is None}
    inside = [scope for _, parent, scope in rows if parent is not None]
    if not inside:
        return frozenset(own)
    # A scope's path begins with those of the scopes around it, and so with that of the instance the root called.
    around = {".".join(scope.split(".")[:length]) for scope in inside for length in range(2, scope.count(".") + 2)}
    calls = select(ProcessInstance.called_from).where(
        ProcessInstance.root_id == root.id, ProcessInstance.parent_id == root.id, ProcessInstance.scope.in_(around)
    )
    return frozenset(own | {element for element in work.session.scalars(calls) if element is not None})
