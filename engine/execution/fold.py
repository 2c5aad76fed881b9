"""The effects of one step, folded: what is opened and closed within the same step leaves only its trace in history.

Pure: no database. A later effect on the same token, wait or step replaces an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.kernel import effects as kernel
from engine.kernel.definition import Kind
from engine.kernel.errors import Code


@dataclass(slots=True)
class Visit:
    """One visit of one element: ``entered`` or ``left`` in this step, or both."""

    instance: str
    step: int
    element: str
    kind: str | None = None
    outcome: str | None = None


@dataclass(slots=True)
class Changes:
    """What the rows must become. Dictionaries go by token, wait, step number, instance scope or store."""

    visits: dict[int, Visit] = field(default_factory=dict)
    tasks: dict[str, kernel.TaskOpened] = field(default_factory=dict)
    closed: dict[str, kernel.TaskClosed] = field(default_factory=dict)
    timers: dict[str, kernel.TimerSet] = field(default_factory=dict)
    cleared: dict[str, kernel.TimerCleared] = field(default_factory=dict)
    services: dict[str, kernel.ServiceRequested] = field(default_factory=dict)
    withdrawn: dict[str, kernel.ServiceWithdrawn] = field(default_factory=dict)
    awaited: dict[str, kernel.AwaitMessage | kernel.AwaitSignal] = field(default_factory=dict)
    unheeded: dict[str, kernel.StopAwaiting] = field(default_factory=dict)
    thrown: list[kernel.MessageThrown | kernel.SignalThrown] = field(default_factory=list)
    stored: dict[str, kernel.StoreWritten] = field(default_factory=dict)
    failures: dict[str, kernel.StepFailed] = field(default_factory=dict)
    recovered: set[str] = field(default_factory=set)
    calls: dict[str, kernel.CallStarted] = field(default_factory=dict)
    called_ended: dict[str, kernel.CallEnded] = field(default_factory=dict)
    end_events: dict[str, str] = field(default_factory=dict)
    ended: kernel.InstanceEnded | None = None

    @property
    def scopes(self) -> set[str]:
        """The instance scopes that rows to insert belong to; a visit of an earlier step has its row."""
        opened = (self.tasks, self.timers, self.services, self.awaited, self.failures)
        inserted = {effect.instance for group in opened for effect in group.values()}
        inserted |= {effect.instance for effect in self.thrown}
        inserted |= {visit.instance for visit in self.visits.values() if visit.kind is not None}
        return inserted | {call.instance for call in self.calls.values()}

    @property
    def abandoned_steps(self) -> list[int]:
        """Visits of earlier steps that ended otherwise than completed: their incidents have no object any more."""
        return [visit.step for visit in self.visits.values() if visit.outcome not in (None, "completed")]


def fold(effects: Iterable[kernel.Effect]) -> Changes:
    """The net changes of ``effects``, which come in order."""
    changes = Changes()
    for effect in effects:
        _apply(changes, effect)
    return changes


def _apply(changes: Changes, effect: kernel.Effect) -> None:  # noqa: C901 - one case per effect, each a line or two
    match effect:
        case kernel.StepEntered():
            changes.visits[effect.step] = Visit(effect.instance, effect.step, effect.element, effect.kind)
            if effect.kind == Kind.END_EVENT and effect.scope == effect.instance:
                changes.end_events[effect.instance] = effect.element
        case kernel.StepLeft():
            visit = changes.visits.setdefault(effect.step, Visit(effect.instance, effect.step, effect.element))
            visit.outcome = effect.outcome
            if effect.outcome != "completed":
                _drop_failures(changes, effect.step)
        case kernel.TaskOpened():
            changes.tasks[effect.token] = effect
        case kernel.TaskClosed():
            if changes.tasks.pop(effect.token, None) is None:
                changes.closed[effect.token] = effect
        case kernel.TimerSet():
            changes.timers[effect.wait] = effect
        case kernel.TimerCleared():
            # A wait that was armed before this step and again within it has an older row too, so it is cleared anyway.
            changes.timers.pop(effect.wait, None)
            changes.cleared[effect.wait] = effect
        case kernel.ServiceRequested():
            changes.services[effect.token] = effect
        case kernel.ServiceWithdrawn():
            if changes.services.pop(effect.token, None) is None:
                changes.withdrawn[effect.token] = effect
        case kernel.AwaitMessage() | kernel.AwaitSignal():
            changes.awaited[effect.wait] = effect
        case kernel.StopAwaiting():
            if changes.awaited.pop(effect.wait, None) is None:
                changes.unheeded[effect.wait] = effect
        case kernel.MessageThrown() | kernel.SignalThrown():
            changes.thrown.append(effect)
        case kernel.StoreWritten():
            changes.stored[effect.store] = effect
        case kernel.StepFailed():
            changes.failures[effect.token] = effect
        case kernel.StepRecovered():
            if changes.failures.pop(effect.token, None) is None:
                changes.recovered.add(effect.token)
        case kernel.CallStarted():
            changes.calls[effect.scope] = effect
        case kernel.CallEnded():
            changes.called_ended[effect.scope] = effect
        case kernel.InstanceEnded():
            changes.ended = effect
        case kernel.FlowTaken() | kernel.DecisionTaken() | kernel.VariablesWritten() | kernel.EscalationRaised():
            pass  # these live in the audit payload


def _drop_failures(changes: Changes, step: int) -> None:
    """Nobody can try again what was left; but an error that ended the case stays known, whatever became of its step."""
    for token, failure in list(changes.failures.items()):
        if failure.step == step and failure.code != Code.UNCAUGHT_ERROR:
            del changes.failures[token]
