"""Documents of a case over HTTP: upload, list, download, and what is refused."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from api.app import create_app
from api.settings import Settings
from engine.store import Store
from tests.api.people import People, Person, sancha_of
from tests.factories import one_task

PDF = b"%PDF-1.7 \x00\xff binary"


@pytest.fixture
def case(client: People) -> str:
    """A running case."""
    assert client("publisher-1").deploy(small_bpmn=one_task()).status_code == 201
    return str(client("rm-1").post("/process-definitions/small/start").json["id"])


def test_a_document_comes_back_byte_for_byte(client: People, case: str) -> None:
    rm = client("rm-1")
    task = rm.get("/tasks").json["items"][0]["id"]
    stored = rm.upload("/documents", [("file", "可研报告.pdf", PDF)], instance_id=case, task_id=task)
    assert stored.status_code == 201, stored.text
    described = rm.get(f"/documents/{stored.json['id']}").json
    assert described == stored.json
    assert described["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (described["size"], described["uploaded_by"], described["task_id"]) == (len(PDF), "rm-1", task)
    content = rm.get(f"/documents/{described['id']}/content")
    assert (content.data, content.mimetype) == (PDF, "application/pdf")
    assert content.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5")
    assert content.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in content.headers["Content-Security-Policy"]
    assert [item["id"] for item in rm.get("/documents", root_id=case).json["items"]] == [described["id"]]
    actions = [event["action"] for event in client("audit-1").get("/audit/events", stream=case).json["items"]]
    assert "document:attached" in actions


def test_an_upload_sent_twice_under_one_key_is_one_document(client: People, case: str) -> None:
    rm = client("rm-1")

    def upload(content: bytes) -> tuple[int, str]:
        data = {"instance_id": case, "file": (io.BytesIO(content), "a.pdf")}
        sent = rm.send(
            "POST", "/documents", headers={"Idempotency-Key": "k"}, data=data, content_type="multipart/form-data"
        )
        return sent.status_code, str(sent.json.get("id"))

    first = upload(PDF)
    assert first[0] == 201
    assert upload(PDF) == first
    assert upload(PDF + b"more")[0] == 422
    assert len(rm.get("/documents", root_id=case).json["items"]) == 1


def test_what_is_no_document_is_refused(client: People, case: str, settings: Settings) -> None:
    rm = client("rm-1")
    for name, content, status in (
        ("a.exe", b"MZ", 422),
        ("a.pdf", b"MZ", 422),
        ("noextension", b"x", 422),
        ("../a.txt", b"x", 422),
        ("a.txt", b"x" * 30_001, 413),
    ):
        refused = rm.upload("/documents", [("file", name, content)], instance_id=case)
        assert refused.status_code == status, f"{name}: {refused.text}"
        assert name in refused.json["detail"] or "plain file name" in refused.json["detail"]
    assert rm.upload("/documents", [], instance_id=case).status_code == 422
    assert rm.upload("/documents", [("file", "a.txt", b"x")], instance_id="x").status_code == 422
    assert rm.get("/documents", root_id=case).json["items"] == []
    assert not [path for path in (settings.home / "documents").rglob("*") if path.is_file()]


def test_strangers_store_and_read_nothing(client: People, case: str, settings: Settings) -> None:
    stored = client("rm-1").upload("/documents", [("file", "a.pdf", PDF)], instance_id=case).json["id"]
    outsider = client("outsider")
    assert outsider.upload("/documents", [("file", "b.txt", b"other")], instance_id=case).status_code == 404
    assert outsider.get(f"/documents/{stored}/content").status_code == 404
    files = [path for path in (settings.home / "documents").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == [PDF]


def test_a_file_changed_behind_our_back_is_not_handed_out(client: People, case: str, settings: Settings) -> None:
    rm = client("rm-1")
    stored = rm.upload("/documents", [("file", "a.pdf", PDF)], instance_id=case).json
    file = Path(settings.home / "documents" / stored["sha256"][:2] / stored["sha256"])
    file.write_bytes(PDF + b"!")
    refused = rm.get(f"/documents/{stored['id']}/content")
    assert (refused.status_code, "changed" in refused.json["detail"]) == (404, True)


def test_what_the_check_of_uploads_refuses_is_no_document(settings: Settings, store: Store, app: Flask) -> None:
    checked = create_app(replace(settings, upload_check=f"python:{__name__}:refuse_viruses"))
    try:
        assert Person.with_token(checked, "publisher-1").deploy(small_bpmn=one_task()).status_code == 201
        rm = Person.with_token(checked, "rm-1")
        case = rm.post("/process-definitions/small/start").json["id"]
        refused = rm.upload("/documents", [("file", "a.txt", b"EICAR")], instance_id=case)
        assert (refused.status_code, "a test virus" in refused.json["detail"]) == (422, True)
        assert rm.upload("/documents", [("file", "a.txt", b"clean")], instance_id=case).status_code == 201
        assert len(rm.get("/documents", root_id=case).json["items"]) == 1
    finally:
        sancha_of(checked).store.engine.dispose()


def refuse_viruses(name: str, content: bytes) -> str | None:
    return "a test virus" if b"EICAR" in content else None


FILES_FORM = json.dumps(
    {
        "type": "default",
        "id": "papers",
        "schemaVersion": 19,
        "components": [
            {"type": "filepicker", "id": "f", "key": "papers", "multiple": True, "accept": ".pdf"},
            {
                "type": "dynamiclist",
                "id": "l",
                "path": "items",
                "components": [{"type": "number", "id": "n", "key": "amount", "validate": {"min": 1}}],
            },
        ],
    }
).encode()


def test_a_form_takes_documents_of_its_own_case_only_and_says_where_not(client: People) -> None:
    asked = one_task(attributes='camunda:formKey="papers"')
    assert client("publisher-1").deploy(small_bpmn=asked, papers_form=FILES_FORM).status_code == 201
    rm = client("rm-1")
    cases = [rm.post("/process-definitions/small/start").json["id"] for _ in range(2)]
    ids = [
        rm.upload("/documents", [("file", name, content)], instance_id=cases[number]).json["id"]
        for number, name, content in ((0, "a.pdf", PDF), (0, "b.txt", b"text"), (1, "c.pdf", PDF))
    ]
    task = next(item for item in rm.get("/tasks").json["items"] if item["root_id"] == cases[0])["id"]
    rm.post(f"/tasks/{task}/claim")
    sent = {"papers": [*ids, "0197a000-0000-7000-8000-000000000004"], "items": [{"amount": "1"}, {"amount": 0}]}
    refused = rm.post(f"/tasks/{task}/complete", {"variables": sent})
    assert refused.status_code == 422
    assert {path: [entry["code"] for entry in found] for path, found in refused.json["errors"].items()} == {
        "items[1].amount": ["least"],
        "papers[1]": ["not-accepted"],
        "papers[2]": ["no-document"],
        "papers[3]": ["no-document"],
    }
    assert rm.post(f"/tasks/{task}/complete", {"variables": {"papers": ids[:1]}}).status_code == 200


def test_a_draft_and_its_files_are_there_after_the_server_died(client: People, settings: Settings) -> None:
    asked = one_task(attributes='camunda:formKey="papers"')
    assert client("publisher-1").deploy(small_bpmn=asked, papers_form=FILES_FORM).status_code == 201
    rm = client("rm-1")
    case = rm.post("/process-definitions/small/start").json["id"]
    task = rm.get("/tasks").json["items"][0]["id"]
    rm.post(f"/tasks/{task}/claim")
    paper = rm.upload("/documents", [("file", "a.pdf", PDF)], instance_id=case, task_id=task).json["id"]
    draft = {"papers": [paper], "items": [{"amount": "12.50"}, {}]}
    assert rm.put(f"/tasks/{task}/draft", {"data": draft}).status_code == 200
    # Another process over the same database and folder: nothing of the first is left but what it stored.
    other = create_app(settings)
    try:
        later = Person("rm-1", other.test_client(use_cookies=False), rm.headers)
        assert later.get(f"/tasks/{task}/draft").json["data"] == draft
        assert later.get(f"/documents/{paper}/content").data == PDF
        done = later.post(f"/tasks/{task}/complete", {"variables": {"papers": [paper], "items": [{"amount": "12.50"}]}})
        assert done.status_code == 200, done.text
    finally:
        sancha_of(other).store.engine.dispose()


def test_a_form_that_cannot_be_checked_is_not_deployed(client: People) -> None:
    broken = json.loads(FILES_FORM)
    broken["components"] += [
        {"type": "signature", "id": "s", "key": "s"},
        {"type": "number", "id": "m", "key": "papers"},
    ]
    refused = client("publisher-1").deploy(papers_form=json.dumps(broken, indent=1).encode())
    assert refused.status_code == 422
    found = {(finding["rule"], finding["element"], finding["line"] > 1) for finding in refused.json["findings"]}
    assert found == {("forms/component", "s", True), ("forms/duplicate-key", "papers", True)}
