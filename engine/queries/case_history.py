"""The complete history of a case: every step with who did it, newest or oldest first, filtered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import func, select

from engine.errors import InvalidInput
from engine.ids import is_id
from engine.kernel.definition import Kind
from engine.model.instance import ProcessInstance, Step
from engine.model.task import UserTask
from engine.queries.instances import InstanceView
from engine.queries.page import AnySelect, Key, Order, Page
from engine.runtime import Work

OPEN = "open"
OUTCOMES = (OPEN, "completed", "cancelled", "failed")
GATEWAYS = (
    Kind.EXCLUSIVE_GATEWAY,
    Kind.PARALLEL_GATEWAY,
    Kind.INCLUSIVE_GATEWAY,
    Kind.COMPLEX_GATEWAY,
    Kind.EVENT_BASED_GATEWAY,
)
GROUPS: Mapping[str, tuple[Kind, ...]] = {
    "tasks": (Kind.USER_TASK, Kind.MANUAL_TASK, Kind.TASK),
    "decisions": (Kind.BUSINESS_RULE_TASK,),
    "events": (Kind.START_EVENT, Kind.END_EVENT, Kind.CATCH_EVENT, Kind.THROW_EVENT, Kind.BOUNDARY_EVENT),
    "services": (Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.RECEIVE_TASK, Kind.SCRIPT_TASK),
    "calls": (Kind.CALL_ACTIVITY, Kind.SUB_PROCESS, Kind.TRANSACTION, Kind.AD_HOC_SUB_PROCESS),
}
"""What people ask for, and the kinds of elements it stands for."""

_NEWEST = Order("case-history-newest", (Key(Step.number, "number"),), descending=True)
_OLDEST = Order("case-history-oldest", (Key(Step.number, "number"),))


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One visit of one element, with the instance it belongs to. Instants are aware, UTC; ``left_at`` and ``outcome``
    None while the case is there. ``actor`` completed it, ``on_behalf_of`` somebody else if set; ``assignee`` and
    ``role`` say who has its task, ``task_id`` which one that is.
    """

    number: int
    instance_id: str
    definition_key: str
    definition_version: int
    element: str
    kind: str
    entered_at: datetime
    left_at: datetime | None
    outcome: str | None
    actor: str | None
    on_behalf_of: str | None
    assignee: str | None
    role: str | None
    task_id: str | None

    @property
    def ref(self) -> str:
        """``key:version`` of the process."""
        return f"{self.definition_key}:{self.definition_version}"


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """``group`` is one of `GROUPS`, ``outcome`` one of `OUTCOMES`, ``process`` a key; ``gateways`` shows them too."""

    instance_id: str | None = None
    process: str | None = None
    element: str | None = None
    group: str | None = None
    actor: str | None = None
    outcome: str | None = None
    gateways: bool = False
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class HistoryChoices:
    """What a case's history can be filtered by: process versions (``key``, ``version``) and people."""

    processes: tuple[tuple[str, int], ...]
    actors: tuple[str, ...]


def case_history(
    work: Work, root: InstanceView, wanted: HistoryFilter = HistoryFilter(), *, cursor: str | None, limit: int = 50
) -> Page[HistoryRow]:
    """A page of the steps of the case ``root`` (as `instance` gave it). One statement.

    Raises `InvalidInput` for a strange cursor, group or outcome.
    """
    statement = _joined().where(Step.root_id == root.id)
    if wanted.instance_id is not None:
        if not is_id(wanted.instance_id):
            return Page(())
        statement = statement.where(Step.instance_id == wanted.instance_id)
    for column, value in (
        (ProcessInstance.definition_key, wanted.process),
        (Step.element, wanted.element),
        (Step.actor, wanted.actor),
    ):
        if value is not None:
            statement = statement.where(column == value)
    statement = _of_kind(statement, wanted)
    if wanted.outcome == OPEN:
        statement = statement.where(Step.left_at.is_(None))
    elif wanted.outcome in OUTCOMES:
        statement = statement.where(Step.outcome == wanted.outcome)
    elif wanted.outcome is not None:
        raise InvalidInput(f"No step ends {wanted.outcome!r}.", {"outcome": list(OUTCOMES)})
    order = _OLDEST if wanted.oldest_first else _NEWEST
    rows = work.session.execute(order.apply(statement, cursor, limit))
    return order.page(rows, limit, lambda row: HistoryRow(*row), lambda row: (row.number,))


def history_choices(work: Work, root: InstanceView) -> HistoryChoices:
    """What to filter by. Two statements."""
    processes = work.session.execute(
        select(ProcessInstance.definition_key, ProcessInstance.definition_version)
        .where(ProcessInstance.root_id == root.id)
        .group_by(ProcessInstance.definition_key, ProcessInstance.definition_version)
        .order_by(func.min(ProcessInstance.started_at), ProcessInstance.definition_key)
    )
    actors = work.session.scalars(
        select(Step.actor).where(Step.root_id == root.id, Step.actor.is_not(None)).distinct().order_by(Step.actor)
    )
    return HistoryChoices(
        tuple((key, version) for key, version in processes), tuple(actor for actor in actors if actor is not None)
    )


def _joined() -> AnySelect:
    tables = {
        **dict.fromkeys(("definition_key", "definition_version"), ProcessInstance),
        **dict.fromkeys(("on_behalf_of", "assignee", "role"), UserTask),
    }
    columns = (
        UserTask.id if field.name == "task_id" else getattr(tables.get(field.name, Step), field.name)
        for field in fields(HistoryRow)
    )
    same_step = (UserTask.root_id == Step.root_id) & (UserTask.element == Step.element) & (UserTask.step == Step.number)
    return (
        select(*columns)
        .join(ProcessInstance, ProcessInstance.id == Step.instance_id)
        .join(UserTask, same_step, isouter=True)
    )


def _of_kind(statement: AnySelect, wanted: HistoryFilter) -> AnySelect:
    if wanted.group is not None:
        if wanted.group not in GROUPS:
            raise InvalidInput(f"There are no steps called {wanted.group!r}.", {"group": list(GROUPS)})
        return statement.where(Step.kind.in_(GROUPS[wanted.group]))
    if not wanted.gateways and wanted.element is None:
        return statement.where(Step.kind.not_in(GATEWAYS))
    return statement
