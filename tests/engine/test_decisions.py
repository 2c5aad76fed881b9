"""Decisions that are deployed: which version counts when, what they import, and why they came out as they did."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.access import SYSTEM, Principal
from engine.commands.deploy import deploy
from engine.errors import DecisionNotMade, DeploymentRefused, Forbidden, NotFound
from engine.model.definition import DecisionDefinition, Resource
from engine.queries.audit_events import AuditFilter, audit_events
from engine.queries.decisions import Decided, decide, decisions
from tests.factories import House, in_a_row, process

SPRING, JULY, AUTUMN = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 7, 10))
NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def dmn(body: str, *, effective: str = "", namespace: str = "urn:test") -> bytes:
    said = f'<extensionElements><properties><property name="effectiveFrom" value="{effective}"/></properties>'
    extension = f"{said}</extensionElements>" if effective else ""
    head = f'<definitions xmlns="{NAMESPACE}" id="m" name="m" namespace="{namespace}">'
    return f"{head}{extension}{body}</definitions>".encode()


def factor(value: str, *, effective: str = "") -> bytes:
    text = f"<literalExpression><text>amount * {value}</text></literalExpression>"
    return dmn(
        f'<decision id="limit" name="Credit limit"><variable name="limit"/>{text}</decision>', effective=effective
    )


def asked(house: House, key: str = "limit", **more: object) -> Decided:
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        return decide(work, key=key, inputs={"amount": 10}, **more)  # type: ignore[arg-type]  # what decide takes


def test_a_version_counts_from_its_date_on(house: House) -> None:
    house.deploy(a_dmn=factor("1"))
    house.deploy(a_dmn=factor("2", effective="2026-07-01"))
    assert [asked(house, at=at).result for at in (SPRING, JULY, AUTUMN)] == [10, 20, 20]
    with house.sancha.work(SYSTEM, write=False) as work:
        dates = [each.effective_from for each in decisions(work, key="limit").items]
    # A day begins where the house is: at 16:00 UTC of the day before.
    assert dates == [None, datetime(2026, 6, 30, 16, tzinfo=UTC)]


def test_a_correction_counts_until_the_later_date_comes(house: House) -> None:
    house.deploy(a_dmn=factor("1"))
    house.deploy(a_dmn=factor("2", effective="2199-01-01T00:00:00Z"))
    house.deploy(a_dmn=factor("3"))
    assert asked(house).result == 30
    assert asked(house, at=datetime(2199, 6, 1, tzinfo=UTC)).result == 20
    assert [asked(house, version=number).result for number in (1, 2, 3)] == [10, 20, 30]


def test_the_date_may_be_given_with_the_deployment(house: House) -> None:
    house.deploy(a_dmn=factor("1"))
    for _ in range(2):
        with house.sancha.work(house.who("publisher-1")) as work:
            deploy(work, name="later", files={"a.dmn": factor("1")}, effective_from=JULY)
    assert house.count(DecisionDefinition) == 2
    with pytest.raises(DeploymentRefused, match="neither a day nor an instant"):
        house.deploy(a_dmn=factor("1", effective="next summer"))
    with pytest.raises(DeploymentRefused, match="needs a time zone"):
        house.deploy(a_dmn=factor("1", effective="2026-07-01T00:00:00"))


def test_a_task_takes_the_version_that_counts_now_and_its_history_says_why(house: House) -> None:
    grade = (
        '<inputData id="s" name="score"><variable name="score" typeRef="number"/></inputData>'
        '<decision id="grade" name="grade"><variable name="grade"/>'
        '<informationRequirement><requiredInput href="#s"/></informationRequirement><decisionTable id="t">'
        '<input label="points"><inputExpression><text>score</text></inputExpression></input><output name="g"/>'
        '<rule id="good"><inputEntry><text>&gt;= 60</text></inputEntry>'
        '<outputEntry><text>"A"</text></outputEntry></rule>'
        "</decisionTable></decision>"
    )
    top = (
        '<decision id="top" name="top"><variable name="top"/><informationRequirement>'
        '<requiredDecision href="#grade"/></informationRequirement>'
        "<literalExpression><text>grade + &quot;!&quot;</text></literalExpression></decision>"
    )
    rule = '<businessRuleTask id="x" camunda:decisionRef="top" camunda:resultVariable="r"/>'
    house.deploy(p_bpmn=process("p", in_a_row(rule, ids="x")), a_dmn=dmn(grade + top))
    house.deploy(a_dmn=dmn(grade + top.replace("!", "?"), effective="2199-01-01"))
    case = house.start("p", variables={"score": 72})
    with house.sancha.work(SYSTEM, write=False) as work:
        events = audit_events(work, AuditFilter(stream=case.id)).items
    effects = [effect for event in events for effect in (event.payload or {}).get("effects", ())]
    (taken,) = [effect for effect in effects if effect["type"] == "DecisionTaken"]
    assert (taken["decision"], taken["output"], taken["rules"]) == ("top:1", "A!", ["good"])
    made = taken["trace"][0]
    assert (made["decision"], made["inputs"], made["output"]) == ("grade", {"score": "72"}, "A")
    assert made["tables"] == [
        {"table": "t", "asked": {"points": "72"}, "rules": [{"rule": "good", "row": 1, "outputs": "A"}]}
    ]


BASE = dmn(
    '<businessKnowledgeModel id="twice" name="twice"><variable name="twice"/><encapsulatedLogic>'
    '<formalParameter name="n"/><literalExpression><text>n * 2</text></literalExpression></encapsulatedLogic>'
    "</businessKnowledgeModel>",
    namespace="urn:base",
)
TOP = dmn(
    f'<import namespace="urn:base" name="b" importType="{NAMESPACE}"/><decision id="limit" name="limit">'
    '<variable name="limit"/><knowledgeRequirement><requiredKnowledge href="urn:base#twice"/></knowledgeRequirement>'
    "<literalExpression><text>b.twice(amount)</text></literalExpression></decision>"
)


def test_an_import_comes_from_the_same_deployment_and_a_change_of_it_makes_a_new_version(house: House) -> None:
    house.deploy(top_dmn=TOP, base_dmn=BASE)
    assert house.count(Resource) == 2
    assert asked(house).result == 20
    house.deploy(top_dmn=TOP, base_dmn=BASE)
    house.deploy(top_dmn=TOP, base_dmn=BASE.replace(b"n * 2", b"n * 3"))
    assert [asked(house, version=number).result for number in (1, 2)] == [20, 30]
    assert asked(house).result == 30
    with pytest.raises(DeploymentRefused, match="urn:base is not among the files"):
        house.deploy(top_dmn=TOP.replace(b"amount", b"amount + 1"))


def test_decisions_and_services_are_found_by_id_name_and_deployment(house: House) -> None:
    first = house.deploy(a_dmn=factor("1"))
    service = '<decisionService id="s" name="The service"><outputDecision href="#limit"/></decisionService>'
    second = house.deploy(a_dmn=factor("2").replace(b"</definitions>", service.encode() + b"</definitions>"))
    assert asked(house, "Credit limit").result == 20
    assert asked(house, deployment_id=first.id).result == 10
    assert asked(house, "The service", deployment_id=second.id).result is None
    assert asked(house, "s").decision == "s"
    for more in ({"key": "unknown"}, {"version": 9}, {"deployment_id": "no"}, {"key": "s", "deployment_id": first.id}):
        with pytest.raises(NotFound):
            asked(house, **more)


def test_strict_evaluation_fails_where_the_standard_says_null(house: House) -> None:
    house.deploy(a_dmn=factor("other"))
    assert (asked(house).result, bool(asked(house).warnings)) == (None, True)
    with pytest.raises(DecisionNotMade, match="unknown variable 'other'"):
        asked(house, strict=True)


def two(limit: str) -> bytes:
    """A decision ``limit`` beside one that is sound."""
    return dmn(
        f'<decision id="limit" name="limit"><variable name="limit"/><literalExpression><text>{limit}</text>'
        '</literalExpression></decision><decision id="double" name="double"><variable name="double"/>'
        "<literalExpression><text>amount * 2</text></literalExpression></decision>"
    )


def test_a_mistake_in_one_decision_leaves_the_others_of_its_file(house: House) -> None:
    deployed = house.deploy(a_dmn=two("amount *"))
    assert [found["rule"] for found in deployed.warnings] == ["dmn/broken"]
    assert asked(house, "double").result == 20
    made = asked(house)
    assert (made.result, bool(made.warnings)) == (None, True)
    with pytest.raises(DecisionNotMade):
        asked(house, strict=True)


def test_a_decision_that_cannot_be_made_takes_no_place_and_serves_no_process(house: House) -> None:
    asks = process("asks", in_a_row('<businessRuleTask id="x" camunda:decisionRef="limit"/>', ids="x"))
    with pytest.raises(DeploymentRefused) as refused:
        house.deploy(asks_bpmn=asks, a_dmn=two("amount *"))
    assert [
        (found["file"], found["element"])
        for found in refused.value.findings
        if found["rule"] == "references/broken-decision"
    ] == [("asks.bpmn", "x")]
    house.deploy(a_dmn=two("amount *"))
    house.deploy(asks_bpmn=asks, a_dmn=two("amount"))
    with pytest.raises(DeploymentRefused, match="a deployed process asks for it"):
        house.deploy(a_dmn=two("amount *"))
    assert asked(house).result == 10


def test_who_has_no_role_makes_no_decisions(house: House) -> None:
    house.deploy(a_dmn=factor("1"))
    with house.sancha.work(Principal("nobody"), write=False) as work, pytest.raises(Forbidden):
        decide(work, key="limit", inputs={})
