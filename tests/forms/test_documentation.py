"""docs/forms.md: its examples do what it says, and it lists every component and every validator."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from forms import FormErrors, examine_form, load_form
from forms.checks import NUMBER_CHECKS, TEXT_CHECKS
from forms.reading import KINDS, VIEWS
from tests.forms.build import NOW

GUIDE = (Path(__file__).parents[2] / "docs" / "forms.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^```json\n(.*?)^```\n\n```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples() -> Iterator[tuple[bytes, dict[str, Any]]]:
    for component, cases in EXAMPLE.findall(GUIDE):
        file = {"type": "default", "id": "example", "schemaVersion": 19, "components": [json.loads(component)]}
        for case in yaml.safe_load_all(cases):
            yield json.dumps(file).encode(), case


def test_there_are_examples_and_none_without_a_case() -> None:
    assert len(list(examples())) >= 7
    assert len(EXAMPLE.findall(GUIDE)) == GUIDE.count("```json\n")


@pytest.mark.parametrize(("file", "case"), list(examples()))
def test_an_example_does_what_it_says(file: bytes, case: dict[str, Any]) -> None:
    assert list(examine_form("example.form", file)) == []
    made, variables = load_form(file), case.get("case", {})
    if "accepts" in case:
        clean = made.validate(case["accepts"], variables, now=NOW)
        assert json.loads(json.dumps(clean, default=float)) == case.get("gives", clean)
        return
    with pytest.raises(FormErrors) as problem:
        made.validate(case["refuses"], variables, now=NOW)
    assert {error.path: error.code for error in problem.value.found} == case["errors"]


def test_every_component_and_every_validator_is_listed() -> None:
    assert {name for name in (*KINDS, "datetime", *VIEWS) if f"`{name}`" not in GUIDE} == set()
    validators = set(re.findall(r"^\| `([a-z-]+)` \|", GUIDE.partition("## Validators")[2], re.MULTILINE)) - {"check"}
    assert validators == {*TEXT_CHECKS, *NUMBER_CHECKS}
