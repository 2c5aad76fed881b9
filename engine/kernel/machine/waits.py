"""Waits: what tokens and scopes listen to. Setting them, clearing them, using them up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from engine.kernel.definition import Conditional, EventDefinition, Message, Node, Signal, Timer, TimerKind
from engine.kernel.effects import AwaitMessage, AwaitSignal, StopAwaiting, TimerCleared, TimerSet
from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.names import name_of
from engine.kernel.machine.variables import evaluate
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ROOT, Phase, Wait, WaitKind, ancestors_of
from engine.kernel.timers import Tick, first_due, next_due, parse_timer
from engine.kernel.values import text_of

BEFORE = "before"
"""With this begins what a token remembers that waits for the transaction of its step."""
LISTENED = Timer | Message | Signal | Conditional
"""Event definitions that something waits for; errors and escalations find their catchers by themselves."""


@dataclass(frozen=True, slots=True)
class _Subscription:
    node: Node
    part: int
    kind: WaitKind
    tick: Tick | None = None
    text: str | None = None
    name: str = ""
    key: str = ""


def arm(work: Work, at: Visit, nodes: Iterable[Node], happened: Collection[int] = ()) -> None:
    """Makes the token wait for the events of ``nodes``; ``happened`` are parts of a parallel multiple event that need
    not be waited for any more.

    Raises `StepFailure` when one of them cannot be evaluated, and then waits for none.
    """
    numbers = _arm(work, at.scope, at.token.number, nodes, happened)
    if numbers:
        at.token = at.token._replace(waits=(*at.token.waits, *numbers))
        work.put(at.scope, at.token)


def arm_scope(work: Work, scope: str, nodes: Iterable[Node]) -> None:
    """Makes the scope itself wait for the start events ``nodes`` of its event subprocesses. Raises `StepFailure`."""
    _arm(work, scope, 0, nodes, ())


def arm_continuation(work: Work, at: Visit, word: str) -> None:
    """The token goes on in a transaction of its own: a timer that is due now. ``word`` says where it goes on."""
    number = work.next_number()
    tick = Tick(work.now, 0, work.now)
    work.edit(at.scope).waits[number] = Wait(
        number, at.token.number, at.node.id, tuple(tick.to_json()), None, WaitKind.TIMER
    )
    at.token = at.token._replace(phase=Phase.ASYNC, flow=word, waits=(*at.token.waits, number))
    work.put(at.scope, at.token)
    work.emit(TimerSet(at.instance, f"{at.scope}:{number}", at.node.id, tick.at))


def _arm(work: Work, scope: str, token: int, nodes: Iterable[Node], happened: Collection[int]) -> list[int]:
    found = [
        _subscription(work, scope, node, part, event, done=part in happened)
        for node in nodes
        for part, event in enumerate(node.events)
        if isinstance(event, LISTENED)
    ]
    numbers = []
    instance = work.instance_of(scope)
    waits = work.edit(scope).waits if found else {}
    for one in found:
        number = work.next_number()
        numbers.append(number)
        handle = f"{scope}:{number}"
        tick = None if one.tick is None else tuple(one.tick.to_json())
        text = one.name if one.kind is WaitKind.SIGNAL else one.text
        waits[number] = Wait(number, token, one.node.id, tick, text, one.kind, one.part)
        if one.kind is WaitKind.MESSAGE:
            work.emit(AwaitMessage(instance, handle, one.node.id, one.name, one.key))
        elif one.kind is WaitKind.SIGNAL:
            work.emit(AwaitSignal(instance, handle, one.node.id, one.name))
            count(work, scope, one.kind, 1)
        elif one.tick is not None:
            work.emit(TimerSet(instance, handle, one.node.id, one.tick.at))
        elif one.kind is WaitKind.CONDITION:
            count(work, scope, one.kind, 1)
            work.armed.append((scope, number))
    return numbers


def count(work: Work, scope: str, kind: WaitKind, by: int) -> None:
    """Counts a wait for a signal or condition in its scope and all around it, also around what undoes it."""
    for id in _all_around(work, scope):
        around = work.edit(id)
        if kind is WaitKind.SIGNAL:
            around.signals += by
        elif kind is WaitKind.CONDITION:
            around.conditions += by


def _all_around(work: Work, scope: str) -> Iterator[str]:
    seen: set[str] = set()
    pending = [scope]
    while pending:
        for id in ancestors_of(pending.pop()):
            if id not in seen:
                seen.add(id)
                yield id
                if runner := work.scope(id).runner:
                    pending.append(runner)


def disarm(work: Work, at: Visit) -> None:
    """The token waits for nothing any more."""
    for number in at.token.waits:
        clear(work, at.scope, number)
    if at.token.waits:
        at.token = at.token._replace(waits=())
        work.put(at.scope, at.token)


def disarm_scope(work: Work, scope: str) -> None:
    """The scope's event subprocesses wait for nothing any more."""
    for wait in scope_waits(work, scope):
        clear(work, scope, wait.number)


def scope_waits(work: Work, scope: str) -> list[Wait]:
    """What the scope itself waits for."""
    return [wait for wait in work.scope(scope).waits.values() if not wait.token]


