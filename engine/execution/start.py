"""Opening a root instance: used by the start command, by message and by timer start events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from engine.execution.advance import advance_root
from engine.execution.epoch import count_on
from engine.execution.lock import ROOT_SCOPE, Root
from engine.execution.scopes import DatabaseScopes
from engine.execution.task_rows import HEAD_OFFICE
from engine.ids import new_id
from engine.kernel.definition import HOUSE_ZONE, Definition
from engine.kernel.stimuli import Start
from engine.model.instance import ACTIVE, ProcessInstance
from engine.runtime import Work

_CASE_NUMBER = re.compile(r"PF-[0-9]{4}-[0-9]{4,}")


def start_root(
    work: Work,
    definition_key: str,
    version: int,
    *,
    event: str | None,
    variables: Mapping[str, object],
    business_key: str | None = None,
    unit: str | None = None,
    payload: Mapping[str, object] | None = None,
) -> str:
    """Start an instance without asking who may, and return its id; see `open_root`."""
    opened = open_root(
        work,
        f"{definition_key}:{version}",
        event=event,
        variables=variables,
        business_key=business_key,
        unit=unit,
        payload=payload or {},
    )
    return opened.id


def open_root(
    work: Work,
    ref: str,
    *,
    event: str | None,
    variables: Mapping[str, object],
    business_key: str | None,
    unit: str | None,
    payload: Mapping[str, object],
) -> Root:
    """Insert the root's row and run the process ``ref`` from its start event ``event`` (None: the none start event).

    ``business_key`` default: the next case number. ``unit`` default: the process's property ``unit``, else head office.
    """
    definitions = work.sancha.definitions.for_work(work)
    deployed = definitions.row(ref)
    definition = definitions.get(ref)
    actor = work.principal.name
    root_id = new_id()
    row = ProcessInstance(
        id=root_id,
        root_id=root_id,
        scope=ROOT_SCOPE,
        definition_id=deployed.id,
        definition_key=deployed.key,
        definition_version=deployed.version,
        business_key=business_key or next_case_number(work),
        unit=unit or definition.properties.get("unit") or HEAD_OFFICE,
        status=ACTIVE,
        revision=0,
        started_by=actor,
        started_at=work.now,
        changed_by=actor,
        changed_at=work.now,
        audit_seq=0,
        audit_head="",
    )
    work.session.add(row)
    work.session.flush()
    root = Root(row, DatabaseScopes(work.session, root_id), {ROOT_SCOPE: root_id})
    advance_root(
        work,
        root,
        Start(ref, dict(variables), row.business_key, event),
        action="instance:started",
        element=event or none_start(definition),
        payload={"business_key": row.business_key, "unit": row.unit, **payload},
    )
    return root


def next_case_number(work: Work) -> str:
    """``PF-YYYY-NNNN`` of the business year in Asia/Shanghai: without gap, as the counter's row stays locked until the
    transaction ends (3.1 of the domain's common rules).
    """
    year = work.now.astimezone(ZoneInfo(HOUSE_ZONE)).year
    return f"PF-{year}-{count_on(work.session, f'case-number-{year}'):04d}"


def is_case_number(text: str) -> bool:
    """Whether ``text`` can be a number that `next_case_number` gives, now or later."""
    return _CASE_NUMBER.fullmatch(text) is not None


def none_start(definition: Definition) -> str | None:
    """The start event of the process that needs no message and no timer, if it has one."""
    starts = definition.starts.get(None, ())
    return next((start for start in starts if definition.nodes[start].event is None), None)
