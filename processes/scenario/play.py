"""Plays a scenario on a stage, and says in one sentence what did not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from engine.feel import parse
from processes.scenario.expect import check
from processes.scenario.script import Script, ScriptError, Step, instant


class Refused(Exception):
    """The stage refused a verb; ``code`` is the engine's or the API's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Failed(Exception):
    """The scenario did not hold; the message names file, line and what was found."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open task of the case as the stage sees it."""

    id: str
    element: str
    assignee: str | None
    role: str | None
    due: datetime | None


class Stage(Protocol):
    """Where a scenario is played. A case is named by its root instance's id. Verbs raise `Refused`."""

    def start(self, process: str, by: str, variables: Mapping[str, Any]) -> str:
        """Start a case and return its id."""
        ...

    def tasks(self, case: str) -> list[OpenTask]:
        """The open tasks of the case."""
        ...

    def claim(self, task: str, by: str) -> None:
        """``by`` takes the task."""
        ...

    def release(self, task: str, by: str) -> None:
        """``by`` gives the task back."""
        ...

    def assign(self, task: str, by: str, to: str) -> None:
        """``by`` gives the task to ``to``."""
        ...

    def complete(self, task: str, by: str, data: Mapping[str, Any]) -> None:
        """``by`` finishes the task."""
        ...

    def callback(self, case: str, message: str, key: str | None, payload: Callable[[str], Mapping[str, Any]]) -> None:
        """A third party answers; ``payload`` makes the answer to a correlation key."""
        ...

    def advance(self, to: datetime) -> None:
        """Move business time to ``to``; what comes due on the way happens on the way."""
        ...

    def now(self) -> datetime:
        """Business time."""
        ...

    def facts(self, case: str) -> Mapping[str, Any]:
        """What `expect` looks at: status, variables, instances, history, registers, waits."""
        ...


@dataclass(slots=True)
class Play:
    """One run of one script; ``cases`` by the names given with ``as``."""

    script: Script
    stage: Stage
    cases: dict[str, str] = field(default_factory=dict)
    last: str = ""

    def run(self) -> None:
        """Play all steps. Raises `Failed` at the first that does not hold, `ScriptError` for one that cannot be."""
        for step in self.script.steps:
            where = f"{self.script.file}:{step.line}: {step.verb}"
            try:
                self._play(step.verb, step.arguments, where)
            except Refused as refused:
                raise Failed(f"{where} was refused: {refused}") from None

    def _play(self, verb: str, arguments: Mapping[str, Any], where: str) -> None:
        match verb:
            case "start":
                self._start(arguments, where)
            case "claim" | "release":
                getattr(self.stage, verb)(self._task(arguments, where).id, _needed(arguments, "by", where))
            case "assign":
                task = self._task(arguments, where)
                self.stage.assign(task.id, _needed(arguments, "by", where), _needed(arguments, "to", where))
            case "complete":
                self._complete(arguments, where)
            case "callback":
                self._callback(arguments, where)
            case "advance":
                self.stage.advance(self._target(arguments, where))
            case "expect":
                case = self._case(arguments, where)
                if problems := check(arguments, self.stage.facts(case), self.stage.tasks(case)):
                    raise Failed(f"{where}: {'; '.join(problems)}")
            case "refused":
                self._refused(arguments, where)

    def _start(self, arguments: Mapping[str, Any], where: str) -> None:
        variables = arguments.get("variables") or {}
        self.last = self.stage.start(_needed(arguments, "process", where), _needed(arguments, "by", where), variables)
        self.cases[str(arguments.get("as", "case"))] = self.last

    def _complete(self, arguments: Mapping[str, Any], where: str) -> None:
        task = self._task(arguments, where)
        by = _needed(arguments, "by", where)
        if task.assignee is None:
            self.stage.claim(task.id, by)
        case = self._case(arguments, where)
        self.stage.complete(task.id, by, self._values(arguments.get("data") or {}, case, {}))

    def _callback(self, arguments: Mapping[str, Any], where: str) -> None:
        case = self._case(arguments, where)
        payload = arguments.get("payload") or {}
        key = arguments.get("key")
        fixed = None if key is None else str(self._values({"key": key}, case, {})["key"])
        message = _needed(arguments, "message", where)
        self.stage.callback(case, message, fixed, lambda found: self._values(payload, case, {"key": found}))

    def _refused(self, arguments: Mapping[str, Any], where: str) -> None:
        code = _needed(arguments, "code", where)
        verbs = [name for name in arguments if name != "code"]
        if len(verbs) != 1:
            raise ScriptError(f"{where}: needs code and one verb")
        try:
            self._play(verbs[0], arguments[verbs[0]], f"{where} {verbs[0]}")
        except Refused as refused:
            if refused.code != code:
                raise Failed(f"{where}: expected {code}, got {refused}") from None
            return
        raise Failed(f"{where}: {verbs[0]} was accepted, expected {code}")

    def _case(self, arguments: Mapping[str, Any], where: str) -> str:
        name = arguments.get("case")
        if name is not None and name not in self.cases:
            raise ScriptError(f"{where}: no case was started as {name!r}")
        return self.cases[name] if name is not None else self.last

    def _task(self, arguments: Mapping[str, Any], where: str) -> OpenTask:
        """The open task the step means: one of several items is the one assigned to ``by``, else the first free."""
        element, by = _needed(arguments, "task", where), arguments.get("by")
        open_now = self.stage.tasks(self._case(arguments, where))
        found = [task for task in open_now if task.element == element]
        if not found:
            names = ", ".join(sorted({task.element for task in open_now})) or "none"
            raise Failed(f"{where}: {element} is not open; open are: {names}")
        order = {by: 0, None: 1}
        return min(found, key=lambda task: order.get(task.assignee, 2))

    def _target(self, arguments: Mapping[str, Any], where: str) -> datetime:
        if "to" in arguments:
            return instant(arguments["to"], where)
        duration = parse(f'duration("{_needed(arguments, "by", where)}")').evaluate({})
        if not isinstance(duration, timedelta):
            raise ScriptError(f"{where}: {arguments['by']!r} is not a days-and-time duration")
        return self.stage.now() + duration

    def _values(self, data: Mapping[str, Any], case: str, more: Mapping[str, Any]) -> dict[str, Any]:
        if not _has_expression(data):
            return dict(data)
        visible = {**self.stage.facts(case)["variables"], **more}
        return {name: _evaluate(value, visible, self.stage.now()) for name, value in data.items()}


def _has_expression(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_has_expression(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_expression(item) for item in value)
    return isinstance(value, str) and value.startswith("=")


def _evaluate(value: Any, variables: Mapping[str, Any], now: datetime) -> Any:
    if isinstance(value, Mapping):
        return {name: _evaluate(item, variables, now) for name, item in value.items()}
    if isinstance(value, list):
        return [_evaluate(item, variables, now) for item in value]
    if isinstance(value, str) and value.startswith("="):
        return parse(value[1:]).evaluate(variables, now=now)
    return value


def _needed(arguments: Mapping[str, Any], name: str, where: str) -> str:
    if name not in arguments:
        raise ScriptError(f"{where}: {name} is missing")
    value = arguments[name]
    if not isinstance(value, str | int | Decimal):
        raise ScriptError(f"{where}: {name} is a text")
    return str(value)


__all__ = ["Failed", "OpenTask", "Play", "Refused", "Stage", "Step"]
