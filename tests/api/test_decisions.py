"""Decisions over the API: their versions, and making one without a case."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from tests.api.people import Browsers, People
from tests.dmn.models import decision, definitions, input_data, literal, table
from tests.factories import in_a_row, lanes, process

GRADE = definitions(
    input_data("score", "number")
    + input_data("since", "date")
    + decision("grade", table("FIRST", ["score"], ["g"], [[">= 60", '"A"'], ["-", '"C"']]), "i:score")
    + decision(
        "d",
        literal("{grade: grade, share: score / 8, next: since + duration(&quot;P1D&quot;)}".replace("&quot;", '"')),
        "d:grade",
        "i:score",
        "i:since",
    )
)


def evaluate(client: People, body: Any, key: str = "d", who: str = "rm-1") -> Any:
    return client(who).post(f"/decisions/{key}/evaluate", body)


def test_a_decision_is_made_and_explained(client: People) -> None:
    assert client("publisher-1").deploy(grade_dmn=GRADE).status_code == 201
    answer = evaluate(client, {"inputs": {"score": 70, "since": "2026-03-01"}})
    assert answer.status_code == 200, answer.text
    assert answer.json["result"] == {"grade": "A", "share": "8.75", "next": "2026-03-02"}
    assert (answer.json["decision"], answer.json["version"], answer.json["rules"]) == ("d", 1, ["r1"])
    assert [made["decision"] for made in answer.json["trace"]] == ["grade", "d"]
    (fired,) = answer.json["trace"][0]["tables"]
    assert fired == {"table": "table", "asked": {"score": 70}, "rules": [{"rule": "r1", "row": 1, "outputs": "A"}]}
    assert answer.json["inputs"] == {"score": 70, "since": "2026-03-01"}
    listed = client("rm-1").get("/decisions", key="d").json["items"]
    assert [(each["key"], each["version"], each["effective_from"]) for each in listed] == [("d", 1, None)]


def test_by_the_standard_null_and_a_warning_in_strict_mode_a_problem(client: People) -> None:
    client("publisher-1").deploy(grade_dmn=GRADE)
    answer = evaluate(client, None, "grade").json
    assert (answer["result"], answer["warnings"]) == ("C", ["input missing: 'score'"])
    refused = evaluate(client, {"strict": True}, "grade")
    assert (refused.status_code, refused.json["code"]) == (422, "decision-failed")
    assert "input missing: 'score'" in refused.json["detail"]


def test_strange_requests_get_problem_documents(client: People) -> None:
    client("publisher-1").deploy(grade_dmn=GRADE)
    assert evaluate(client, {}, "unknown").json["code"] == "not-found"
    assert evaluate(client, {"input": {}}).status_code == 422
    assert evaluate(client, {"inputs": []}).status_code == 422
    assert evaluate(client, {"version": 9}).status_code == 404
    assert evaluate(client, {"at": "2026-01-01"}).status_code == 422
    assert evaluate(client, {"inputs": {"score": [[1] * 10] * 10}}, "grade").json["result"] == "C"


def test_a_date_from_which_it_counts_comes_with_the_deployment(client: People) -> None:
    publisher = client("publisher-1")
    publisher.deploy(grade_dmn=GRADE)
    later = GRADE.replace(b"&gt;= 60", b"&gt;= 80")
    files = [("files", "grade.dmn", later)]
    assert publisher.upload("/deployments", files, name="n", effective_from="2199-01-01T00:00:00Z").status_code == 201
    asked = {"inputs": {"score": 70}}
    assert evaluate(client, asked, "grade").json["result"] == "A"
    assert evaluate(client, asked | {"at": "2199-02-01T00:00:00Z"}, "grade").json["result"] == "C"


@pytest.mark.parametrize("database", ["sqlite"])  # the page is the same on both
def test_the_audit_page_says_why_a_decision_came_out_as_it_did(client: People, browser: Browsers) -> None:
    rule = '<businessRuleTask id="x" camunda:decisionRef="grade" camunda:resultVariable="r"/>'
    bpmn = process("p", lanes(RM="s x e") + in_a_row(rule, ids="x"))
    assert client("publisher-1").deploy(p_bpmn=bpmn, grade_dmn=GRADE).status_code == 201
    started = client("rm-1").post("/process-definitions/p/start", {"variables": {"score": 72}})
    assert started.status_code == 201, started.text
    page = browser("audit-1").client.get(f"/audit/events/{started.json['id']}/1")
    assert page.status_code == 200
    shown = unescape(page.text)
    assert "grade = A" in shown
    assert "r1 (1): score = 72 → A" in shown
