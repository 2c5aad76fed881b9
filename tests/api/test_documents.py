"""Documents of a case over HTTP: upload, list, download, and what is refused."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from api.settings import Settings
from tests.api.people import People
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
