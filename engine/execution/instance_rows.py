"""Instances as rows: those that a step called, those that ended in it, and the root's own row."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm.attributes import set_committed_value

from engine.execution.fold import Changes
from engine.execution.upsert import upsert_rows
from engine.execution.writing import Writing, split_ref
from engine.ids import new_id
from engine.kernel.effects import CallEnded
from engine.model.instance import ACTIVE, ProcessInstance

_CHANGING = (
    *("status", "ended_at", "end_event", "revision", "changed_by", "changed_at"),
    *("subject", "client_name", "audit_seq", "audit_head"),
)
_WHERE_IN_TREE = ("root_id", "scope")


def name_called(writing: Writing, changes: Changes) -> None:
    """Give every instance that the step calls its id, which other rows refer to."""
    if changes.calls:
        writing.root.instances.update((scope, new_id()) for scope in changes.calls)
        writing.know(call.instance for call in changes.calls.values())


def end_root(writing: Writing, changes: Changes) -> None:
    """Note on the root's row that the case has ended, if it has."""
    if changes.ended is not None:
        row = writing.root.row
        row.status, row.ended_at = changes.ended.outcome, writing.now
        row.end_event = changes.ended.end_event


def write_instances(writing: Writing, changes: Changes) -> None:
    """One upsert of all instances the step called or ended, with the root's row, which has its audit head by now.

    No statement when the step called and ended none: the root's row alone goes out when the session flushes.
    """
    if not changes.calls and not changes.called_ended:
        return
    root = writing.root.row
    own = {name: getattr(root, name) for name in _columns()}
    rows = [own, *(_called_row(writing, changes, scope) for scope in changes.calls)]
    # The row of an instance called earlier exists, so only its end is written; the rest fills columns of no effect.
    rows += [
        own | _fresh(writing) | {"id": new_id(), "scope": scope} | _end(writing, changes, scope, end)
        for scope, end in changes.called_ended.items()
        if scope not in changes.calls
    ]
    writing.session.execute(upsert_rows(writing.session, ProcessInstance, *_CHANGING, by=_WHERE_IN_TREE), rows)
    for name in _CHANGING:
        set_committed_value(root, name, own[name])


def _called_row(writing: Writing, changes: Changes, scope: str) -> dict[str, Any]:
    root, call, end = writing.root, changes.calls[scope], changes.called_ended.get(scope)
    key, version = split_ref(call.definition)
    return {
        "id": root.instances[scope],
        "root_id": root.id,
        "scope": scope,
        "parent_id": root.instances[call.instance],
        "called_from": call.element,
        "definition_id": writing.definitions.row(call.definition).id,
        "definition_key": key,
        "definition_version": version,
        "business_key": call.business_key or root.row.business_key,
        "unit": root.row.unit,
        "status": ACTIVE,
        "started_by": writing.actor,
        "started_at": writing.now,
        "ended_at": None,
        "end_event": None,
        **_fresh(writing),
        **({} if end is None else _end(writing, changes, scope, end)),
    }


def _fresh(writing: Writing) -> dict[str, Any]:
    """What only the root's row counts, as it stands on every other; and who changed this one."""
    return {
        "revision": 0,
        "changed_by": writing.actor,
        "changed_at": writing.now,
        "subject": None,
        "client_name": None,
        "audit_seq": 0,
        "audit_head": "",
    }


def _end(writing: Writing, changes: Changes, scope: str, end: CallEnded) -> dict[str, Any]:
    return {"status": end.outcome, "ended_at": writing.now, "end_event": changes.end_events.get(scope)}


@cache
def _columns() -> tuple[str, ...]:
    return tuple(cast(Table, ProcessInstance.__table__).c.keys())
