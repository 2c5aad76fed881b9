"""The configuration of the deployment check: what a house may decide, and what it is told when it may not."""

from __future__ import annotations

import pytest

from engine.kernel.findings import Finding, Severity
from engine.lint.configuration import Configuration, ConfigurationError, read_configuration


def configured(text: str) -> Configuration:
    return read_configuration(text.encode(), file="house.yaml")


def finding(rule: str, severity: Severity) -> Finding:
    return Finding(rule, severity, "a.bpmn", 1, 1, "x", "", "wrong", "correct it")


def test_levels_and_names() -> None:
    house = configured(
        "rules:\n  execution/no-sla: off\n  execution/no-form: error\n  'execution/no-role': warning\n"
        "topics: [a.b]\nroles: [R]\ncalled: [P]\nforms: []\n"
    )
    assert house.levels == {"execution/no-sla": "off", "execution/no-form": "error", "execution/no-role": "warning"}
    assert (house.topics, house.roles, house.called) == ({"a.b"}, {"R"}, {"P"})
    assert (house.forms, house.decisions) == (frozenset(), None)


def test_levels_are_applied_to_warnings() -> None:
    house = configured("rules: {execution/no-sla: off, execution/no-form: error}")
    given = [
        finding("execution/no-sla", Severity.WARNING),
        finding("execution/no-form", Severity.WARNING),
        finding("execution/no-role", Severity.WARNING),
        finding("xml/malformed", Severity.ERROR),
    ]
    assert [(each.rule, each.severity.value) for each in house.applied(given)] == [
        ("execution/no-form", "error"),
        ("execution/no-role", "warning"),
        ("xml/malformed", "error"),
    ]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "rules:\n", "rules: {}\ntopics:\n"])
def test_an_empty_file_changes_nothing(text: str) -> None:
    house = configured(text)
    given = [finding("execution/no-sla", Severity.WARNING)]
    assert house.applied(given) == given


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: {execution/no-slaa: off}", "there is no rule 'execution/no-slaa'; did you mean 'execution/no-sla'?"),
        ("rules: {execution/no-sla: loud}", "execution/no-sla: 'loud' is no level; it can be off, warning, error"),
        ("rules: {execution/no-sla: true}", "execution/no-sla: True is no level"),
        ("rules: {xml/doctype: off}", "xml/doctype is an error and cannot be set to off"),
        ("rules: {execution/unreachable: warning}", "execution/unreachable is an error and cannot be set to warning"),
        ("rules: [execution/no-sla]", "rules: expected rule ids with a level each"),
        ("rule: {}", "'rule' is no entry of a configuration; did you mean 'rules'?"),
        ("topics: payment.send", "topics: expected a list of names"),
        ("roles: [1]", "roles: expected a list of names"),
        ("- a", "expected entries such as rules, topics and roles"),
        ("rules: {", "this is not YAML"),
        ("a: &a [*a", "this is not YAML"),
        ("!!python/object/apply:os.getcwd []", "this is not YAML"),
        ("\0", "this is not YAML"),
        ("# " + "x" * 100_000, "at most 100,000 bytes"),
    ],
    ids=lambda text: text[:30],
)
def test_mistakes_are_one_line_that_names_the_file(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        configured(text)
    assert str(refused.value).startswith("house.yaml: ")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_error_may_be_called_an_error() -> None:
    assert configured("rules: {xml/doctype: error}").levels == {"xml/doctype": "error"}


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="not YAML"):
        read_configuration(b"\xff\xfe\x00\xd8", file="house.yaml")