def clear(work: Work, scope: str, number: int) -> None:
    """Removes one wait from its scope."""
    wait = work.edit(scope).waits.pop(number)
    handle = f"{scope}:{number}"
    instance = work.instance_of(scope)
    if wait.kind is WaitKind.TIMER:
        work.emit(TimerCleared(instance, handle))
    elif wait.kind in (WaitKind.MESSAGE, WaitKind.SIGNAL):
        work.emit(StopAwaiting(instance, handle))
    if wait.kind in (WaitKind.SIGNAL, WaitKind.CONDITION):
        count(work, scope, wait.kind, -1)


def used(work: Work, scope: str, wait: Wait, *, repeats: bool) -> None:
    """A wait has been triggered; ``repeats`` (an event that does not interrupt): it may be triggered again."""
    if repeats and wait.kind in (WaitKind.MESSAGE, WaitKind.SIGNAL, WaitKind.CONDITION):
        return
    event = work.definition_of(scope).nodes[wait.element].events[wait.part]
    if repeats and wait.tick is not None and wait.text is not None and isinstance(event, Timer):
        parsed = parse_timer(TimerKind.CYCLE, wait.text, zone=event.zone)
        tick = next_due(parsed, Tick.from_json(list(wait.tick)), work.now, event.catch_up)
        if tick is not None:
            work.edit(scope).waits[wait.number] = wait._replace(tick=tuple(tick.to_json()))
            work.emit(TimerSet(work.instance_of(scope), f"{scope}:{wait.number}", wait.element, tick.at))
            return
    clear(work, scope, wait.number)
    if wait.token:
        token = work.scope(scope).tokens[wait.token]
        work.put(scope, token._replace(waits=tuple(number for number in token.waits if number != wait.number)))


def happened_in_part(work: Work, scope: str, wait: Wait) -> bool:
    """Marks one event of several that must all happen (``parallelMultiple``); true when it was the last of them."""
    clear(work, scope, wait.number)
    waits = work.edit(scope).waits
    waits[wait.number] = Wait(wait.number, wait.token, wait.element, kind=WaitKind.DONE, part=wait.part)
    return all(other.kind is WaitKind.DONE for other in _together(work, scope, wait))


def wait_again(work: Work, scope: str, wait: Wait) -> None:
    """All events of a parallel multiple one have happened, and may happen again.

    Raises `StepFailure` when one of them cannot be evaluated any more; then none is waited for.
    """
    node = work.definition_of(scope).nodes[wait.element]
    numbers = [other.number for other in _together(work, scope, wait)]
    for number in numbers:
        clear(work, scope, number)
    if wait.token:
        token = work.scope(scope).tokens[wait.token]
        work.put(scope, token._replace(waits=tuple(number for number in token.waits if number not in numbers)))
    fresh = _arm(work, scope, wait.token, [node], ())
    if wait.token:
        token = work.scope(scope).tokens[wait.token]
        work.put(scope, token._replace(waits=(*token.waits, *fresh)))


def _together(work: Work, scope: str, wait: Wait) -> Iterator[Wait]:
    return (
        other
        for other in work.scope(scope).waits.values()
        if other.token == wait.token and other.element == wait.element
    )


def _subscription(
    work: Work, scope: str, node: Node, part: int, event: EventDefinition, *, done: bool
) -> _Subscription:
    if done:
        return _Subscription(node, part, WaitKind.DONE)
    if isinstance(event, Message):
        return _Subscription(node, part, WaitKind.MESSAGE, name=event.name, key=correlation_key(work, scope, event))
    if isinstance(event, Signal):
        return _Subscription(node, part, WaitKind.SIGNAL, name=signal_name(work, scope, event))
    if isinstance(event, Conditional):
        return _Subscription(node, part, WaitKind.CONDITION)
    assert isinstance(event, Timer)  # noqa: S101 - `_arm` takes only what is listened to
    value = evaluate(work, scope, event.value, f"timer of {node.id}")
    try:
        if event.calendar is not None and event.kind is TimerKind.DURATION:
            due = work.definitions.add_working_time(work.now, text_of(value) or "", event.calendar)
            return _Subscription(node, part, WaitKind.TIMER, Tick(due, 0, due))
        tick = first_due(parse_timer(event.kind, value, zone=event.zone), work.now)
    except (ValueError, LookupError) as problem:
        raise StepFailure(Code.TIMER, f"timer of {node.id}: {problem}") from None
    return _Subscription(node, part, WaitKind.TIMER, tick, str(value) if event.kind is TimerKind.CYCLE else None)


def signal_name(work: Work, scope: str, signal: Signal) -> str:
    """The name of a signal as seen from ``scope``. Raises `StepFailure`."""
    name = name_of(evaluate(work, scope, signal.name, "signal name"), "signal name")
    if not name:
        raise StepFailure(Code.BAD_VALUE, f"the signal name '{signal.name.text}' gives no text")
    return name


def correlation_key(work: Work, scope: str, message: Message) -> str:
    """The key under which a message is awaited or sent from ``scope``. Raises `StepFailure`."""
    if message.correlation_key is None:
        return work.scope(ROOT).business_key
    what = f"correlation key of message '{message.name}'"
    key = name_of(evaluate(work, scope, message.correlation_key, what), what)
    if not key:
        raise StepFailure(Code.BAD_VALUE, f"{what} gives no text to correlate by")
    return key
