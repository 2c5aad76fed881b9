"""Runs models step by step the way the engine does: the state is stored and read again after every step.

`Store` is the database double: it keeps encoded scopes, and counts what a step reads and writes. `Run` remembers what
the effects said is open, from the effects alone, and checks after every step that it agrees with the state.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from engine.kernel import Definitions, NotDeployed, Outcome, State, advance
from engine.kernel import effects as e
from engine.kernel import stimuli as s
from engine.kernel.check import examine
from engine.kernel.compile import compile_model
from engine.kernel.definition import Binding, Definition
from engine.kernel.encoding import decode_scope, encode_scope
from engine.kernel.scope import ROOT, WaitKind
from engine.kernel.state import direct_children

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class Decision:
    """A decision double: ``run`` gives the output."""

    ref: str
    run: Callable[[Mapping[str, object]], object]

    def evaluate(
        self, variables: Mapping[str, object], now: datetime
    ) -> tuple[object, tuple[str, ...], Mapping[str, object], tuple[Mapping[str, object], ...]]:
        return self.run(variables), ("rule-1",), {"amount": variables["amount"]}, ()


class Deployed:
    """`Definitions` over models in memory. Several versions of a key: the last one deployed is the latest."""

    def __init__(self, *models: bytes) -> None:
        self.by_ref: dict[str, Definition] = {}
        self.latest: dict[str, str] = {}
        self.decisions: dict[str, Decision] = {}
        self.stores: dict[str, object] = {}
        for model in models:
            self.deploy(model)

    def deploy(self, model: bytes, *, anyway: bool = False) -> str:
        """Deploys all processes of a file; the ref of the first. ``anyway``: also one that the check refuses."""
        refs = []
        found = examine(model, file="test.bpmn").definitions if anyway else compile_model(model, file="test.bpmn")
        for definition in found:
            number = sum(1 for other in self.by_ref.values() if other.key == definition.key) + 1
            ref = f"{definition.key}:{number}"
            self.by_ref[ref] = replace(definition, ref=ref)
            self.latest[definition.key] = ref
            refs.append(ref)
        return refs[0]

    def get(self, ref: str) -> Definition:
        if ref not in self.by_ref:
            raise NotDeployed(ref)
        return self.by_ref[ref]

    def called(self, key: str, binding: Binding, version: int | None, caller_ref: str) -> Definition:
        if key not in self.latest:
            raise NotDeployed(key)
        return self.get(f"{key}:{version}" if binding is Binding.VERSION else self.latest[key])

    def decision(self, key: str, binding: Binding, version: int | None, caller_ref: str) -> Decision:
        if key not in self.decisions:
            raise NotDeployed(key)
        return self.decisions[key]

    def stored(self, name: str) -> object | None:
        return self.stores.get(name)

    def add_working_time(self, start: datetime, duration: str, calendar: str) -> datetime:
        """A calendar double in which every duration of ``PTnH`` takes n days of one hour each."""
        if calendar != "bank":
            raise ValueError(f"there is no calendar {calendar!r}")
        return start + timedelta(days=int(duration.removeprefix("PT").removesuffix("H")))


class Store:
    """Stored scopes, with counters of what the last step read and wrote."""

    def __init__(self, scopes: Mapping[str, str] | None = None) -> None:
        self.scopes: dict[str, str] = dict(scopes or {})
        self.loaded: list[str] = []
        self.written: dict[str, int] = {}

    def load(self, ids: Collection[str]) -> Mapping[str, str]:
        found = {id: self.scopes[id] for id in ids if id in self.scopes}
        self.loaded += found
        return found

    def children(self, id: str) -> list[str]:
        return direct_children(id, self.scopes)

    def write(self, state: State) -> None:
        self.written = {id: len(text) for id, text in state.changed.items()}
        assert not state.removed & state.changed.keys()
        self.scopes.update(state.changed)
        for id in state.removed:
            self.scopes.pop(id, None)

    @property
    def size(self) -> int:
        return sum(len(id) + len(text.encode()) for id, text in self.scopes.items())


@dataclass
class Open:
    """What is open, rebuilt from effects alone."""

    tasks: dict[str, e.TaskOpened] = field(default_factory=dict)
    timers: dict[str, e.TimerSet] = field(default_factory=dict)
    messages: dict[str, e.AwaitMessage] = field(default_factory=dict)
    signals: dict[str, e.AwaitSignal] = field(default_factory=dict)
    services: dict[str, e.ServiceRequested] = field(default_factory=dict)
    failed: dict[str, e.StepFailed] = field(default_factory=dict)
    calls: dict[str, e.CallStarted] = field(default_factory=dict)
    steps: dict[int, e.StepEntered] = field(default_factory=dict)
    ended: e.InstanceEnded | None = None

    def apply(self, effect: e.Effect) -> None:
        match effect:
            case e.StepEntered():
                assert effect.step not in self.steps
                self.steps[effect.step] = effect
            case e.StepLeft():
                assert self.steps.pop(effect.step).element == effect.element
                for open_ones in (self.services, self.failed):
                    for token in [t for t, one in open_ones.items() if one.step == effect.step]:
                        del open_ones[token]
            case e.TaskOpened():
                assert effect.step in self.steps
                self.tasks[effect.token] = effect
            case e.TaskClosed():
                del self.tasks[effect.token]
            case e.TimerSet():
                self.timers[effect.wait] = effect
            case e.TimerCleared():
                del self.timers[effect.wait]
            case e.AwaitMessage():
                self.messages[effect.wait] = effect
            case e.AwaitSignal():
                self.signals[effect.wait] = effect
            case e.StopAwaiting():
                del (self.messages if effect.wait in self.messages else self.signals)[effect.wait]
            case e.ServiceRequested():
                self.services[effect.token] = effect
            case e.ServiceWithdrawn():
                del self.services[effect.token]
            case e.StepFailed():
                self.services.pop(effect.token, None)
                self.failed[effect.token] = effect
            case e.StepRecovered():
                del self.failed[effect.token]
            case e.CallStarted():
                self.calls[effect.scope] = effect
            case e.CallEnded():
                del self.calls[effect.scope]
            case e.InstanceEnded():
                assert self.ended is None
                self.ended = effect
            case _:
                pass


class Run:
    """One root instance. ``checks`` compares the effects with the whole state after every step (slow when wide)."""

    def __init__(self, definitions: Definitions, *, checks: bool = True, store: Store | None = None) -> None:
        self.definitions = definitions
        self.store = store or Store()
        self.now = START
        self.open = Open()
        self.log: list[e.Effect] = []
        self.checks = checks
        self.last: tuple[e.Effect, ...] = ()
        self.sent: Callable[[s.Stimulus], object] = lambda stimulus: None  # called before each step

    def send(self, stimulus: s.Stimulus) -> tuple[e.Effect, ...]:
        """One step: read, advance, write."""
        self.sent(stimulus)
        self.store.loaded = []
        outcome = advance(self.definitions, State.stored(self.store), stimulus, self.now)
        if self.checks:
            self._same_again(stimulus, outcome)
        assert outcome.state.removed <= self.store.scopes.keys(), "only what was stored is removed"
        self.store.write(outcome.state)
        if isinstance(stimulus, s.JobDone):
            del self.open.services[stimulus.token]
        for effect in outcome.effects:
            self.open.apply(effect)
            if isinstance(effect, e.StoreWritten) and isinstance(self.definitions, Deployed):
                self.definitions.stores[effect.store] = effect.value
        self.log += outcome.effects
        self.last = outcome.effects
        if self.checks:
            self._agrees()
        return outcome.effects

    # What people and the world do

    def start(self, definition: str, variables: Mapping[str, object] | None = None, **options: str) -> Run:
        self.send(s.Start(definition, variables or {}, **options))
        return self

    def complete(self, element: str, **variables: object) -> tuple[e.Effect, ...]:
        return self.send(s.CompleteTask(self.task(element).token, variables))

    def fire(self, element: str) -> tuple[e.Effect, ...]:
        """Lets the timer of ``element`` become due (time moves on to it when it is still ahead) and fires it."""
        timer = self.timer(element)
        self.now = max(self.now, timer.due)
        return self.send(s.FireTimer(timer.wait))

    def deliver(self, element: str, **variables: object) -> tuple[e.Effect, ...]:
        wait = next(one.wait for one in self.open.messages.values() if one.element == element)
        return self.send(s.DeliverMessage(wait, variables))

    def signal(self, name: str, **variables: object) -> tuple[e.Effect, ...]:
        """A signal from outside."""
        return self.send(s.DeliverSignal(name, variables))

    def done(self, element: str, **result: object) -> tuple[e.Effect, ...]:
        return self.send(s.JobDone(self.service(element).token, result))

    def error(self, element: str, code: str, message: str = "", **variables: object) -> tuple[e.Effect, ...]:
        found = [*self.open.tasks.values(), *self.open.services.values()]
        token = next(one.token for one in found if one.element == element)
        return self.send(s.ThrowError(token, code, message, variables))

    def retry(self, element: str, **variables: object) -> tuple[e.Effect, ...]:
        return self.send(s.Retry(self.failure(element).token, variables))

    # What can be seen

    def task(self, element: str) -> e.TaskOpened:
        return next(one for one in self.open.tasks.values() if one.element == element)

    def timer(self, element: str) -> e.TimerSet:
        return next(one for one in self.open.timers.values() if one.element == element)

    def service(self, element: str) -> e.ServiceRequested:
        return next(one for one in self.open.services.values() if one.element == element)

    def failure(self, element: str) -> e.StepFailed:
        return next(one for one in self.open.failed.values() if one.element == element)

    @property
    def tasks(self) -> list[str]:
        """Elements of the open tasks, oldest first."""
        return [one.element for one in self.open.tasks.values()]

    @property
    def ended(self) -> str | None:
        return None if self.open.ended is None else self.open.ended.outcome

    @property
    def state(self) -> State:
        return State.stored(self.store)

    def variables(self, scope: str = ROOT) -> dict[str, object]:
        if self.open.ended is not None:
            return dict(self.open.ended.variables)
        return self.state.variables(scope)

    def path(self) -> list[str]:
        """Elements left as completed, in order."""
        return [one.element for one in self.log if isinstance(one, e.StepLeft) and one.outcome == "completed"]

    # Checks after every step

    def _same_again(self, stimulus: s.Stimulus, outcome: Outcome) -> None:
        again = advance(self.definitions, State.from_snapshot(self.store.scopes), stimulus, self.now)
        assert again.effects == outcome.effects, "the same inputs give the same outputs"
        assert again.state.changed == outcome.state.changed
        assert again.state.removed == outcome.state.removed

    def _agrees(self) -> None:
        tasks, services, failed, waits = set(), set(), set(), set()
        signals = conditions = 0
        for id, text in self.store.scopes.items():
            scope = decode_scope(text)
            signals += sum(wait.kind is WaitKind.SIGNAL for wait in scope.waits.values())
            conditions += sum(wait.kind is WaitKind.CONDITION for wait in scope.waits.values())
            assert encode_scope(scope) == text, "reading and writing again changes nothing"
            assert id == ROOT or id.rpartition(".")[0] in self.store.scopes, "no scope without the one around it"
            silent = (WaitKind.CONDITION, WaitKind.DONE)
            waits |= {f"{id}:{number}" for number, wait in scope.waits.items() if wait.kind not in silent}
            assert not scope.kept or scope.runner or not (scope.tokens or scope.waits), "what is done rests"
            for number, token in scope.tokens.items():
                handle = f"{id}:{number}"
                view = self.state.token(handle)
                assert view is not None
                assert set(token.waits) == {w.number for w in scope.waits.values() if w.token == number}
                {"task": tasks, "service": services, "retry": failed}.get(view.waits_for, set()).add(handle)
                assert view.waits_for != "child" or f"{id}.{token.child}" in self.store.scopes
        assert tasks == self.open.tasks.keys()
        assert services == self.open.services.keys()
        assert failed == self.open.failed.keys()
        assert waits == self.open.timers.keys() | self.open.messages.keys() | self.open.signals.keys()
        root = decode_scope(self.store.scopes[ROOT]) if self.open.ended is None else None
        assert root is None or (root.signals, root.conditions) == (signals, conditions)
        if self.open.ended is not None:
            assert self.store.scopes == {}, "nothing finished stays"
            assert not self.open.steps
            assert not self.open.calls
        else:
            assert self.open.steps or failed, "what has not ended waits for something"


def run(
    model: bytes,
    variables: Mapping[str, object] | None = None,
    *others: bytes,
    checks: bool = True,
    anyway: bool = False,
) -> Run:
    """Starts the first process of ``model``; ``others`` are deployed beside it. ``anyway``: see `Deployed.deploy`."""
    deployed = Deployed(*others)
    return Run(deployed, checks=checks).start(deployed.deploy(model, anyway=anyway), variables)


def of(kind: type[e.Effect], effects: Iterable[e.Effect]) -> list[e.Effect]:
    """The effects of one kind."""
    return [effect for effect in effects if isinstance(effect, kind)]
