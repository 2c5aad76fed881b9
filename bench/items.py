"""(g) Many items of one activity: what each costs from the start of its case to its end, the kernel alone, its state
stored as text after every step.
"""

from __future__ import annotations

import statistics
from itertools import pairwise

from bench.loops import OneDefinition, StoredCase
from bench.scale import Scale
from bench.table import Row, micro
from engine.kernel.compile import compile_model
from engine.kernel.definition import Definition
from engine.kernel.stimuli import CompleteTask, Start
from tests.factories import flow, process, task
from tests.kernel.bpmn import extended

FEW = 10
_FEW_TURNS = 50
_MANY_TURNS = 3
_GATHERED = extended(
    '<camunda:properties><camunda:property name="outputCollection" value="votes"/>'
    '<camunda:property name="outputElement" value="=vote"/></camunda:properties>'
)
_EACH = 'camunda:collection="members" camunda:elementVariable="member"'
_INSIDE = f'<startEvent id="begin"/>{task("ask")}<endEvent id="over"/>{flow("begin", "ask")}{flow("ask", "over")}'


def bench_items(scale: Scale) -> list[Row]:
    """The rows of (g)."""
    kinds = (
        ("parallel user tasks, a cardinality", _person(_cardinality(sequential=False))),
        ("parallel user tasks over a list, results gathered", _person(_list(sequential=False), _GATHERED)),
        ("sequential user tasks over a list, results gathered", _person(_list(sequential=True), _GATHERED)),
        ("parallel subprocesses over a list, results gathered", _subprocess(_list(sequential=False))),
    )
    rows = []
    for what, activity in kinds:
        (definition,) = compile_model(_around(activity), file="items.bpmn")
        few = statistics.median(per_item(definition, FEW) for _ in range(_FEW_TURNS))
        for many in scale.items:
            found = statistics.median(per_item(definition, many) for _ in range(_MANY_TURNS))
            rows.append(
                Row("g", f"{what}: an item, {many:,} against {FEW}", found / few, micro(found), micro(few), "≤ 3")
            )
    return rows


def per_item(definition: Definition, count: int) -> float:
    """Seconds that each of ``count`` items takes: the steps of the whole case, divided by them."""
    case = StoredCase(OneDefinition(definition))
    members = [f"member {number}" for number in range(count)]
    took = case.step(Start(definition.ref, {"members": members, "count": count}))
    while case.opened:
        took += case.step(CompleteTask(case.opened.popleft(), {"vote": "FOR"}))
    assert not case.stored, "the case has ended"
    return took / count


def _person(loop: str, extensions: str = "") -> str:
    return f'<userTask id="x">{extensions}{loop}</userTask>'


def _subprocess(loop: str) -> str:
    return f'<subProcess id="x">{_GATHERED}{loop}{_INSIDE}</subProcess>'


def _cardinality(*, sequential: bool) -> str:
    return _loop(sequential, "", "<loopCardinality>count</loopCardinality>")


def _list(*, sequential: bool) -> str:
    return _loop(sequential, _EACH, "")


def _loop(sequential: bool, attributes: str, inside: str) -> str:
    flag = str(sequential).lower()
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{flag}" {attributes}>{inside}'
        "</multiInstanceLoopCharacteristics>"
    )


def _around(activity: str) -> bytes:
    flows = "".join(flow(*pair) for pair in pairwise(("s", "x", "e")))
    return process("items", f'<startEvent id="s"/>{activity}<endEvent id="e"/>{flows}')
