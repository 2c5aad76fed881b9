"""docs/feel.md: every example gives what it says, and every built-in function is listed with its parameters."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.feel import BUILTIN_NAMES, DEFAULT, parse
from engine.feel.builtins import BUILTINS
from engine.feel.builtins.conversions import render
from engine.feel.limits import Run

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "feel.md").read_text()
NOW = datetime(2026, 3, 31, 8, 30, tzinfo=UTC)
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in GUIDE.splitlines()
    if line.startswith("| ") and line.count(" | ") == 3 and line.endswith("` |")
]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_there_are_examples() -> None:
    assert len(ROWS) > 110


@pytest.mark.parametrize(("example", "gives"), [(row[2].strip("`"), row[3].rstrip(" |").strip("`")) for row in ROWS])
def test_an_example_gives_what_the_guide_says(example: str, gives: str) -> None:
    value = parse(example).evaluate({}, now=NOW)
    run = Run(None, DEFAULT)
    assert render(value, run) == render(parse(gives).evaluate({}), run)


def test_every_function_is_listed_with_its_parameters_and_in_chinese() -> None:
    listed: dict[str, set[str]] = {}
    for row in ROWS:
        written = re.match(r"`([a-z ]+)\((.*?)\)`", row[0])
        if written is not None:
            names = listed.setdefault(written[1], set())
            names |= {name.removesuffix("...") for name in written[2].split(", ") if name}
            assert CHINESE.search(row[1]), row
    assert listed.keys() == BUILTIN_NAMES - {"and", "or"}
    declared = {
        name: {parameter.name for overload in BUILTINS[name].overloads for parameter in overload.parameters}
        for name in listed
    }
    assert [name for name, parameters in listed.items() if not parameters <= declared[name]] == []
