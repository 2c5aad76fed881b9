"""Messages and signals that leave an element: what they carry, and the effects."""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.definition import Message, Signal
from engine.kernel.effects import MessageThrown, SignalThrown
from engine.kernel.machine.variables import Visible, everything, mapped
from engine.kernel.machine.waits import correlation_key, signal_name
from engine.kernel.machine.work import Throw, Visit, Work
from engine.kernel.scope import Phase
from engine.kernel.values import Json, decode_all


def throw_message(work: Work, at: Visit, message: Message) -> None:
    """A message leaves: an effect for the engine, with the mapped payload and nothing else."""
    key = correlation_key(work, at.scope, message)
    payload = _payload(work, at, message)
    work.emit(MessageThrown(at.instance, at.token.step, at.node.id, message.name, key, decode_all(payload)))


def throw_signal(work: Work, at: Visit, signal: Signal, part: int) -> None:
    """A signal is thrown when everything else that is ready has settled, so that what is armed in the same step hears
    it; the token goes on after that.
    """
    name = signal_name(work, at.scope, signal)
    payload = _payload(work, at, signal)
    at.token = at.token._replace(phase=Phase.THROW, flow=str(part + 1))
    work.put(at.scope, at.token)
    work.throws.append(Throw(name, payload, (at.scope, at.token.number)))


def signal_leaves(work: Work, at: Visit, name: str, payload: Mapping[str, Json]) -> None:
    """The effect of a signal for everything outside this root."""
    work.emit(SignalThrown(at.instance, at.token.step, at.node.id, name, decode_all(payload)))


def _payload(work: Work, at: Visit, event: Message | Signal) -> dict[str, Json]:
    return mapped(work, Visible(work, at.scope), event.payload, "payload", everything(work, at.scope))
