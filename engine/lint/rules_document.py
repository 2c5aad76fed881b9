"""``docs/lint-rules.md``: every rule of the deployment check, written from the catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby

from engine.kernel.check.rules import RULES, Rule
from engine.kernel.findings import Severity

DOCUMENT = "docs/lint-rules.md"

_FAMILIES = {
    "xml": "The file",
    "structure": "Processes, subprocesses and ids",
    "references": "References",
    "flows": "Sequence and message flows",
    "gateways": "Gateways",
    "events": "Events",
    "activities": "Activities",
    "data": "Data",
    "execution": "Execution",
    "expressions": "Expressions",
    "dmn": "Decisions",
    "forms": "Forms",
    "extensions": "Extensions of other tools",
    "unsupported": "What is not executed",
    "spiffworkflow": "The SpiffWorkflow kernel",
    "deployment": "The deployment as a whole",
}

_INTRODUCTION = """# Rules of the deployment check

`sancha lint`, `sancha deploy` and the API check models by the same rules. An *error* refuses the deployment and cannot
be switched off: the engine could not run the model as it is drawn. A *warning* is told to the designer; a house may
switch it off or make it an error (see [Checking models](checking-models.md)). Sections are those of BPMN 2.0.2 (OMG
formal/2013-12-09); a rule without one is the engine's own.

This page is written from the catalogue of rules (`engine/kernel/check/rules.py`); a test keeps the two equal.
"""


def rules_document() -> str:
    """The page as Markdown."""
    return "\n".join([_INTRODUCTION, *_tables()])


def help_text(rule: Rule) -> str:
    """What a designer should know about a rule beside its sentence."""
    source = f"BPMN 2.0.2, section {rule.section}." if rule.section else "A rule of the engine."
    if rule.severity is Severity.ERROR:
        return f"{rule.text} {source} Errors refuse the deployment."
    return f"{rule.text} {source} The house's configuration may switch it off or make it an error."


def _tables() -> Iterator[str]:
    by_family = sorted(RULES, key=_position)
    for family, rules in groupby(by_family, key=_family):
        yield f"## {_FAMILIES.get(family, family.capitalize())}\n"
        yield "| Rule | Severity | Says | Section |\n|---|---|---|---|"
        for rule in rules:
            yield f"| `{rule.id}` | {rule.severity.value} | {rule.text.replace('|', chr(92) + '|')} | {rule.section} |"
        yield ""


def _family(rule: Rule) -> str:
    return rule.id.partition("/")[0]


def _position(rule: Rule) -> int:
    known = list(_FAMILIES)
    family = _family(rule)
    return known.index(family) if family in known else len(known)


if __name__ == "__main__":
    sys.stdout.write(rules_document())
