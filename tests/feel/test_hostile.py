"""Hostile texts: each is refused or stops within 0.5 seconds and 64 MB, with an error of FEEL or a value."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.feel import FeelError, FeelLimitExceeded, FeelSyntaxError, parse, parse_unary_tests
from tests.feel.hostile_cases import BOMBS, DEEP, ESCAPES, HARMLESS, PATTERNS, RECURSIVE, VARIABLES
from tests.feel.hostile_worker import LIMIT_SECONDS

LIMIT_BYTES = 64_000_000
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tried() -> dict[str, tuple[float, str, int]]:
    """Seconds, outcome and growth in bytes of each hostile text, tried one after the other in one process."""
    command = [sys.executable, "-m", "tests.feel.hostile_worker"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: (seconds, outcome, grown) for name, seconds, outcome, grown in lines}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_refused_at_once(name: str, tried: dict[str, tuple[float, str, int]]) -> None:
    for kind in ("nesting", "nested tests"):
        seconds, outcome, grown = tried[f"{kind}: {name}"]
        assert outcome == "FeelSyntaxError"
        assert seconds < LIMIT_SECONDS
        assert grown < LIMIT_BYTES


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_stop(name: str, tried: dict[str, tuple[float, str, int]]) -> None:
    seconds, outcome, grown = tried[f"bomb: {name}"]
    assert outcome == "FeelLimitExceeded" or name in HARMLESS
    assert seconds < LIMIT_SECONDS
    assert grown < LIMIT_BYTES


@pytest.mark.parametrize("pattern", PATTERNS)
def test_catastrophic_patterns_take_linear_time(pattern: str, tried: dict[str, tuple[float, str, int]]) -> None:
    seconds, outcome, grown = tried[f"pattern: {pattern}"]
    assert outcome in ("bool", "NoneType", "list", "str")
    assert seconds < LIMIT_SECONDS / 5
    assert grown < LIMIT_BYTES


def test_every_attempt_to_escape_was_tried(tried: dict[str, tuple[float, str, int]]) -> None:
    slow = [text for text in ESCAPES if tried[f"escape: {text}"][0] > LIMIT_SECONDS / 5]
    assert slow == []
    assert len(tried) == 2 * len(DEEP) + len(BOMBS) + len(PATTERNS) + len(ESCAPES) > 140


@pytest.mark.parametrize("text", ESCAPES)
def test_nothing_of_python_is_within_reach(text: str) -> None:
    try:
        value = parse(text).evaluate({"a": {"b": 1}}, now=None)
    except FeelError:
        return
    assert value is None or value in ([], "g<0>") or isinstance(value, str | list)
    assert "<" not in str(value).replace("g<0>", "")
    assert "class" not in str(value)


def evaluate(text: str) -> object:
    try:
        return parse(text).evaluate(VARIABLES)
    except FeelError as error:
        return error


def test_all_this_needs_no_more_than_a_small_stack() -> None:
    outcomes: list[str] = []

    def everything() -> None:
        texts = [
            *DEEP.values(),
            *(BOMBS[name] for name in RECURSIVE),
            "[" * 95 + "1" + "]" * 95,
            "1 + (" * 45 + "1" + ")" * 45,
        ]
        outcomes.extend(type(evaluate(text)).__name__ for text in texts)

    limit = sys.getrecursionlimit()
    previous = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=everything)
        thread.start()
        thread.join(60)
    finally:
        threading.stack_size(previous)
    assert len(outcomes) == len(DEEP) + len(RECURSIVE) + 2
    assert set(outcomes) == {"FeelSyntaxError", "FeelLimitExceeded", "Decimal", "list"}
    assert sys.getrecursionlimit() == limit


def test_a_caller_deep_in_its_own_stack_gets_an_error_of_feel_too() -> None:
    deep, expression = "[" * 95 + "]" * 95, parse("[" * 95 + "]" * 95)

    def descend(levels: int) -> None:
        if levels:
            descend(levels - 1)
            return
        with pytest.raises(FeelSyntaxError, match="too deep"):
            parse(deep)
        with pytest.raises(FeelSyntaxError, match="too deep"):
            parse_unary_tests(deep)
        with pytest.raises(FeelLimitExceeded, match="too deep"):
            expression.evaluate({})

    outcomes: list[str] = []
    thread = threading.Thread(target=lambda: outcomes.append(str(descend(sys.getrecursionlimit() - 80))))
    thread.start()
    thread.join(20)
    assert outcomes == ["None"]


def test_a_deep_variable_is_refused() -> None:
    value: object = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(FeelLimitExceeded):
        parse("x[1]").evaluate({"x": value})
    assert parse("y").evaluate({"x": value, "y": 1}) == 1
