"""What the check found, as text for people, JSON for programs, SARIF 2.1.0 for code hosts and editors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from engine import version
from engine.kernel.check.rules import RULES, Rule
from engine.kernel.findings import Finding
from engine.lint.rules_document import DOCUMENT, help_text
from engine.lint.run import Outcome

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_text(outcome: Outcome) -> str:
    """One line per finding and one with the advice, then a summary."""
    lines: list[str] = []
    for finding in outcome.findings:
        lines.append(" ".join(str(finding).split()))
        if finding.advice:
            lines.append(f"    {' '.join(finding.advice.split())}")
    lines.append(summary(outcome))
    return "\n".join(lines) + "\n"


def summary(outcome: Outcome) -> str:
    """How much was found in how many files."""
    counted = (_count(outcome.errors, "error"), _count(outcome.warnings, "warning"))
    return f"{', '.join(counted)} in {_count(len(outcome.files), 'file')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def as_json(outcome: Outcome) -> str:
    """``files``, ``errors``, ``warnings`` and ``findings``, each finding with all its members."""
    return _dumped(
        {
            "files": list(outcome.files),
            "errors": outcome.errors,
            "warnings": outcome.warnings,
            "findings": [asdict(finding) for finding in outcome.findings],
        }
    )


def as_sarif(outcome: Outcome) -> str:
    """One SARIF run with every rule of the check, and a result per finding (OASIS SARIF 2.1.0, section 3)."""
    order = {rule.id: index for index, rule in enumerate(RULES)}
    driver = {
        "name": "sancha lint",
        "semanticVersion": version(),
        "rules": [_rule(rule) for rule in RULES],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(name)}} for name in outcome.files],
        "results": [_result(finding, order, outcome.files) for finding in outcome.findings],
    }
    return _dumped({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.text},
        "fullDescription": {"text": rule.text},
        "help": {"text": help_text(rule)},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": [rule.id.partition("/")[0]], "document": f"{DOCUMENT}#{rule.id.replace('/', '')}"},
    }


def _result(finding: Finding, order: Mapping[str, int], files: tuple[str, ...]) -> dict[str, Any]:
    text = " ".join(_sentence(part) for part in (finding.message, finding.advice) if part)
    artifact: dict[str, Any] = {"uri": _uri(finding.file)}
    if finding.file in files:
        artifact["index"] = files.index(finding.file)
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": artifact,
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }
    }
    if finding.element:
        place["logicalLocations"] = [
            {"name": finding.element, "fullyQualifiedName": finding.element, "kind": "element"}
        ]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": finding.severity.value,
        "message": {"text": text},
        "locations": [place],
    }
    if finding.rule in order:
        result["ruleIndex"] = order[finding.rule]
    return result


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."


def _uri(name: str) -> str:
    """A file's name as an address: relative to the working folder where it was given so."""
    path = PurePath(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), errors="surrogateescape")


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Outcome], str]] = {"text": as_text, "json": as_json, "sarif": as_sarif}
"""The writers by the name that the command line takes."""
