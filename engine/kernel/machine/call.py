"""Call activities: a child instance of another definition, within the same root."""

from __future__ import annotations

from engine.kernel.definition import ProcessCall
from engine.kernel.effects import CallStarted
from engine.kernel.errors import Code, NotDeployed
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.names import check_depth, name_of
from engine.kernel.machine.subprocess import begin_all, entries
from engine.kernel.machine.variables import Visible, evaluate, everything, mapped, put_here
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, Scope, ScopeKind
from engine.kernel.values import Json, text_of


def enter_call(work: Work, at: Visit) -> None:
    """Binds the called version, maps the data in and begins the child instance."""
    call = at.node.call
    assert call is not None  # noqa: S101 - the compiler gives every call activity its call
    check_depth(at.scope)
    key = text_of(evaluate(work, at.scope, call.called, "called process"))
    if not key:
        raise StepFailure(Code.BAD_VALUE, "the called process has no name")
    caller = work.definition_of(at.scope)
    try:
        definition = work.definitions.called(key, call.binding, call.version, caller.ref)
    except NotDeployed as problem:
        raise StepFailure(Code.NOT_DEPLOYED, str(problem)) from None
    starts = entries(definition, None)
    values = mapped(work, Visible(work, at.scope), call.inputs, "input", everything(work, at.scope))
    business_key = _business_key(work, at, call)
    number = work.next_number()
    id = f"{at.scope}.{number}"
    child = Scope(ScopeKind.PROCESS, at.node.id, at.token.number, definition=definition.ref, business_key=business_key)
    work.create(id, child)
    work.emit(CallStarted(at.instance, at.token.step, at.node.id, id, definition.ref, business_key))
    work.change(at, Phase.CHILD, child=number)
    put_here(work, id, values, "")
    begin_all(work, id, starts)


def results(work: Work, at: Visit, call: ProcessCall) -> dict[str, Json]:
    """What comes back from the finished child instance. Raises `StepFailure`."""
    return mapped(work, Visible(work, at.child), call.outputs, "output", everything(work, at.child))


def _business_key(work: Work, at: Visit, call: ProcessCall) -> str:
    """The mapped business key, else the caller's."""
    for mapping in call.inputs:
        if mapping.business_key and mapping.source is not None:
            key = name_of(evaluate(work, at.scope, mapping.source, "business key"), "business key")
            if key is None or not key.isprintable():
                raise StepFailure(Code.BAD_VALUE, "the mapped business key gives no text that can be printed")
            return key
    return work.scope(at.instance).business_key
