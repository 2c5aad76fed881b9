"""What completing a task has to know once the case is locked, in one statement: who did what, and the state around it.

Not part of the locking statement: on PostgreSQL that one sees other rows as they were before it had to wait.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import CompoundSelect, Table, bindparam, literal_column, null, select, union_all

from engine.exclusion import exclusion_query, performed, refuse_performers
from engine.execution.lock import Root
from engine.execution.scopes import ancestry
from engine.model.instance import ScopeState
from engine.model.task import UserTask
from engine.runtime import Work


def check_performers(work: Work, root: Root, task: UserTask, people: tuple[str, ...]) -> None:
    """As `engine.exclusion.check_exclusions`, and have the scopes that lead to the task's token at hand.

    One statement, whether anything is excluded or not. Raises `ExcludedPerformer`.
    """
    asked = exclusion_query(work, task, people)
    if asked is None:
        root.scopes.prefetch(task.token)
        return
    wanted = ancestry(task.token)
    rows = work.session.execute(_performed_and_scopes(), asked | {"scopes": wanted}).all()
    root.scopes.remember(wanted, {row.element: row.name for row in rows if row.is_scope})
    refuse_performers(task, [row for row in rows if not row.is_scope], people)


@cache
def _performed_and_scopes() -> CompoundSelect[Any]:
    """The rows of `performed`, and each scope's id and body in place of a task's element and name."""
    scopes = cast(Table, ScopeState.__table__).c
    done = performed()
    empty = (null() for _ in list(done.selected_columns)[2:])
    around = select(scopes.scope, scopes.body, *empty, literal_column("1")).where(
        scopes.root_id == bindparam("of_root"), scopes.scope.in_(bindparam("scopes", expanding=True))
    )
    return union_all(done.add_columns(literal_column("0").label("is_scope")), around)
