"""Segregation of duties: who did one task of a case may not do another one of it.

A task's ``excludes`` names elements of any process of the case. The rule holds in both directions, whichever of the
two tasks is done first, and for the person a substitute acts for as well.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import BindParameter, Select, Table, bindparam, or_, select

from engine.errors import ExcludedPerformer
from engine.model.task import COMPLETED, UserTask
from engine.runtime import Work


def check_exclusions(work: Work, task: UserTask, people: tuple[str, ...]) -> None:
    """Raises `ExcludedPerformer` when one of ``people`` completed a task of the same root that excludes this one, or
    that this one excludes. No statement when no definition excludes anything here, else one.
    """
    excluders = work.sancha.definitions.for_work(work).catalogue.excluders
    elements = set(task.excludes) | excluders.get(task.element, frozenset())
    if not elements:
        return
    asked = {"of_root": task.root_id, "elements": sorted(elements), "people": list(people)}
    performed = work.session.execute(_performed(), asked)
    for done in performed:
        # The other task's own row says what its version excluded; the catalogue knows only that some version did.
        if done.element in task.excludes or task.element in done.excludes:
            who = done.completed_by if done.completed_by in people else done.on_behalf_of
            raise ExcludedPerformer(
                f"{who} performed {done.name!r} in this case and may not perform {task.name!r}.",
                who=who,
                performed=done.element,
                task=task.id,
                element=task.element,
            )


@cache
def _performed() -> Select[Any]:
    """What ``people`` completed at ``elements`` of the root ``of_root``, oldest first. Built once: building it takes
    longer than running it.
    """
    tasks = cast(Table, UserTask.__table__).c
    people: BindParameter[Any] = bindparam("people", expanding=True)
    return (
        select(tasks.element, tasks.name, tasks.excludes, tasks.completed_by, tasks.on_behalf_of)
        .where(
            tasks.root_id == bindparam("of_root"),
            tasks.element.in_(bindparam("elements", expanding=True)),
            tasks.status == COMPLETED,
            or_(tasks.completed_by.in_(people), tasks.on_behalf_of.in_(people)),
        )
        .order_by(tasks.completed_at)
    )
