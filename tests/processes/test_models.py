"""The packaged processes as models: they pass the check, nothing they name is missing, duties are kept apart."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime

import pytest

from engine.kernel.check import check
from engine.kernel.definition import Definition, Kind, Node
from forms import load_form, packaged_form, packaged_form_ids
from processes.organisation import ROLES
from processes.services import HANDLERS
from tests.processes.decisions import models
from tests.processes.models import definitions, files, nodes

ROLE_IDS = {role.id for role in ROLES}
USER_TASKS = [pytest.param(definition, node, id=node.id) for definition, node in nodes(Kind.USER_TASK)]


@pytest.mark.parametrize("name", sorted(files()))
def test_the_deployment_check_has_nothing_to_say(name: str) -> None:
    elements = {node.id for _, node in nodes()}
    for finding in check(files()[name], file=name):
        # Duties are separate across the whole case, so exclusions name tasks of other files; those must exist.
        assert finding.rule == "execution/excludes-elsewhere", finding
        assert finding.severity == "warning", finding
        named = finding.message.partition(": ")[2].split(", ")
        assert named
        assert set(named) <= elements


def test_file_names_are_those_of_their_processes() -> None:
    assert {name.removesuffix(".bpmn") for name in files()} == set(definitions())


def test_element_ids_are_unique_across_the_lifecycle() -> None:
    counted = Counter(node.id for _, node in nodes())
    assert [id for id, times in counted.items() if times > 1] == []


@pytest.mark.parametrize(("definition", "node"), USER_TASKS)
def test_a_user_task_says_who_by_when_and_with_what(definition: Definition, node: Node) -> None:
    human = node.human
    assert human is not None
    assert node.role in ROLE_IDS
    assert human.sla is not None
    assert human.sla.text.startswith("PT")
    assert human.escalation
    assert human.clock in ("running", "waiting-client", "waiting-third-party")
    assert human.form in packaged_form_ids()
    assert node.name
    assert node.properties["name.en"].isascii()


@pytest.mark.parametrize(("definition", "node"), USER_TASKS)
def test_what_leaves_a_task_comes_from_its_form_or_from_the_case(definition: Definition, node: Node) -> None:
    assert node.human is not None
    form = load_form(packaged_form(node.human.form or ""))
    keys = {entry.key for entry in form.fields}
    assert node.outputs
    for mapping in node.outputs:
        if mapping.source.expression is not None:
            assert mapping.source.expression.names <= keys, mapping.target


def test_every_form_is_used() -> None:
    used = {node.human.form for _, node in nodes(Kind.USER_TASK) if node.human}
    used |= {node.properties.get("form") for _, node in nodes(Kind.START_EVENT)}
    assert set(packaged_form_ids()) == used - {None}


def test_every_decision_topic_and_called_process_exists() -> None:
    topics = {handler.topic for handler in HANDLERS}
    for _, node in nodes():
        if node.decision:
            assert node.decision.decision.text in models()
        if node.service:
            assert node.service.topic in topics
        if node.call:
            assert node.call.called.text in definitions()


FOR_LATER = {
    *("DMN-CYCLE", "DMN-PRODUCT", "DMN-DOC", "DMN-EQUATOR"),
    *("DMN-EWS", "DMN-EWS-RESPONSE", "DMN-CLASS", "DMN-REMEDY"),
}
"""House policy that no packaged process asks yet; docs/processes.md says which will."""


def test_every_handler_and_decision_is_used() -> None:
    assert {handler.topic for handler in HANDLERS} == {node.service.topic for _, node in nodes() if node.service}
    called = {node.decision.decision.text for _, node in nodes() if node.decision}
    roots = {id for id in set(models()) - called if not id.startswith("DMN-EWS-") or id == "DMN-EWS-RESPONSE"}
    assert roots - {"DMN-MIN-EQUITY", "DMN-INDUSTRY-KIND"} == FOR_LATER, "the two are required by others"


DILIGENCE = ("RM", "CO_RM")
CONTROL = ("REVIEWER", "RATER", "MEMBER", "APPROVER", "RELEASE", "PAY_M", "PAY_C")
APART = {
    *itertools.product(DILIGENCE, CONTROL),
    *[("RM", "CO_RM"), ("RATER", "APPROVER"), ("REVIEWER", "MEMBER"), ("REVIEWER", "APPROVER")],
    *[("MEMBER", "APPROVER"), ("RELEASE", "PAY_M"), ("RELEASE", "PAY_C"), ("PAY_M", "PAY_C")],
}
EYES = {("P04_bureau_manual", "P04_bureau_check"), ("P04_rate", "P04_confirm"), ("P08_visit_visit", "P08_visit_review")}


def test_duties_are_kept_apart_in_both_directions_and_nowhere_else() -> None:
    tasks = {node.id: node for _, node in nodes(Kind.USER_TASK)}
    for one, other in itertools.permutations(tasks, 2):
        roles = (tasks[one].role, tasks[other].role)
        apart = roles in APART or roles[::-1] in APART or (one, other) in EYES or (other, one) in EYES
        human = tasks[one].human
        assert human is not None
        assert (other in human.excludes) is apart, (one, other)


def test_a_committee_member_votes_in_person() -> None:
    vote = definitions()["P05_approval"].nodes["P05_vote"]
    assert vote.human is not None
    assert vote.human.assignee is not None
    assert vote.human.assignee.evaluate({"member": "member-3"}, datetime.now(UTC)) == "member-3"
    loop = definitions()["P05_approval"].nodes["P05_voting"].loop
    assert loop is not None
    assert not loop.sequential


def test_the_refusal_form_offers_nothing_but_refusal() -> None:
    (decision,) = [entry for entry in load_form(packaged_form("p05-confirm-refusal")).fields if entry.key == "decision"]
    assert decision.options is not None
    assert [option.value for option in decision.options.values] == ["REJECT"]


def test_service_levels_are_those_of_the_house() -> None:
    expected = {
        "P03_site_visit": 40,
        "P03_site_visit_co": 40,
        "P03_technical": 40,
        "P03_legal": 24,
        "P03_es": 24,
        "P03_joint_report": 24,
        "P03_risk_check": 16,
        "P03_notice": 8,
        "P03_notice_ineligible": 8,
        "P04_rate": 16,
        "P04_confirm": 8,
        "P05_review": 16,
        "P05_agenda": 8,
        "P05_vote": 16,
        "P05_approve": 8,
        "P05_confirm_refusal": 8,
        "P05_notice": 8,
        "P05_supplement": 80,
        "P07_request": 8,
        "P07_release": 8,
        "P07_pay_make": 4,
        "P07_pay_check": 4,
        "P08_visit_review": 8,
    }
    found = {node.id: node.human.sla.text for _, node in nodes(Kind.USER_TASK) if node.human and node.human.sla}
    assert {id: found[id] for id in expected} == {id: f"PT{hours}H" for id, hours in expected.items()}
