"""Who is asking, and what they may do: permissions are part of every query, never a filter afterwards.

A case is visible to AUDIT and ADMIN, to its starter, to whoever completed or is assigned a task in it, to whoever may
do a task of it (by holding its role in its unit, or as a named candidate), and to who supervises the unit of a task.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from engine.errors import Forbidden
from engine.model.instance import ProcessInstance
from engine.model.task import TaskCandidate, UserTask

ADMIN, AUDIT, DESIGNER, PUBLISHER = "ADMIN", "AUDIT", "DESIGNER", "PUBLISHER"
SUPERVISOR, HEAD = "SUPERVISOR", "HEAD"
NOT_BUSINESS = frozenset({ADMIN, AUDIT, DESIGNER, PUBLISHER})
"""Roles that do not work on cases."""
USER, ROLE = "user", "role"
"""Kinds of `TaskCandidate`."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person or program, with the (role, unit) pairs held now. ``system`` is the engine itself."""

    name: str
    duties: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    system: bool = False

    def holds(self, role: str, unit: str | None = None) -> bool:
        """Whether the principal holds ``role`` (in ``unit``, if given; in any unit otherwise)."""
        if self.system:
            return True
        return any(held == role and (unit is None or where == unit) for held, where in self.duties)

    @property
    def roles(self) -> frozenset[str]:
        """The roles held in any unit."""
        return frozenset(role for role, _ in self.duties)

    @property
    def sees_every_case(self) -> bool:
        """AUDIT and ADMIN observe all cases; they work on none."""
        return self.system or not self.roles.isdisjoint((ADMIN, AUDIT))

    @property
    def supervised_units(self) -> tuple[str, ...]:
        """The units whose work the principal hands out as SUPERVISOR or HEAD."""
        return tuple(sorted({unit for role, unit in self.duties if role in (SUPERVISOR, HEAD)}))

    def supervises(self, unit: str) -> bool:
        """Whether the principal may hand out the tasks of ``unit``: ADMIN anywhere, SUPERVISOR and HEAD in theirs."""
        return self.holds(ADMIN) or unit in self.supervised_units


SYSTEM = Principal("system", system=True)


def require(principal: Principal, role: str, what: str) -> None:
    """Raises `Forbidden` unless the principal holds ``role`` somewhere; ``what`` completes "may not"."""
    if not principal.holds(role):
        raise Forbidden(f"{principal.name} may not {what}: this needs the role {role}.", role=role)


def in_duties(
    principal: Principal, role: InstrumentedAttribute[Any], unit: InstrumentedAttribute[Any]
) -> ColumnElement[bool]:
    """The condition that the principal holds ``role`` in ``unit`` (columns of the same row)."""
    return or_(false(), *(and_(role == held, unit == where) for held, where in sorted(principal.duties)))


def is_candidate(principal: Principal, task: type[UserTask] = UserTask) -> ColumnElement[bool]:
    """The condition that ``task`` names the principal as candidate, by name or by a role held in its unit."""
    named = and_(TaskCandidate.kind == USER, TaskCandidate.who == principal.name)
    by_role = (
        and_(TaskCandidate.kind == ROLE, TaskCandidate.who == role, task.unit == unit)
        for role, unit in sorted(principal.duties)
    )
    return exists().where(TaskCandidate.task_id == task.id, or_(named, *by_role)).correlate(task)


def may_see_case(principal: Principal, root_id: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """The condition that the principal may see the case whose root instance is ``root_id`` (a column)."""
    if principal.sees_every_case:
        return true()
    task, root = aliased(UserTask), aliased(ProcessInstance)
    involved = or_(
        task.completed_by == principal.name,
        task.assignee == principal.name,
        in_duties(principal, task.role, task.unit),
        is_candidate(principal, task),
        task.unit.in_(principal.supervised_units),
    )
    return or_(
        exists(select(root.id).where(root.id == root_id, root.started_by == principal.name)),
        exists(select(task.id).where(task.root_id == root_id, involved)),
    )


def people(*names: str | None) -> tuple[str, ...]:
    """``names`` without None, each once: an actor and whom they act for."""
    found: Iterable[str] = (name for name in names if name is not None)
    return tuple(dict.fromkeys(found))
