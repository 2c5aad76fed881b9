"""Embedded subprocesses, and the scope that holds an activity's mapped inputs."""

from __future__ import annotations

from collections.abc import Sequence

from engine.kernel.definition import Definition, Node
from engine.kernel.errors import Code
from engine.kernel.machine.ad_hoc import begin_activities
from engine.kernel.machine.event_subprocess import first_phase
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.names import check_depth
from engine.kernel.machine.variables import Visible, everything, mapped, put_here
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, Scope, ScopeKind, Token


def enter_subprocess(work: Work, at: Visit) -> None:
    """Opens a scope and begins in it: at its none start event, or at all that nothing leads to; in an ad-hoc
    subprocess as that says.
    """
    check_depth(at.scope)
    starts = entries(work.definition_of(at.scope), at.node.id)
    number = work.next_number()
    id = f"{at.scope}.{number}"
    work.create(id, Scope(ScopeKind.SUB_PROCESS, at.node.id, at.token.number))
    work.change(at, Phase.CHILD, child=number)
    if at.node.ad_hoc is not None:
        begin_activities(work, id, first_phase(work, id, happened=False))
    else:
        begin_all(work, id, starts)


def begin_all(work: Work, scope: str, starts: Sequence[Node]) -> None:
    """Begins at ``starts``; the first token lets the scope's event subprocesses wait."""
    phase = first_phase(work, scope, happened=False)
    for start in starts:
        work.begin(scope, start, phase)
        phase = Phase.ENTER


def entries(definition: Definition, container: str | None) -> list[Node]:
    """Where a process (``container`` None) or subprocess begins that no event triggers. Raises `StepFailure`."""
    found = [definition.nodes[id] for id in definition.entries.get(container, ())]
    if not found:
        raise StepFailure(Code.NO_START, f"{container or definition.ref} has no none start event")
    return found


def open_local(work: Work, at: Visit) -> None:
    """Evaluates the activity's input mappings into a scope of their own, in which the activity then runs."""
    check_depth(at.scope)
    values = mapped(work, Visible(work, at.scope), at.node.inputs, "input", everything(work, at.scope))
    number = work.next_number()
    id = f"{at.scope}.{number}"
    work.create(id, Scope(ScopeKind.LOCAL, at.node.id, at.token.number))
    work.change(at, Phase.CHILD, child=number)
    put_here(work, id, values, at.node.id)
    inner = work.next_number()
    work.put(id, Token(inner, at.node.id, Phase.RUN, at.token.step))
    work.enqueue(id, inner)
