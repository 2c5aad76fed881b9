"""Deploying: versions by content, all or nothing, and what starts a process by itself."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.commands.deploy import deploy
from engine.errors import DeploymentRefused, Forbidden, InvalidInput, TooLarge
from engine.model.definition import Deployment, ProcessDefinition, Resource
from engine.model.job import Job
from engine.model.subscription import Subscription
from engine.queries.definitions import definition_xml, definitions, deployment, deployments
from tests.factories import House, flow, form, in_a_row, lanes, one_task, process, task

DECISION = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="limits" name="limits" namespace="urn:test">
  <decision id="limit" name="limit">
    <variable name="limit"/>
    <literalExpression><text>amount * 2</text></literalExpression>
  </decision>
</definitions>
"""


def test_a_process_gets_version_1_and_its_file_is_kept_byte_for_byte(house: House) -> None:
    body = one_task()
    done = house.deploy(small_bpmn=body)
    assert [(each.kind, each.key, each.version, each.new) for each in done.definitions] == [
        ("process", "small", 1, True)
    ]
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        (found,) = definitions(work).items
        assert (found.key, found.version, found.start_roles) == ("small", 1, ("RM",))
        assert definition_xml(work, found.id) == body
        assert deployment(work, done.id).resources == ("small.bpmn",)
        assert [each.id for each in deployments(work).items] == [done.id]


def test_the_same_content_makes_no_new_version(house: House) -> None:
    first = house.deploy(small_bpmn=one_task())
    again = house.deploy(renamed_bpmn=one_task())
    assert [(each.version, each.new) for each in again.definitions] == [(1, False)]
    assert again.id == first.id
    assert house.count(ProcessDefinition) == house.count(Deployment) == house.count(Resource) == 1


