"""Random structured models run on both kernels: the same tasks open after every step, the same variables at the end.

Blocks: user tasks and scripts in a row, exclusive choices, parallel blocks, loops of a few rounds, subprocesses,
boundary timers of both kinds. Branches write no variable of each other; both runs take the same actions, chosen from
what is open, and both states are stored and read again after every step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.kernel import Outcome, State
from engine.kernel.compile import compile_model
from engine.kernel.definition import Definition
from engine.kernel.effects import FlowTaken, InstanceEnded, StepFailed, StepLeft
from engine.kernel.machine import advance as advance_machine
from engine.kernel.spiff.runtime import advance as advance_spiff
from engine.kernel.stimuli import CompleteTask, FireTimer, Start, Stimulus
from tests.kernel.bpmn import flow, model

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"

Shape = tuple[object, ...]


@dataclass
class Drawing:
    """Collects XML; each block is drawn from the element ``enter`` on and gives back the element it ends with."""

    xml: list[str] = field(default_factory=list)
    variables: dict[str, object] = field(default_factory=dict)
    count: int = 0

    def add(self, tag: str, attributes: str = "", inside: str = "") -> str:
        self.count += 1
        id = f"{tag}_{self.count}"
        self.xml.append(f'<{tag} id="{id}" {attributes}>{inside}</{tag}>')
        return id

    def connect(self, source: str, target: str, condition: str = "") -> str:
        self.count += 1
        id = f"f{self.count}"
        self.xml.append(flow(source, target, condition, id=id))
        return id

    def draw(self, shape: Shape, enter: str) -> str:
        kind = str(shape[0])
        maker: Callable[[Shape, str], str] = getattr(self, f"draw_{kind}")
        return maker(shape, enter)

    def draw_task(self, shape: Shape, enter: str) -> str:
        task = self.add("userTask")
        self.connect(enter, task)
        return task

    def draw_script(self, shape: Shape, enter: str) -> str:
        name = f"v{self.count}"
        self.variables[name] = 0
        script = self.add("scriptTask", inside=f"<script>{{{name}: {name} + 1}}</script>")
        self.connect(enter, script)
        return script

    def draw_row(self, shape: Shape, enter: str) -> str:
        for part in shape[1:]:
            enter = self.draw(part, enter)  # type: ignore[arg-type]  # parts are shapes
        return enter

    def draw_choice(self, shape: Shape, enter: str) -> str:
        name = f"x{self.count}"
        self.variables[name] = shape[1]
        default = f"f{self.count + 3}"
        split = self.add("exclusiveGateway", f'default="{default}"')
        merge = self.add("exclusiveGateway")
        empty = self.connect(split, merge)
        assert empty == default
        self.connect(enter, split)
        for number, part in enumerate(shape[2:]):
            pass_on = self.add("task")
            self.connect(split, pass_on, f"{name} = {number}")
            self.connect(self.draw(part, pass_on), merge)  # type: ignore[arg-type]  # parts are shapes
        return merge

    def draw_parallel(self, shape: Shape, enter: str) -> str:
        split, join = self.add("parallelGateway"), self.add("parallelGateway")
        self.connect(enter, split)
        for part in shape[1:]:
            pass_on = self.add("task")
            self.connect(split, pass_on)
            self.connect(self.draw(part, pass_on), join)  # type: ignore[arg-type]  # parts are shapes
        return join

    def draw_loop(self, shape: Shape, enter: str) -> str:
        name = f"c{self.count}"
        self.variables[name] = 0
        merge = self.add("exclusiveGateway")
        self.connect(enter, merge)
        last = self.draw(shape[2], merge)  # type: ignore[arg-type]  # the body is a shape
        script = self.add("scriptTask", inside=f"<script>{{{name}: {name} + 1}}</script>")
        self.connect(last, script)
        again = f"f{self.count + 2}"
        split = self.add("exclusiveGateway", f'default="{again}"')
        leave = self.add("task")  # takes the number before the default flow's
        self.xml[-2] = self.xml[-2].replace(again, f"f{self.count + 1}")
        assert self.connect(split, leave) == f"f{self.count}"
        self.connect(split, merge, f"{name} &lt; {shape[1]}")
        self.connect(script, split)
        return leave

    def draw_sub(self, shape: Shape, enter: str) -> str:
        inner = Drawing(count=self.count + 1, variables=self.variables)
        start = inner.add("startEvent")
        last = inner.draw(shape[1], start)  # type: ignore[arg-type]  # the body is a shape
        inner.connect(last, inner.add("endEvent"))
        self.count = inner.count
        sub = self.add("subProcess", inside="".join(inner.xml))
        self.connect(enter, sub)
        return self.bounded(sub, str(shape[2]))

    def draw_timed(self, shape: Shape, enter: str) -> str:
        task = self.add("userTask")
        self.connect(enter, task)
        return self.bounded(task, str(shape[1]))

    def bounded(self, host: str, boundary: str) -> str:
        if boundary == "none":
            return host
        interrupting = boundary == "interrupting"
        cancel = "true" if interrupting else "false"
        event = self.add("boundaryEvent", f'attachedToRef="{host}" cancelActivity="{cancel}"', TIMER)
        late = self.add("userTask")
        self.connect(event, late)
        if not interrupting:
            self.connect(late, self.add("endEvent"))
            return host
        merge = self.add("exclusiveGateway")
        self.connect(host, merge)
        self.connect(late, merge)
        return merge


_leaf = st.one_of(
    st.just(("task",)),
    st.just(("script",)),
    st.tuples(st.just("timed"), st.sampled_from(["interrupting", "beside"])),
)


def _without_join(shape: object) -> bool:
    """A parallel join inside a loop is refused for SpiffWorkflow: it counts arrivals of earlier rounds."""
    return not isinstance(shape, tuple) or (shape[0] != "parallel" and all(_without_join(part) for part in shape))


def _compound(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    many = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        many.map(lambda parts: ("row", *parts)),
        many.map(lambda parts: ("parallel", *parts)),
        st.tuples(st.integers(0, 3), many).map(lambda drawn: ("choice", drawn[0], *drawn[1])),
        st.tuples(st.just("loop"), st.integers(1, 3), inner.filter(_without_join)),
        st.tuples(st.just("sub"), inner, st.sampled_from(["none", "interrupting", "beside"])),
    )


_small = _compound(_leaf)
_medium = _compound(st.one_of(_leaf, _small))
shapes: st.SearchStrategy[Shape] = st.one_of(_medium, _compound(st.one_of(_small, _medium)))


@dataclass(frozen=True)
class Deployed:
    definition: Definition

    def get(self, ref: str) -> Definition:
        assert ref == self.definition.ref
        return self.definition


Advance = Callable[[Deployed, State, Stimulus, datetime], Outcome]


class Run:
    """One kernel running one definition, its state stored and read between steps."""

    def __init__(self, advance: Advance, definition: Definition, variables: Mapping[str, object]) -> None:
        self._advance = advance
        self._definitions = Deployed(definition)
        self.left: Counter[str] = Counter()
        self.flows: Counter[str] = Counter()
        self.ended: InstanceEnded | None = None
        self.state = State.new()
        self.step(Start(definition.ref, variables))

    def step(self, stimulus: Stimulus) -> None:
        outcome = self._advance(self._definitions, self.state, stimulus, NOW)
        again = self._advance(self._definitions, self.state, stimulus, NOW)
        assert again.effects == outcome.effects, "the same inputs give the same outcome"
        assert again.state.snapshot() == outcome.state.snapshot()
        self.state = State.from_snapshot(outcome.state.snapshot())
        for effect in outcome.effects:
            assert not isinstance(effect, StepFailed), effect
            if isinstance(effect, StepLeft):
                self.left[f"{effect.element} {effect.outcome}"] += 1
            elif isinstance(effect, FlowTaken):
                self.flows[effect.flow] += 1
            elif isinstance(effect, InstanceEnded):
                self.ended = effect

    def actions(self) -> dict[tuple[str, str, int], Stimulus]:
        """What can happen next, by kind, element and how many of that come before it."""
        found: dict[tuple[str, str, int], Stimulus] = {}
        if self.state.ended:
            return found
        seen: Counter[tuple[str, str]] = Counter()

        def add(kind: str, element: str, stimulus: Stimulus) -> None:
            found[kind, element, seen[kind, element]] = stimulus
            seen[kind, element] += 1

        for token in sorted(self.state.tokens(), key=lambda token: token.step):
            if token.waits_for == "task":
                add("complete", token.element, CompleteTask(token.id, {f"done_{token.element}": True}))
        for scope in self.state.snapshot():
            body = self.state.find(scope)
            for number, wait in body.waits.items() if body is not None else ():
                add("fire", wait.element, FireTimer(f"{scope}:{number}"))
        return found


@settings(derandomize=True, max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shape=shapes, picks=st.lists(st.integers(0, 1_000), min_size=1, max_size=12))
def test_both_kernels_do_the_same(shape: Shape, picks: list[int]) -> None:
    drawing = Drawing()
    start = drawing.add("startEvent")
    last = drawing.draw(shape, start)
    drawing.connect(last, drawing.add("endEvent"))
    xml = model("".join(drawing.xml))
    machine = Run(advance_machine, compile_model(xml, file="random.bpmn")[0], drawing.variables)
    spiff = Run(advance_spiff, compile_model(xml, file="random.bpmn", kernel="spiffworkflow")[0], drawing.variables)
    for step in range(400):
        open_here, open_there = machine.actions(), spiff.actions()
        assert sorted(open_here) == sorted(open_there)
        if not open_here:
            break
        choice = sorted(open_here)[(picks[step % len(picks)] + step) % len(open_here)]
        machine.step(open_here[choice])
        spiff.step(open_there[choice])
    assert machine.ended is not None
    assert spiff.ended is not None
    assert machine.ended == spiff.ended
    assert machine.left == spiff.left
    assert machine.flows == spiff.flows
