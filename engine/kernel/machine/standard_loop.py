"""Standard loops: an activity is repeated while a condition is true (BPMN 2.0.2, 10.3.8 and 13.3.6).

Each round has a scope of its own with ``loopCounter``, the number of rounds before it. The condition sees
``loopCounter`` as the number of rounds that are done.
"""

from __future__ import annotations

from engine.kernel.definition import StandardLoop
from engine.kernel.effects import StepLeft
from engine.kernel.machine.names import check_depth
from engine.kernel.machine.records import completed, put_away
from engine.kernel.machine.variables import condition, put_here
from engine.kernel.machine.waits import disarm
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, Scope, ScopeKind, parent_of


def begin_loop(work: Work, at: Visit) -> None:
    """The first round, unless the condition is asked before it and is false."""
    check_depth(at.scope)
    loop = _loop(at)
    if loop.test_before and not _again(work, at.scope, loop, 0):
        work.change(at, Phase.LEAVE)
    else:
        _begin_round(work, at, 0)


def round_done(work: Work, at: Visit) -> None:
    """A round is done: another one begins, or the activity leaves. Raises `StepFailure`, and then nothing changed."""
    index = work.scope(at.scope).index + 1
    again = _again(work, at.scope, _loop(at), index)
    disarm(work, at)
    completed(work, at)
    work.emit(StepLeft(at.instance, at.token.step, at.node.id, "completed"))
    work.take(at)
    owner = work.visit(parent_of(at.scope), work.scope(at.scope).owner)
    assert owner is not None  # noqa: S101 - a scope ends together with its owner, never after it
    put_away(work, at.scope)
    if again:
        _begin_round(work, owner, index)
    else:
        work.change(owner, Phase.LEAVE)
        work.enqueue(owner.scope, owner.token.number)


def _begin_round(work: Work, owner: Visit, index: int) -> None:
    number = work.next_number()
    id = f"{owner.scope}.{number}"
    work.create(id, Scope(ScopeKind.LOOP, owner.node.id, owner.token.number, index=index))
    work.change(owner, Phase.CHILD, child=number)
    put_here(work, id, {"loopCounter": index}, owner.node.id)
    work.begin(id, owner.node, Phase.RUN)


def _again(work: Work, scope: str, loop: StandardLoop, done: int) -> bool:
    if loop.maximum is not None and done >= loop.maximum:
        return False
    return loop.condition is None or condition(work, scope, loop.condition, "loop condition", {"loopCounter": done})


def _loop(at: Visit) -> StandardLoop:
    assert isinstance(at.node.loop, StandardLoop)  # noqa: S101 - only called for activities with such a loop
    return at.node.loop