def test_new_content_makes_the_next_version(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    second = house.deploy(small_bpmn=one_task(name="Ask again"))
    assert [(each.version, each.new) for each in second.definitions] == [(2, True)]
    with house.sancha.work(SYSTEM, write=False) as work:
        assert [each.version for each in definitions(work).items] == [2]
        assert [each.version for each in definitions(work, latest=False).items] == [1, 2]


def test_old_content_again_does_not_come_back_as_the_latest(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    house.deploy(small_bpmn=one_task(name="Ask again"))
    again = house.deploy(small_bpmn=one_task())
    assert [(each.version, each.new) for each in again.definitions] == [(1, False)]


def test_packaged_files_never_override_what_somebody_deployed(house: House) -> None:
    house.deploy(small_bpmn=one_task(), source="packaged", by="system")
    house.deploy(small_bpmn=one_task(name="Ours"))
    later = house.deploy(small_bpmn=one_task(name="Packaged, newer"), source="packaged", by="system")
    assert [(each.version, each.new, each.skipped) for each in later.definitions] == [(2, False, True)]
    assert house.count(ProcessDefinition) == 2


def test_packaged_files_replace_older_packaged_ones(house: House) -> None:
    house.deploy(small_bpmn=one_task(), source="packaged", by="system")
    later = house.deploy(small_bpmn=one_task(name="Newer"), source="packaged", by="system")
    assert [(each.version, each.new, each.skipped) for each in later.definitions] == [(2, True, False)]


def test_forms_and_decisions_are_versioned_like_processes(house: House) -> None:
    done = house.deploy(ask_form=form("ask-form", "name"), limits_dmn=DECISION)
    assert {(each.kind, each.key, each.version) for each in done.definitions} == {
        ("decision", "limit", 1),
        ("form", "ask-form", 1),
    }
    again = house.deploy(ask_form=form("ask-form", "name", "more"), limits_dmn=DECISION)
    assert {(each.key, each.version, each.new) for each in again.definitions} == {
        ("limit", 1, False),
        ("ask-form", 2, True),
    }


def test_one_wrong_file_refuses_the_whole_deployment(house: House) -> None:
    broken = one_task("broken").replace(b'targetRef="e"', b'targetRef="nowhere"')
    with pytest.raises(DeploymentRefused) as refused:
        house.deploy(small_bpmn=one_task(), broken_bpmn=broken, ask_form=b"{")
    files = {str(finding["file"]) for finding in refused.value.findings if finding["severity"] == "error"}
    assert files == {"broken.bpmn", "ask.form"}
    assert house.count(ProcessDefinition) == house.count(Deployment) == house.count(Resource) == 0


def test_a_form_or_decision_that_is_missing_is_refused_with_its_place(house: House) -> None:
    with pytest.raises(DeploymentRefused, match="'ask-form' is not deployed") as refused:
        house.deploy(small_bpmn=one_task(attributes='camunda:formKey="ask-form"'))
    (finding,) = [found for found in refused.value.findings if found["rule"] == "references/form"]
    assert (finding["file"], finding["element"]) == ("small.bpmn", "ask")
    assert int(str(finding["line"])) > 1
    house.deploy(small_bpmn=one_task(attributes='camunda:formKey="ask-form"'), ask_form=form())


def test_a_form_that_was_deployed_before_is_found(house: House) -> None:
    house.deploy(ask_form=form())
    house.deploy(small_bpmn=one_task(attributes='camunda:formKey="ask-form"'))


def test_a_called_process_that_is_not_there_yet_is_a_warning(house: House) -> None:
    body = in_a_row('<callActivity id="call" calledElement="later"/>', ids="call")
    done = house.deploy(caller_bpmn=process("caller", lanes(RM="s call e") + body))
    assert "references/process" in {warning["rule"] for warning in done.warnings}


def test_a_topic_nobody_serves_and_an_unknown_role_are_warnings(house: House) -> None:
    service = '<serviceTask id="svc" camunda:type="external" camunda:topic="no-such"/>'
    body = lanes(RM="s svc e", STRANGER="ask") + in_a_row(task("ask"), service, ids="ask svc")
    done = house.deploy(odd_bpmn=process("odd", body))
    assert {"references/topic", "references/role"} <= {warning["rule"] for warning in done.warnings}


def test_only_a_publisher_may_deploy(house: House) -> None:
    for name in ("rm-1", "admin-1", "audit-1", "designer-1"):
        with pytest.raises(Forbidden):
            house.deploy(small_bpmn=one_task(), by=name)
    assert house.count(Deployment) == 0


def test_files_that_are_no_files_are_refused(house: House) -> None:
    with house.sancha.work(house.who("publisher-1")) as work, pytest.raises(InvalidInput):
        deploy(work, name="empty", files={})
    with pytest.raises(DeploymentRefused, match="no process, decision or form"):
        house.deploy(notes_txt=b"hello")
    with pytest.raises(DeploymentRefused, match="stands in"):
        house.deploy(one_bpmn=one_task(), two_bpmn=one_task(name="other"))
    with pytest.raises(InvalidInput, match="kernel"), house.sancha.work(house.who("publisher-1")) as work:
        deploy(work, name="x", files={"small.bpmn": one_task()}, kernel="unknown")


def test_a_file_over_the_limit_is_refused_before_it_is_read(house: House) -> None:
    huge = b" " * (house.sancha.limits.model_bytes + 1)
    with pytest.raises(TooLarge, match=r"huge\.bpmn"):
        house.deploy(huge_bpmn=huge)


def message_start(key: str, name: str = "Go") -> bytes:
    body = (
        f'<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>{task("ask")}<endEvent id="e"/>'
        + flow("s", "ask")
        + flow("ask", "e")
    )
    return process(key, lanes(RM="s ask e") + body, root=f'<message id="m" name="{name}"/>')


def timer_start(key: str, cycle: str) -> bytes:
    body = (
        f'<startEvent id="s"><timerEventDefinition><timeCycle>{cycle}</timeCycle></timerEventDefinition></startEvent>'
        f'{task("ask")}<endEvent id="e"/>' + flow("s", "ask") + flow("ask", "e")
    )
    return process(key, lanes(RM="s ask e") + body)


def test_only_the_latest_version_listens_for_its_start_message(house: House) -> None:
    house.deploy(by_bpmn=message_start("by-message"))
    house.deploy(by_bpmn=message_start("by-message", "Go now"))
    with house.sancha.work(SYSTEM, write=False) as work:
        (found,) = work.session.scalars(select(Subscription))
        assert (found.name, found.key, found.root_id, found.definition_version) == ("Go now", "", None, 2)
    house.deploy(by_bpmn=one_task("by-message"))
    assert house.count(Subscription) == 0


def test_only_the_latest_version_starts_by_its_timer(house: House, clock) -> None:
    house.deploy(daily_bpmn=timer_start("daily", "R/P1D"))
    house.deploy(daily_bpmn=timer_start("daily", "R/P2D"))
    with house.sancha.work(SYSTEM, write=False) as work:
        old, new = work.session.scalars(select(Job).order_by(Job.id))
        assert (old.status, new.status) == ("cancelled", "ready")
        assert (new.kind, new.handle, new.payload["version"]) == ("start-timer", "daily", 2)
        assert 47 * 3600 < (new.due - work.now).total_seconds() < 49 * 3600


def test_deploying_is_in_the_administration_chain(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    assert house.actions("administration") == ["definition:deployed"]
    house.deploy(small_bpmn=one_task())
    assert house.actions("administration") == ["definition:deployed"]


def test_a_deployment_that_rolls_back_leaves_no_trace_in_the_cache(house: House) -> None:
    publisher = house.who("publisher-1")

    def deploy_and_fail() -> None:
        with house.sancha.work(publisher) as work:
            deploy(work, name="lost", files={"small.bpmn": one_task()})
            assert house.sancha.definitions.for_work(work).get("small:1").key == "small"
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        deploy_and_fail()
    done = house.deploy(small_bpmn=one_task(name="Kept"))
    assert [each.version for each in done.definitions] == [1]
    with house.sancha.work(SYSTEM, write=False) as work:
        definition = house.sancha.definitions.for_work(work).get("small:1")
        assert definition.nodes["ask"].name == "Kept"
