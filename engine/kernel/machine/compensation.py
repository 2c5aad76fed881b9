"""Compensation: undoing what has completed, the latest first (BPMN 2.0.2, 10.7 and 13.5.5).

A throw event takes the records of its scope (all of them, or those of one activity) and runs their handlers one after
the other; it goes on when all are done, or at once when it does not wait. The handler of an activity runs in the
activity's record, where it reads values of the time the activity completed. A kept subprocess runs its compensation
event subprocess, or else undoes what completed in it. One that is interrupted gives back what it had not come to.
"""

from __future__ import annotations

from itertools import pairwise

from engine.kernel.definition import Compensate
from engine.kernel.effects import StepEntered
from engine.kernel.machine.event_subprocess import triggered
from engine.kernel.machine.records import addressed, discard
from engine.kernel.machine.work import BESIDE, Visit, Work
from engine.kernel.scope import Phase, Scope, ScopeKind, Token, parent_of


def throw(work: Work, at: Visit, event: Compensate) -> bool:
    """Begins to undo; false when the token waits until that is done."""
    target = _target(work, at, event)
    head = 0 if target is None else _take(work, target, event.activity)
    if target is None or not head:
        work.put(at.scope, at.token)
        return True
    if event.wait:
        undo(work, at, target, head)
        return False
    work.put(at.scope, at.token)
    beside = work.next_number()  # a token of its own, which keeps the scope alive and goes nowhere afterwards
    work.put(at.scope, Token(beside, at.node.id, Phase.CHILD, beside, flow=BESIDE))
    work.emit(StepEntered(at.instance, beside, at.node.id, at.node.kind.value, at.scope))
    other = work.visit(at.scope, beside)
    assert other is not None  # noqa: S101 - it was put there just now
    undo(work, other, target, head)
    return True


def undo(work: Work, at: Visit, target: str, head: int) -> None:
    """Lets the token wait until the records of ``target`` from ``head`` on have been undone."""
    number = work.next_number()
    id = f"{at.scope}.{number}"
    work.create(id, Scope(ScopeKind.UNDO, at.node.id, at.token.number, record=head, target=target))
    work.change(at, Phase.CHILD, child=number)
    work.runners.append(id)


def go_on(work: Work, runner: str) -> None:
    """Undoes the next record that ``runner`` has, or ends it."""
    if work.find(runner) is None:
        return
    scope = work.edit(runner)
    if not scope.record:
        _end_runner(work, runner, scope)
        return
    id = f"{scope.target or runner}.{scope.record}"
    record = work.edit(id)
    scope.record, scope.running = record.previous, id
    record.previous, record.runner = 0, runner
    definition = work.definition_of(id)
    node = definition.nodes[record.element]
    if record.kind is ScopeKind.RECORD:
        assert node.handler is not None  # noqa: S101 - only activities with a handler get such a record
        work.begin(id, definition.nodes[node.handler])
    elif record.kind is ScopeKind.SUB_PROCESS and node.id in definition.undoing and not record.target:
        start = definition.nodes[definition.starts[definition.undoing[node.id]][0]]
        triggered(work, id, start, {}, undoing=True)
    else:
        work.runners.append(id)


def undone(work: Work, id: str) -> None:
    """A record has been undone: it is gone, and whoever asked for it goes on."""
    runner = work.scope(id).runner
    discard(work, id)
    if work.find(runner) is not None:
        work.edit(runner).running = ""
        work.runners.append(runner)


def _end_runner(work: Work, id: str, scope: Scope) -> None:
    if scope.kind is not ScopeKind.UNDO:
        undone(work, id)
        return
    owner = work.visit(parent_of(id), scope.owner)
    work.remove(id)
    assert owner is not None  # noqa: S101 - a scope ends together with its owner, never after it
    work.change(owner, Phase.LEAVE if owner.token.flow == BESIDE else Phase.RUN)
    work.enqueue(owner.scope, owner.token.number)


def _target(work: Work, at: Visit, event: Compensate) -> str | None:
    """The scope whose activities are undone: the nearest one of the container that the event means."""
    definition = work.definition_of(at.scope)
    named = definition.nodes.get(event.activity or "")
    container = addressed(definition, at.node.parent) if named is None else named.parent
    id = at.scope
    while True:
        scope = work.scope(id)
        if scope.kind is ScopeKind.PROCESS:
            return id if container is None else None
        if scope.kind is ScopeKind.SUB_PROCESS and scope.element == container:
            return id
        id = parent_of(id)


def _take(work: Work, target: str, activity: str | None) -> int:
    """Takes the records of a scope away from it, all or those of one activity; the number of the latest, 0 for none."""
    scope = work.edit(target)
    if activity is None:
        head, scope.record = scope.record, 0
        return head
    taken: list[int] = []
    left: list[int] = []
    number = scope.record
    while number:
        record = work.scope(f"{target}.{number}")
        (taken if record.element == activity else left).append(number)
        number = record.previous
    scope.record = _chain(work, target, left)
    return _chain(work, target, taken)


def _chain(work: Work, target: str, numbers: list[int]) -> int:
    for number, previous in pairwise([*numbers, 0]):
        if work.scope(f"{target}.{number}").previous != previous:
            work.edit(f"{target}.{number}").previous = previous
    return numbers[0] if numbers else 0
