"""Checking files as one deployment: what they say about each other, and that nothing they say breaks the check."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.deployment.references import Known
from engine.kernel.findings import Finding, Severity
from engine.lint.configuration import Configuration
from engine.lint.run import Outcome, lint
from processes import packaged_files
from processes.organisation import ROLES
from processes.services import HANDLERS
from tests.factories import flow, form, in_a_row, lanes, one_task, process, task
from tests.kernel.bpmn import extended
from tests.kernel.random.terms import TERMS, Term, numbered
from tests.kernel.random.writer import Writer

DECISION = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="limits" name="limits" namespace="urn:test">
  <decision id="limit" name="limit">
    <variable name="limit"/>
    <literalExpression><text>amount * 2</text></literalExpression>
  </decision>
</definitions>
"""
PACKAGED = packaged_files()
BUILT_IN = Known(topics={handler.topic for handler in HANDLERS}, roles={role.id for role in ROLES})


def found(outcome: Outcome, *rules: str) -> list[Finding]:
    return [finding for finding in outcome.findings if finding.rule in rules]


def caller(mapping: str, called: str = "small") -> bytes:
    call = f'<callActivity id="call" calledElement="{called}">{extended(mapping)}</callActivity>'
    return process("caller", lanes(RM="s call e") + in_a_row(call, ids="call"))


def rule_task(result: str = "") -> bytes:
    attributes = f'camunda:decisionRef="limit" {result}'
    rows = in_a_row(f'<businessRuleTask id="rule" {attributes}/>', ids="rule")
    timer = "<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>"
    return process("ruled", rows.replace('<startEvent id="s"/>', f'<startEvent id="s">{timer}</startEvent>'))


def test_the_packaged_models_have_no_findings() -> None:
    outcome = lint(PACKAGED, known=BUILT_IN)
    assert [str(each) for each in outcome.findings] == []
    assert len(outcome.files) == len(PACKAGED)


def test_findings_are_sorted_by_file_and_place() -> None:
    outcome = lint({"b.bpmn": one_task("b"), "a.bpmn": one_task("a"), "c.form": b"{"})
    places = [(each.file, each.line, each.column) for each in outcome.findings]
    assert places == sorted(places)
    assert {each.file for each in outcome.findings} == {"a.bpmn", "b.bpmn", "c.form"}
    assert (outcome.errors, outcome.errors + outcome.warnings) == (1, len(outcome.findings))


def test_a_missing_form_is_suspected_until_the_house_says_which_there_are() -> None:
    files = {"small.bpmn": one_task(attributes='camunda:formKey="ask-form"')}
    (suspected,) = found(lint(files), "references/form")
    assert suspected.severity is Severity.WARNING
    (certain,) = found(lint(files, house=Configuration(forms=frozenset())), "references/form")
    assert certain.severity is Severity.ERROR
    assert found(lint(files, house=Configuration(forms=frozenset({"ask-form"}))), "references/form") == []
    assert found(lint({**files, "ask.form": form()}), "references/form") == []


def test_a_missing_decision_likewise() -> None:
    files = {"ruled.bpmn": rule_task()}
    assert [each.severity for each in found(lint(files), "references/decision")] == [Severity.WARNING]
    certain = lint(files, house=Configuration(decisions=frozenset()))
    assert [each.severity for each in found(certain, "references/decision")] == [Severity.ERROR]
    assert found(lint({**files, "limits.dmn": DECISION}), "references/decision") == []


def test_called_processes_topics_and_roles_are_looked_for_in_files_and_configuration() -> None:
    service = '<serviceTask id="pay" camunda:type="external" camunda:topic="bank.pay"/>'
    call = '<callActivity id="call" calledElement="later"/>'
    body = lanes(TREASURER="ask") + in_a_row(service, call, task("ask"), ids="pay call ask")
    files = {"p.bpmn": process("p", body)}
    rules = ("references/topic", "references/process", "references/role")
    assert {each.rule for each in found(lint(files), *rules)} == set(rules)
    house = Configuration(topics=frozenset({"bank.pay"}), called=frozenset({"later"}), roles=frozenset({"TREASURER"}))
    assert found(lint(files, house=house), *rules) == []
    known = Known(topics={"bank.pay"}, processes={"later"}, roles={"TREASURER"})
    assert found(lint(files, known=known), *rules) == []
    assert found(lint({**files, "later.bpmn": one_task("later")}), "references/process") == []


def test_an_exclusion_names_a_task_of_another_file() -> None:
    files = {"a.bpmn": one_task("a", excludes="vote")}
    assert len(found(lint(files), "references/excludes")) == 1
    other = process("b", lanes(RM="s vote e") + in_a_row(task("vote"), ids="vote"))
    assert found(lint({**files, "b.bpmn": other}), "references/excludes") == []


def test_a_decision_reads_variables_too() -> None:
    (missing,) = found(lint({"r.bpmn": rule_task(), "l.dmn": DECISION}), "execution/unknown-variable")
    assert (missing.element, missing.message) == (
        "rule",
        "the decision reads 'amount', which nothing writes and no start brings",
    )


def test_the_fields_of_a_form_are_what_a_task_writes() -> None:
    script = '<scriptTask id="x" camunda:resultVariable="total"><script>amount * rate</script></scriptTask>'
    timer = "<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>"
    body = in_a_row(task("ask", attributes='camunda:formKey="ask-form"'), script, ids="ask x")
    body = body.replace('<startEvent id="s"/>', f'<startEvent id="s">{timer}</startEvent>')
    files = {"p.bpmn": process("p", body)}
    assert found(lint(files), "execution/unknown-variable") == [], "nobody knows what the form asks for"
    told = found(lint({**files, "ask.form": form("ask-form", "amount")}), "execution/unknown-variable")
    assert [each.message for each in told] == ["the script reads 'rate', which nothing writes and no start brings"]
    assert found(lint({**files, "ask.form": form("ask-form", "amount", "rate")}), "execution/unknown-variable") == []


