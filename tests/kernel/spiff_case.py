"""One instance on SpiffWorkflow's runtime, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from engine.kernel import Outcome, State
from engine.kernel.compile import compile_model
from engine.kernel.definition import Definition
from engine.kernel.spiff.runtime import advance
from engine.kernel.stimuli import CompleteTask, Start, Stimulus
from tests.kernel.bpmn import model

T = TypeVar("T")
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
ROOT = '<message id="m" name="RATING"/><error id="err" errorCode="E"/>'
S = '<startEvent id="s"/>'
E = '<endEvent id="e"/>'


def compiled(body: str, kernel: str = "spiffworkflow") -> Definition:
    return compile_model(model(body, root=ROOT), file="test.bpmn", kernel=kernel)[0]


class Case:
    """One instance; its state is stored and read again between steps."""

    def __init__(self, body: str, variables: dict[str, object] | None = None, business_key: str = "") -> None:
        self.definition = compiled(body)
        self.state = State.new()
        self.outcome = self.step(Start("p", variables or {}, business_key))

    def get(self, ref: str) -> Definition:
        assert ref == "p"
        return self.definition

    def add_working_time(self, start: datetime, duration: str, calendar: str) -> datetime:
        assert (duration, calendar) == ("PT1H", "cn")
        return start + timedelta(days=3)

    def step(self, stimulus: Stimulus, now: datetime = NOW) -> Outcome:
        self.outcome = advance(self, self.state, stimulus, now)
        self.state = State.from_snapshot(self.outcome.state.snapshot())
        return self.outcome

    def token(self, element: str) -> str:
        return next(token.id for token in self.state.tokens() if token.element == element)

    def complete(self, element: str, **variables: object) -> Outcome:
        return self.step(CompleteTask(self.token(element), variables))

    def wait(self, element: str) -> str:
        scope = self.state.find("1")
        assert scope is not None
        return next(f"1:{number}" for number, wait in scope.waits.items() if wait.element == element)

    @property
    def open(self) -> list[str]:
        return [] if self.state.ended else [token.element for token in self.state.tokens()]

    def of(self, kind: type[T]) -> list[T]:
        return [effect for effect in self.outcome.effects if isinstance(effect, kind)]

    @property
    def variables(self) -> dict[str, object]:
        return self.state.variables("1")
