"""Start what is waiting for a condition: processes with a conditional start event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from engine.access import ADMIN, require
from engine.errors import InvalidInput
from engine.execution.payload import check_variables
from engine.execution.start import check_business_key, open_root
from engine.feel import FeelError
from engine.kernel.definition import Conditional
from engine.model.subscription import CONDITION, Subscription
from engine.queries.instances import InstanceView, view
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class _Condition:
    """A conditional start event of the latest version of a process."""

    ref: str
    element: str
    part: int


def evaluate_conditions(
    work: Work, variables: Mapping[str, object], *, business_key: str | None = None
) -> tuple[InstanceView, ...]:
    """Start an instance, with ``variables``, at each conditional start event whose condition they make true; in order
    of the processes' keys, all or none. The events are those of the latest versions.

    A condition that asks for a variable which is not there, or fails otherwise, is not true. ``business_key`` default:
    the next case number of each.

    ADMIN only. Raises `Forbidden`, `InvalidInput` for values that cannot be stored and for a business key that several
    instances would share, `DuplicateName` for one that another case has.
    """
    require(work.principal, ADMIN, "evaluate conditions")
    data = check_variables(variables, work.sancha.limits.variables_bytes)
    fulfilled = [condition for condition in _conditions(work) if _is_true(work, condition, data)]
    if business_key is not None:
        check_business_key(work, business_key)
        if len(fulfilled) > 1:
            places = [f"{each.ref} {each.element}" for each in fulfilled]
            text = "A business key names one case alone, and several conditions are true: give none."
            raise InvalidInput(text, {"business_key": places})
    roots = [
        open_root(
            work,
            condition.ref,
            event=condition.element,
            part=condition.part,
            variables=data,
            business_key=business_key,
            unit=None,
            payload={},
        )
        for condition in fulfilled
    ]
    return tuple(view(root.row) for root in roots)


def _conditions(work: Work) -> list[_Condition]:
    rows = work.session.execute(
        select(Subscription.definition_key, Subscription.definition_version, Subscription.element, Subscription.part)
        .where(Subscription.root_id.is_(None), Subscription.kind == CONDITION)
        .order_by(Subscription.definition_key, Subscription.id)
    )
    return [_Condition(f"{key}:{version}", element, part) for key, version, element, part in rows]


def _is_true(work: Work, condition: _Condition, variables: Mapping[str, object]) -> bool:
    node = work.sancha.definitions.for_work(work).get(condition.ref).nodes[condition.element]
    event = node.events[condition.part]
    if not isinstance(event, Conditional) or (event.variable is not None and event.variable not in variables):
        return False
    try:
        return event.condition.evaluate(variables, now=work.now) is True
    except FeelError:
        return False