def test_a_call_gives_what_the_called_process_reads_and_takes_what_it_has() -> None:
    script = '<scriptTask id="x" camunda:resultVariable="total"><script>amount * 2</script></scriptTask>'
    called = process("small", in_a_row(script, ids="x"))

    def told(mapping: str) -> list[str]:
        outcome = lint({"a.bpmn": caller(mapping), "b.bpmn": called})
        return [each.message for each in found(outcome, "execution/unknown-variable")]

    given = '<camunda:in source="x" target="amount"/>'
    assert told("") == ["the called process 'small' reads 'amount', which this call does not give"]
    assert told(given + '<camunda:out source="total" target="sum"/>') == []
    assert told('<camunda:in variables="all"/>') == []
    assert told(given + '<camunda:out source="totals" target="sum"/>') == [
        "an out mapping reads 'totals', which the called process 'small' never has"
    ]


@pytest.mark.parametrize(
    ("name", "body", "rule"),
    [
        ("a.txt", b"x", "deployment/kind"),
        ("a.bpmn", b"", "xml/malformed"),
        ("a.bpmn", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "xml/doctype"),
        ("a.bpmn", b"<a>" * 3_000, "xml/too-deep"),
        ("a.bpmn", b"<a/>", "xml/not-bpmn"),
        ("a.dmn", b"<!DOCTYPE x [<!ENTITY e 'e'>]><x>&e;</x>", "deployment/decision"),
        ("a.dmn", b"\xff", "deployment/decision"),
        ("a.form", b"[" * 100_000, "deployment/form"),
        ("a.form", b'{"id": "a", "components": {}}', "deployment/form"),
        ("a.bpmn", b" " * 2_000_001, "xml/too-large"),
    ],
)
def test_hostile_and_broken_files_are_findings(name: str, body: bytes, rule: str) -> None:
    outcome = lint({name: body, "good.bpmn": one_task()}, max_bytes=2_000_000)
    assert rule in {each.rule for each in outcome.findings if each.severity is Severity.ERROR}
    _complete(outcome, {name, "good.bpmn"})


def test_files_that_hold_nothing_are_told() -> None:
    body = process("p", in_a_row(task("ask"), ids="ask")).replace(b'isExecutable="true"', b'isExecutable="false"')
    assert lint({"p.bpmn": body}).errors


def _complete(outcome: Outcome, names: set[str]) -> None:
    for each in outcome.findings:
        assert each.file in names
        assert each.line >= 1
        assert each.column >= 1
        assert each.message
        assert each.advice, each


@settings(max_examples=120, deadline=None, database=None, derandomize=True)
@given(TERMS, st.integers(0, 10**6))
def test_no_model_breaks_the_check_whatever_was_torn_out_of_it(term: Term, seed: int) -> None:
    rnd = random.Random(seed)
    writer = Writer(numbered(term))
    xml = torn(rnd, rnd.choice([writer.root, *writer.called, *(PACKAGED[name] for name in MODELS)]))
    _complete(lint({"torn.bpmn": xml, "whole.bpmn": one_task()}), {"torn.bpmn", "whole.bpmn"})


MODELS = sorted(name for name in PACKAGED if name.endswith(".bpmn"))
KINDS = (
    *("task", "userTask", "scriptTask", "serviceTask", "callActivity", "subProcess", "transaction", "adHocSubProcess"),
    *("exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway", "startEvent"),
    *("endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent", "receiveTask", "sendTask"),
)


def torn(rnd: random.Random, xml: bytes) -> bytes:
    """The model with some of its words, tags or lines changed, lost or doubled."""
    text = xml.decode()
    for _ in range(rnd.randint(1, 6)):
        match rnd.randrange(5):
            case 0:
                lines = text.splitlines(keepends=True)
                del lines[rnd.randrange(len(lines))]
                text = "".join(lines)
            case 1:
                before = rnd.choice(KINDS)
                text = text.replace(f":{before}", f":{rnd.choice(KINDS)}", rnd.choice((1, -1)))
            case 2:
                at = rnd.randrange(len(text))
                text = text[:at] + text[at + rnd.randint(1, 8) :]
            case 3:
                lines = text.splitlines(keepends=True)
                lines.insert(rnd.randrange(len(lines)), rnd.choice(lines))
                text = "".join(lines)
            case _:
                ids = [part.split('"')[0] for part in text.split('id="')[1:]] or ["x"]
                text = text.replace(f'Ref="{rnd.choice(ids)}"', f'Ref="{rnd.choice(ids)}"', 1)
        text = text or "<"
    return text.encode()


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.dictionaries(st.sampled_from(["a.bpmn", "b.dmn", "c.form", "d", "ä.bpmn"]), st.binary(max_size=300)))
def test_no_bytes_break_the_check(files: dict[str, bytes]) -> None:
    if files:
        _complete(lint(files), set(files))


def test_the_flows_of_a_model_can_all_be_crossed() -> None:
    """Every pair of elements connected: far more paths than any model has."""
    ids = [f"n{number}" for number in range(14)]
    nodes = "".join(f'<{random.Random(at).choice(KINDS[9:13])} id="{id}"/>' for at, id in enumerate(ids))
    flows = "".join(flow(one, other, "a = 1") for one in ids for other in ids if one != other)
    outcome = lint({"a.bpmn": process("p", f'<startEvent id="s"/>{nodes}{flow("s", "n0")}{flows}')})
    _complete(outcome, {"a.bpmn"})
