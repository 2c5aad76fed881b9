"""How findings are written: text, JSON, SARIF 2.1.0."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from engine.kernel.check.rules import RULES
from engine.kernel.findings import Finding, Severity
from engine.lint.output import as_json, as_sarif, as_text
from engine.lint.run import Outcome, lint
from tests.factories import one_task

WRONG = one_task("wrong").replace(b'targetRef="e"', b'targetRef="nowhere"')
SARIF_LEVELS = {"none", "note", "warning", "error"}
# Members that the schema of SARIF 2.1.0 has (it allows no others), with those it requires.
MEMBERS: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"version", "runs"}, {"$schema", "version", "runs", "inlineExternalProperties", "properties"}),
    "run": ({"tool"}, {"tool", "artifacts", "results", "columnKind", "invocations", "language", "properties"}),
    "driver": ({"name"}, {"name", "version", "semanticVersion", "informationUri", "rules", "fullName", "properties"}),
    "rule": (
        {"id"},
        {
            *("id", "name", "shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration"),
            *("messageStrings", "properties"),
        },
    ),
    "result": (
        {"message"},
        {"ruleId", "ruleIndex", "rule", "kind", "level", "message", "locations", "partialFingerprints", "properties"},
    ),
    "location": (set(), {"id", "physicalLocation", "logicalLocations", "message", "annotations", "properties"}),
    "physical": (set(), {"artifactLocation", "region", "contextRegion", "address", "properties"}),
    "artifactLocation": (set(), {"uri", "uriBaseId", "index", "description", "properties"}),
    "logical": (set(), {"name", "index", "fullyQualifiedName", "decoratedName", "parentIndex", "kind", "properties"}),
}


def outcome() -> Outcome:
    return lint({"models/ä b.bpmn": WRONG, "small.bpmn": one_task()})


def shaped(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    required, known = MEMBERS[kind]
    assert required <= set(value) <= known, (kind, sorted(value))
    return value


def test_text_has_one_line_for_each_finding_and_its_advice_and_a_summary() -> None:
    found = outcome()
    lines = as_text(found).splitlines()
    assert len(lines) == 2 * len(found.findings) + 1
    for finding, line, advice in zip(found.findings, lines[::2], lines[1::2], strict=False):
        assert line.startswith(f"{finding.file}:{finding.line}:{finding.column}: {finding.severity}: ")
        assert line.endswith(f"[{finding.rule}]")
        assert advice == f"    {finding.advice}"
    assert lines[-1] == f"{found.errors} errors, {found.warnings} warnings in 2 files"


def test_a_finding_with_line_breaks_stays_one_line() -> None:
    finding = Finding("xml/schema", Severity.ERROR, "a.bpmn", 1, 2, "x", "two\nlines", "wrong\r\nhere", "do\nthat")
    assert as_text(Outcome(("a.bpmn",), (finding,))).splitlines() == [
        "a.bpmn:1:2: error: x (two lines): wrong here [xml/schema]",
        "    do that",
        "1 error, 0 warnings in 1 file",
    ]


def test_json_has_everything() -> None:
    found = outcome()
    read = json.loads(as_json(found))
    assert read["files"] == ["models/ä b.bpmn", "small.bpmn"]
    assert (read["errors"], read["warnings"]) == (found.errors, found.warnings)
    assert [each["rule"] for each in read["findings"]] == [each.rule for each in found.findings]
    members = {"rule", "severity", "file", "line", "column", "element", "name", "message", "advice"}
    assert {frozenset(each) for each in read["findings"]} == {frozenset(members)}


def test_sarif_is_a_log_of_version_2_1_0() -> None:
    found = outcome()
    log = shaped("log", json.loads(as_sarif(found)))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    shaped("run", run)
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert [urlsplit(each["location"]["uri"]).path for each in run["artifacts"]] == [
        "models/%C3%A4%20b.bpmn",
        "small.bpmn",
    ]
    assert len(run["results"]) == len(found.findings)
    for result, finding in zip(run["results"], found.findings, strict=True):
        shaped("result", result)
        assert (result["ruleId"], result["level"]) == (finding.rule, finding.severity.value)
        assert result["level"] in SARIF_LEVELS
        assert finding.message[1:] in result["message"]["text"]
        (location,) = result["locations"]
        physical = shaped("physical", shaped("location", location)["physicalLocation"])
        artifact = shaped("artifactLocation", physical["artifactLocation"])
        assert run["artifacts"][artifact["index"]]["location"]["uri"] == artifact["uri"]
        assert physical["region"] == {"startLine": finding.line, "startColumn": finding.column}
        if finding.element:
            (logical,) = location["logicalLocations"]
            assert shaped("logical", logical)["name"] == finding.element


def test_sarif_describes_every_rule() -> None:
    run = json.loads(as_sarif(outcome()))["runs"][0]
    rules = shaped("driver", run["tool"]["driver"])["rules"]
    assert [shaped("rule", rule)["id"] for rule in rules] == [rule.id for rule in RULES]
    for described, rule in zip(rules, RULES, strict=True):
        assert described["defaultConfiguration"] == {"level": rule.severity.value}
        assert described["shortDescription"]["text"] == rule.text
        assert described["help"]["text"].startswith(rule.text)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_names_absolute_files_as_addresses() -> None:
    finding = Finding("xml/schema", Severity.ERROR, "/models/a b.bpmn", 1, 1, "", "", "wrong", "correct it")
    run = json.loads(as_sarif(Outcome(("/models/a b.bpmn",), (finding,))))["runs"][0]
    assert (
        run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///models/a%20b.bpmn"
    )
    assert "logicalLocations" not in run["results"][0]["locations"][0]
