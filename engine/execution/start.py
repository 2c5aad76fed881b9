"""Opening a root instance: used by the start command, and by what starts instances by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine.errors import DuplicateName, InvalidInput
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

_LONGEST = 255
_CASE_NUMBER = re.compile(r"PF-[0-9]{4}-[0-9]{4,}")


def start_root(
    work: Work,
    definition_key: str,
    version: int,
    *,
    event: str | None,
    part: int = 0,
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
        part=part,
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
    part: int = 0,
    variables: Mapping[str, object],
    business_key: str | None,
    unit: str | None,
    payload: Mapping[str, object],
) -> Root:
    """Insert the root's row and run the process ``ref`` from ``event``, of which ``part`` happened (see
    `engine.kernel.stimuli.Start`; None: from its none start event, or where it begins without one).

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
        Start(ref, dict(variables), row.business_key, event, part),
        action="instance:started",
        element=event or plain_entry(definition),
        payload={"business_key": row.business_key, "unit": row.unit, **payload},
    )
    return root


def next_case_number(work: Work) -> str:
    """``PF-YYYY-NNNN`` of the business year in Asia/Shanghai: without gap, as the counter's row stays locked until the
    transaction ends (3.1 of the domain's common rules).
    """
    year = work.now.astimezone(ZoneInfo(HOUSE_ZONE)).year
    return f"PF-{year}-{count_on(work.session, f'case-number-{year}'):04d}"


def check_business_key(work: Work, business_key: str) -> None:
    """A key names one case alone: registers, facts and money are found by it. One statement.

    Raises `InvalidInput` for a text that is none or a case number, which the house gives, and `DuplicateName`.
    """
    if not (0 < len(business_key) <= _LONGEST and business_key.isprintable()):
        text = "A business key has 1 to 255 printable characters."
        raise InvalidInput(text, {"business_key": ["wrong length or characters"]})
    if is_case_number(business_key):
        text = f"Case numbers such as {business_key} are given by the house: choose another key, or none."
        raise InvalidInput(text, {"business_key": ["a case number"]})
    taken = select(ProcessInstance.id).where(
        ProcessInstance.business_key == business_key, ProcessInstance.parent_id.is_(None)
    )
    if work.session.scalar(taken.limit(1)) is not None:
        raise DuplicateName(f"There is a case with the business key {business_key!r} already.")


def is_free(work: Work, business_key: str) -> bool:
    """Whether `check_business_key` has nothing against it."""
    try:
        check_business_key(work, business_key)
    except (InvalidInput, DuplicateName):
        return False
    return True


def is_case_number(text: str) -> bool:
    """Whether ``text`` can be a number that `next_case_number` gives, now or later."""
    return _CASE_NUMBER.fullmatch(text) is not None


def plain_entry(definition: Definition) -> str | None:
    """Where the process begins when a person starts it: at its none start event, or, without any start event, at the
    first element that nothing leads to. None for a process that only messages, signals, timers or conditions start, and
    for a global task, which bears the key of its process: that is only called.
    """
    if definition.key in definition.nodes:
        return None
    return next(iter(definition.entries.get(None, ())), None)
