"""Asking what a deployment would say: `POST /api/v1/deployments/check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings, SettingsError
from api.wiring import wire
from engine.store import Store
from tests.api.people import People, Person
from tests.factories import form, one_task, two_tasks

PATH = "/deployments/check"
WRONG = one_task("wrong").replace(b'targetRef="e"', b'targetRef="nowhere"')


def asked(person: Person, **files: bytes) -> Any:
    named = [("files", ".".join(name.rsplit("_", 1)), content) for name, content in files.items()]
    response = person.upload(PATH, named, name="test")
    assert response.status_code == 200, response.text
    return response.json


def rules(answer: Any) -> set[str]:
    return {finding["rule"] for finding in answer["findings"]}


@pytest.mark.parametrize("who", ["designer-1", "publisher-1"])
def test_findings_without_anything_being_stored(client: People, who: str) -> None:
    person = client(who)
    answer = asked(person, wrong_bpmn=WRONG, small_bpmn=one_task())
    assert (answer["deployable"], answer["errors"] + answer["warnings"]) == (False, len(answer["findings"]))
    (finding,) = [each for each in answer["findings"] if each["rule"] == "references/dangling"]
    assert (finding["severity"], finding["file"]) == ("error", "wrong.bpmn")
    assert finding["line"] > 1
    assert all(each["message"] and each["advice"] for each in answer["findings"])
    assert asked(person, small_bpmn=one_task())["deployable"] is True
    assert person.get("/deployments").json["items"] == []
    assert person.get("/process-definitions").json["items"] == []


def test_it_knows_what_is_deployed(client: People) -> None:
    publisher = client("publisher-1")
    body = one_task(attributes='camunda:formKey="ask-form"')
    assert "references/form" in rules(asked(publisher, small_bpmn=body))
    assert publisher.deploy(ask_form=form()).status_code == 201
    answer = asked(publisher, small_bpmn=body)
    assert "references/form" not in rules(answer)
    assert answer["deployable"] is True


def test_it_says_what_the_deployment_says(client: People) -> None:
    publisher = client("publisher-1")
    answer = asked(publisher, pair_bpmn=two_tasks())
    deployed = publisher.deploy(pair_bpmn=two_tasks())
    assert deployed.status_code == 201
    assert rules(answer) == {warning["rule"] for warning in deployed.json["warnings"]}


@pytest.mark.parametrize("who", ["rm-1", "admin-1", "audit-1"])
def test_it_needs_a_role(client: People, who: str) -> None:
    response = client(who).upload(PATH, [("files", "a.bpmn", one_task())], name="n")
    assert response.status_code == 403
    assert response.json["code"] == "forbidden"


@pytest.mark.parametrize("database", ["sqlite"])  # nothing here depends on the database
def test_what_is_no_deployment_is_refused(client: People) -> None:
    designer = client("designer-1")
    assert designer.upload(PATH, [], name="n").status_code == 422
    assert designer.upload(PATH, [("files", "a.bpmn", one_task())], name="n", kernel="abacus").status_code == 422
    assert designer.post(PATH, {"name": "n"}).status_code == 415


def test_the_houses_configuration_counts_for_the_server(tmp_path: Path, database_url: str, store: Store) -> None:
    file = tmp_path / "house.yaml"
    file.write_text("rules: {execution/no-sla: error}\n")
    environment = {"SANCHA_HOME": str(tmp_path), "SANCHA_LINT_CONFIG": str(file), "SANCHA_DATABASE_URL": database_url}
    assert wire(Settings.from_environment(environment), store).lint.levels == {"execution/no-sla": "error"}
    file.write_text("rules: {xml/doctype: off}\n")
    with pytest.raises(SettingsError, match=r"SANCHA_LINT_CONFIG: .*house\.yaml: rules: xml/doctype is an error"):
        wire(Settings.from_environment(environment), store)
