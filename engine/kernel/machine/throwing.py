"""Intermediate and end events that throw: messages, signals, escalations, errors, compensation, cancel, terminate.

An event with several definitions throws them in the order of the file (BPMN 2.0.2, 10.5.4). What interrupts the
thrower (an error, an escalation that is caught by an interrupting event) leaves the rest unthrown.
"""

from __future__ import annotations

from engine.kernel.definition import (
    Cancel,
    Compensate,
    Error,
    Escalation,
    EventDefinition,
    Message,
    Signal,
    Terminate,
)
from engine.kernel.effects import StepLeft
from engine.kernel.machine import compensation, transaction
from engine.kernel.machine.cancel import end_others
from engine.kernel.machine.flow import finish, leave
from engine.kernel.machine.propagation import raise_escalation, throw
from engine.kernel.machine.sending import throw_message, throw_signal
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase


def throw_events(work: Work, at: Visit) -> None:
    """Does what the throwing or end event says, from the definition on that the token has come to."""
    done = at.token.flow or ""
    for part in range(int(done) if done.isdigit() else 0, len(at.node.events)):
        if not _throw(work, at, at.node.events[part], part):
            return
        if work.visit(at.scope, at.token.number) is None:
            return
    work.change(at, Phase.LEAVE)


def _throw(work: Work, at: Visit, event: EventDefinition, part: int) -> bool:
    """Throws one event; false when the token waits for something before it goes on with the next."""
    match event:
        case Message():
            throw_message(work, at, event)
        case Signal():
            throw_signal(work, at, event, part)
            return False
        case Escalation():
            raise_escalation(work, at, event.code or "", {})
        case Error():
            throw(work, at, event.code or "", at.node.name, {})
            return False
        case Compensate():
            at.token = at.token._replace(flow=str(part + 1))
            return compensation.throw(work, at, event)
        case Cancel():
            transaction.cancel(work, at)
            return False
        case Terminate():
            _terminate(work, at)
            return False
    return True


def send_or_pass(work: Work, at: Visit) -> None:
    """A send task without a handler throws its message; without one it passes."""
    if isinstance(at.node.event, Message):
        throw_message(work, at, at.node.event)
        work.change(at, Phase.LEAVE)
    else:
        leave(work, at)


def _terminate(work: Work, at: Visit) -> None:
    """Ends the scope it lies in with everything in it: an instance, a called instance or a subprocess, no more."""
    work.emit(StepLeft(at.instance, at.token.step, at.node.id, "completed"))
    work.take(at)
    end_others(work, at.scope)
    finish(work, at.scope, "terminated", at.node.id)
