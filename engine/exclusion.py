"""Segregation of duties: who did one task of a case may not do another one of it.

A task's ``excludes`` names elements of any process of the case. The rule holds in both directions, whichever of the
two tasks is done first, and for the person a substitute acts for as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, cast

from sqlalchemy import BindParameter, Row, Select, Table, bindparam, or_, select

from engine.errors import ExcludedPerformer
from engine.model.task import COMPLETED, UserTask
from engine.runtime import Work


def check_exclusions(work: Work, task: UserTask, people: tuple[str, ...]) -> None:
    """Raises `ExcludedPerformer` when one of ``people`` completed a task of the same root that excludes this one, or
    that this one excludes. No statement when no definition excludes anything here, else one.
    """
    asked = exclusion_query(work, task, people)
    if asked is not None:
        refuse_performers(task, work.session.execute(performed(), asked), people)


def exclusion_query(work: Work, task: UserTask, people: tuple[str, ...]) -> dict[str, Any] | None:
    """The parameters for `performed`; None when no definition excludes anything here."""
    excluders = work.sancha.definitions.for_work(work).catalogue.excluders
    elements = set(task.excludes) | excluders.get(task.element, frozenset())
    return {"of_root": task.root_id, "elements": sorted(elements), "people": list(people)} if elements else None


def refuse_performers(task: UserTask, done: Iterable[Row[Any]], people: tuple[str, ...]) -> None:
    """Raises `ExcludedPerformer` for the oldest row of ``done`` (of `performed`) that does not go with ``task``."""
    for other in sorted(done, key=lambda row: row.completed_at):
        # The other task's own row says what its version excluded; the catalogue knows only that some version did.
        if other.element in task.excludes or task.element in other.excludes:
            who = other.completed_by if other.completed_by in people else other.on_behalf_of
            raise ExcludedPerformer(
                f"{who} performed {other.name!r} in this case and may not perform {task.name!r}.",
                who=who,
                performed=other.element,
                performed_name=other.name,
                performed_name_en=other.name_en,
                task=task.id,
                element=task.element,
            )


@cache
def performed() -> Select[Any]:
    """What ``people`` completed at ``elements`` of the root ``of_root``. Built once: building it takes longer than
    running it.
    """
    tasks = cast(Table, UserTask.__table__).c
    people: BindParameter[Any] = bindparam("people", expanding=True)
    return select(
        tasks.element,
        tasks.name,
        tasks.name_en,
        tasks.excludes,
        tasks.completed_by,
        tasks.on_behalf_of,
        tasks.completed_at,
    ).where(
        tasks.root_id == bindparam("of_root"),
        tasks.element.in_(bindparam("elements", expanding=True)),
        tasks.status == COMPLETED,
        or_(tasks.completed_by.in_(people), tasks.on_behalf_of.in_(people)),
    )
