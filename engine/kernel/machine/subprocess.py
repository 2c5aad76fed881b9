"""Embedded subprocesses, and the scope that holds an activity's mapped inputs."""

from __future__ import annotations

from engine.kernel.definition import Definition, Node
from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.names import check_depth
from engine.kernel.machine.variables import Visible, everything, mapped, put_here
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, Scope, ScopeKind, Token


def enter_subprocess(work: Work, at: Visit) -> None:
    """Opens a scope and begins at its none start event."""
    check_depth(at.scope)
    start = none_start(work.definition_of(at.scope), at.node.id)
    number = work.next_number()
    id = f"{at.scope}.{number}"
    work.create(id, Scope(ScopeKind.SUB_PROCESS, at.node.id, at.token.number))
    work.change(at, Phase.CHILD, child=number)
    work.begin(id, start)


def none_start(definition: Definition, container: str | None) -> Node:
    """The none start event of a process (``container`` None) or subprocess. Raises `StepFailure`."""
    for id in definition.starts.get(container, ()):
        if definition.nodes[id].event is None:
            return definition.nodes[id]
    raise StepFailure(Code.NO_START, f"{container or definition.ref} has no none start event")


def open_local(work: Work, at: Visit) -> None:
    """Evaluates the activity's input mappings into a scope of their own, in which the activity then runs."""
    check_depth(at.scope)
    values = mapped(Visible(work, at.scope), at.node.inputs, work.now, "input", everything(work, at.scope))
    number = work.next_number()
    id = f"{at.scope}.{number}"
    work.create(id, Scope(ScopeKind.LOCAL, at.node.id, at.token.number))
    work.change(at, Phase.CHILD, child=number)
    put_here(work, id, values, at.node.id)
    inner = work.next_number()
    work.put(id, Token(inner, at.node.id, Phase.RUN, at.token.step))
    work.enqueue(id, inner)
