"""Timers and messages: waiting for them, being triggered by them, throwing messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.kernel.definition import Message, Node, Timer, TimerKind
from engine.kernel.effects import AwaitMessage, MessageThrown, StopAwaiting, TimerCleared, TimerSet
from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.names import name_of
from engine.kernel.machine.variables import Visible, evaluate, everything, mapped
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ROOT, Phase, Wait
from engine.kernel.timers import Tick, first_due, next_due, parse_timer
from engine.kernel.values import decode_all, text_of


@dataclass(frozen=True, slots=True)
class _Subscription:
    node: Node
    tick: Tick | None = None
    text: str | None = None
    message: str = ""
    key: str = ""


def catch(work: Work, at: Visit) -> None:
    """An intermediate catch event or receive task waits for its event."""
    arm(work, at, [at.node])
    work.change(at, Phase.CATCH)


def wait_for_first(work: Work, at: Visit) -> None:
    """An event-based gateway waits for the first of the events behind it."""
    nodes = work.definition_of(at.scope).nodes
    arm(work, at, [nodes[flow.target] for flow in at.node.outgoing])
    work.change(at, Phase.EVENTS)


def arm(work: Work, at: Visit, nodes: Iterable[Node]) -> None:
    """Makes the token wait for the timers and messages of ``nodes``.

    Raises `StepFailure` when one of them cannot be evaluated, and then waits for none.
    """
    found = [_subscription(work, at, node) for node in nodes if isinstance(node.event, Timer | Message)]
    if not found:
        return
    scope = work.edit(at.scope)
    numbers = []
    for one in found:
        number = work.next_number()
        numbers.append(number)
        wait = f"{at.scope}:{number}"
        if one.tick is None:
            work.emit(AwaitMessage(at.instance, wait, one.node.id, one.message, one.key))
            scope.waits[number] = Wait(number, at.token.number, one.node.id)
        else:
            work.emit(TimerSet(at.instance, wait, one.node.id, one.tick.at))
            tick = tuple(one.tick.to_json())
            scope.waits[number] = Wait(number, at.token.number, one.node.id, tick, one.text)
    at.token = at.token._replace(waits=(*at.token.waits, *numbers))
    work.put(at.scope, at.token)


def disarm(work: Work, at: Visit) -> None:
    """The token waits for nothing any more."""
    for number in at.token.waits:
        _clear(work, at, number)
    if at.token.waits:
        at.token = at.token._replace(waits=())
        work.put(at.scope, at.token)


def used(work: Work, at: Visit, wait: Wait, *, repeats: bool) -> None:
    """A wait has been triggered; ``repeats`` (a non-interrupting boundary event): it may be triggered again."""
    event = work.definition_of(at.scope).nodes[wait.element].event
    if repeats and isinstance(event, Message):
        return
    if repeats and wait.tick is not None and wait.text is not None and isinstance(event, Timer):
        parsed = parse_timer(TimerKind.CYCLE, wait.text, zone=event.zone)
        tick = next_due(parsed, Tick.from_json(list(wait.tick)), work.now, event.catch_up)
        if tick is not None:
            work.edit(at.scope).waits[wait.number] = wait._replace(tick=tuple(tick.to_json()))
            work.emit(TimerSet(at.instance, f"{at.scope}:{wait.number}", wait.element, tick.at))
            return
    _clear(work, at, wait.number)
    at.token = at.token._replace(waits=tuple(number for number in at.token.waits if number != wait.number))
    work.put(at.scope, at.token)


def throw_message(work: Work, at: Visit) -> None:
    """A message leaves: an effect for the engine, with the mapped payload and nothing else."""
    message = at.node.event
    assert isinstance(message, Message)  # noqa: S101 - the compiler gives senders their message
    key = _key(work, at.scope, message)
    visible = Visible(work, at.scope)
    payload = mapped(visible, message.payload, work.now, "payload", everything(work, at.scope))
    work.emit(MessageThrown(at.instance, at.token.step, at.node.id, message.name, key, decode_all(payload)))
    work.change(at, Phase.LEAVE)


def _clear(work: Work, at: Visit, number: int) -> None:
    wait = work.edit(at.scope).waits.pop(number)
    id = f"{at.scope}:{number}"
    work.emit(StopAwaiting(at.instance, id) if wait.tick is None else TimerCleared(at.instance, id))


def _subscription(work: Work, at: Visit, node: Node) -> _Subscription:
    if isinstance(node.event, Message):
        return _Subscription(node, message=node.event.name, key=_key(work, at.scope, node.event))
    assert isinstance(node.event, Timer)  # noqa: S101 - only timers and messages are armed
    timer = node.event
    value = evaluate(work, at.scope, timer.value, f"timer of {node.id}")
    try:
        if timer.calendar is not None and timer.kind is TimerKind.DURATION:
            due = work.definitions.add_working_time(work.now, text_of(value) or "", timer.calendar)
            return _Subscription(node, Tick(due, 0, due))
        tick = first_due(parse_timer(timer.kind, value, zone=timer.zone), work.now)
    except (ValueError, LookupError) as problem:
        raise StepFailure(Code.TIMER, f"timer of {node.id}: {problem}") from None
    return _Subscription(node, tick, str(value) if timer.kind is TimerKind.CYCLE else None)


def _key(work: Work, scope: str, message: Message) -> str:
    if message.correlation_key is None:
        return work.scope(ROOT).business_key
    what = f"correlation key of message '{message.name}'"
    key = name_of(evaluate(work, scope, message.correlation_key, what), what)
    if not key:
        raise StepFailure(Code.BAD_VALUE, f"{what} gives no text to correlate by")
    return key
