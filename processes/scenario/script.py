"""Scenario files: their steps, and reading them from YAML.

A file has ``name``, ``starts_at`` (an instant with its zone), optionally ``calendar`` (``holidays`` and ``workdays``:
lists of dates or ``first..last``), ``given`` (register rows to begin with) and ``steps``. Each step is a mapping with
one verb:

- ``start: {process, by, variables, as}``
- ``claim`` / ``release``: ``{task, by}``; ``assign: {task, by, to}``; ``complete: {task, by, data, case}``
- ``callback: {message, payload, key}``: without ``key`` it answers every open wait for that message of the case;
  payload values that begin with ``=`` are FEEL over ``key`` and the case's variables
- ``advance: {by: PT30M}`` or ``advance: {to: 2026-06-17T18:00:00+08:00}``; due jobs run on the way, in order
- ``expect: {status, open_tasks, no_task, variables, due, instances, history, rows, end_event}``
- ``refused: {code, <one of the verbs above>}``: the verb must fail with this error code and change nothing

Task ``data`` values that begin with ``=`` are FEEL over the case's variables too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

VERBS = frozenset({"start", "claim", "release", "assign", "complete", "callback", "advance", "expect", "refused"})
_MEMBERS = frozenset({"name", "starts_at", "calendar", "given", "answers", "steps", "description"})


class ScriptError(Exception):
    """The scenario file cannot be played; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Step:
    """One verb with its arguments; ``line`` from 1."""

    verb: str
    arguments: Mapping[str, Any]
    line: int


@dataclass(frozen=True, slots=True)
class Script:
    """A scenario. ``starts_at`` is aware; ``holidays`` and ``workdays`` override the calendar."""

    file: str
    name: str
    starts_at: datetime
    steps: tuple[Step, ...]
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


class ExactLoader(yaml.SafeLoader):
    """Safe YAML with exact decimals, instants left as the text they were written in, and only true and false as
    booleans: a permit's number may be called ``no``.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 - the base class's own attribute
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _decimal(_loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(node.value).replace("_", ""))


def _text(_loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(node.value)


ExactLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))
ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)
ExactLoader.add_constructor("tag:yaml.org,2002:timestamp", _text)


def load(path: Path) -> Script:
    """Read the scenario file at ``path``. Raises `ScriptError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ScriptError(f"{path}: the file is not UTF-8 text") from None
    return parse(text, file=str(path))


def parse(text: str, *, file: str) -> Script:
    """Read a scenario from ``text``. Raises `ScriptError`."""
    try:
        node = yaml.compose(text, Loader=ExactLoader)
        content = yaml.load(text, Loader=ExactLoader)  # noqa: S506 - a SafeLoader with two plain scalars more
    except yaml.YAMLError as error:
        raise ScriptError(f"{file}: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict) or not isinstance(node, yaml.MappingNode):
        raise ScriptError(f"{file}: a scenario is a mapping with name, starts_at and steps")
    if strange := sorted(set(content) - _MEMBERS):
        raise ScriptError(f"{file}: unknown member {strange[0]!r}")
    for needed in ("name", "starts_at", "steps"):
        if needed not in content:
            raise ScriptError(f"{file}: {needed} is missing")
    calendar = content.get("calendar") or {}
    return Script(
        file=file,
        name=str(content["name"]),
        starts_at=instant(content["starts_at"], f"{file}: starts_at"),
        steps=_steps(content["steps"], _step_lines(node), file),
        holidays=_dates(calendar.get("holidays", ()), file),
        workdays=_dates(calendar.get("workdays", ()), file),
        given=content.get("given") or {},
        answers=content.get("answers") or {},
    )


def instant(text: object, where: str) -> datetime:
    """The aware datetime written in ``text``. Raises `ScriptError` naming ``where``."""
    try:
        value = datetime.fromisoformat(str(text))
    except ValueError:
        raise ScriptError(f"{where}: {text!r} is not an ISO 8601 instant") from None
    if value.tzinfo is None:
        raise ScriptError(f"{where}: {text!r} needs a time zone")
    return value


def _step_lines(node: yaml.MappingNode) -> list[int]:
    for key, value in node.value:
        if key.value == "steps" and isinstance(value, yaml.SequenceNode):
            return [item.start_mark.line + 1 for item in value.value]
    return []


def _steps(content: object, lines: list[int], file: str) -> tuple[Step, ...]:
    if not isinstance(content, list) or not content:
        raise ScriptError(f"{file}: steps is a list of verbs")
    found = []
    for number, (item, line) in enumerate(zip(content, lines, strict=True), 1):
        where = f"{file}:{line}: step {number}"
        if not isinstance(item, dict) or len(item) != 1:
            raise ScriptError(f"{where}: a step is one verb with its arguments")
        verb, arguments = next(iter(item.items()))
        if verb not in VERBS:
            raise ScriptError(f"{where}: unknown verb {verb!r}; known are {', '.join(sorted(VERBS))}")
        if not isinstance(arguments, dict):
            raise ScriptError(f"{where}: the arguments of {verb} are a mapping")
        found.append(Step(verb, arguments, line))
    return tuple(found)


def _dates(items: object, file: str) -> tuple[date, ...]:
    found: list[date] = []
    for item in items if isinstance(items, list) else []:
        first, _, last = str(item).partition("..")
        try:
            day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        except ValueError:
            raise ScriptError(f"{file}: calendar: {item!r} is neither a date nor first..last") from None
        while day <= end:
            found.append(day)
            day += timedelta(days=1)
    return tuple(found)
