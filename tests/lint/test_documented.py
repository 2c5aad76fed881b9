"""docs/lint-rules.md is written from the catalogue of rules, and every rule says what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

from engine.kernel.check.advice import ADVICE
from engine.kernel.check.rules import RULES, RULES_BY_ID
from engine.lint.rules_document import DOCUMENT, rules_document

ROOT = Path(__file__).parents[2]


def test_the_document_is_what_the_catalogue_says() -> None:
    written = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    assert written == rules_document(), f"write it again: python -m engine.lint.rules_document > {DOCUMENT}"


def test_every_rule_is_documented_once() -> None:
    assert sorted(re.findall(r"^\| `([\w/-]+)` \|", rules_document(), re.MULTILINE)) == sorted(RULES_BY_ID)


def test_advice_is_for_rules_that_exist() -> None:
    assert set(ADVICE) <= {rule.id for rule in RULES}
