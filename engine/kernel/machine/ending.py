"""End events: message, error and terminate; a none end event only ends its token (see ``flow``)."""

from __future__ import annotations

from engine.kernel.definition import Error, Message, Terminate
from engine.kernel.effects import StepLeft
from engine.kernel.machine.cancel import end_others
from engine.kernel.machine.events import throw_message
from engine.kernel.machine.flow import finish
from engine.kernel.machine.incidents import throw
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase


def reach_end(work: Work, at: Visit) -> None:
    """Does what the end event says."""
    event = at.node.event
    if isinstance(event, Terminate):
        _terminate(work, at)
    elif isinstance(event, Error):
        throw(work, at, event.code or "", at.node.name, {})
    elif isinstance(event, Message):
        throw_message(work, at)
    else:
        work.change(at, Phase.LEAVE)


def _terminate(work: Work, at: Visit) -> None:
    """Ends the scope it lies in with everything in it: an instance, a called instance or a subprocess, no more."""
    work.emit(StepLeft(at.instance, at.token.step, at.node.id, "completed"))
    work.take(at)
    end_others(work, at.scope)
    finish(work, at.scope, "terminated", at.node.id)
