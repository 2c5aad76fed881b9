"""Comments over HTTP."""

from __future__ import annotations

import pytest

from engine.ids import new_id
from tests.api.people import People
from tests.factories import one_task


@pytest.fixture
def case(client: People) -> str:
    """A running case."""
    assert client("publisher-1").deploy(small_bpmn=one_task()).status_code == 201
    return str(client("rm-1").post("/process-definitions/small/start").json["id"])


def test_a_comment_is_written_and_read(client: People, case: str) -> None:
    rm = client("rm-1")
    task = rm.get("/tasks").json["items"][0]["id"]
    written = rm.post("/comments", {"instance_id": case, "task_id": task, "text": "请补充\n用款计划"})
    assert written.status_code == 201, written.text
    assert written.json | {"id": "", "written_at": ""} == {
        "id": "",
        "root_id": case,
        "task_id": task,
        "task_name": "ask",
        "task_name_en": None,
        "text": "请补充\n用款计划",
        "written_by": "rm-1",
        "written_at": "",
    }
    assert rm.get("/comments", root_id=case).json == {"items": [written.json], "next": None}
    assert client("audit-1").get("/comments", root_id=case).json["items"] == [written.json]


def test_sent_twice_under_one_key_it_is_said_once(client: People, case: str) -> None:
    rm, body = client("rm-1"), {"instance_id": case, "text": "一次"}
    first = rm.post("/comments", body, Idempotency_Key="k")
    assert rm.post("/comments", body, Idempotency_Key="k").json == first.json
    assert len(rm.get("/comments", root_id=case).json["items"]) == 1


def test_others_get_the_answer_that_fits(client: People, case: str) -> None:
    outsider = client("outsider")
    assert outsider.get("/comments", root_id=case).status_code == 404
    assert outsider.post("/comments", {"instance_id": case, "text": "x"}).status_code == 404
    assert client("admin-1").post("/comments", {"instance_id": case, "text": "x"}).status_code == 403
    rm = client("rm-1")
    assert rm.get("/comments").status_code == 422
    for text in (None, "", " ", "x" * 4_001, "x" * 5_001, "a\x00b", "a\u202eb"):
        refused = rm.post("/comments", {"instance_id": case, "text": text})
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["text"]), ascii(text)
    assert rm.post("/comments", {"instance_id": case, "text": "x", "task_id": new_id()}).status_code == 404
    client("admin-1").post(f"/process-instances/{case}/cancel", {"reason": "客户撤回申请"})
    assert rm.post("/comments", {"instance_id": case, "text": "x"}).status_code == 409
