"""What an event was about, as the audit page shows it: labels, changes, people, amounts, instants."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import update

from engine.model.identity import User
from tests.api.people import Browsers, People, sancha_of
from tests.factories import flow, lanes, process, task

FIELDS = [
    {"type": "number", "key": "amount", "label": "申请金额", "decimalDigits": 2, "properties": {"name.en": "Amount"}},
    {
        "type": "select",
        "key": "use",
        "label": "用途",
        "values": [{"label": "固定资产", "value": "FIXED"}, {"label": "流动资金", "value": "WORKING"}],
    },
    {"type": "filepicker", "key": "papers", "label": "材料", "multiple": True},
]


def ask_form() -> bytes:
    components = [{**field, "id": f"Field_{field['key']}"} for field in FIELDS]
    return json.dumps({"type": "default", "id": "ask-form", "schemaVersion": 18, "components": components}).encode()


@pytest.fixture
def case(app: Flask, client: People) -> str:
    """A case whose form rm-1 filled in twice: the first time it came back."""
    body = (
        lanes(RM="s make g e")
        + '<startEvent id="s"/><endEvent id="e"/><exclusiveGateway id="g" default="out"/>'
        + task("make", name="融资申请", attributes='camunda:formKey="ask-form"')
        + flow("s", "make")
        + flow("make", "g")
        + '<sequenceFlow id="again" sourceRef="g" targetRef="make"><conditionExpression>=amount &lt; 3000000'
        + '</conditionExpression></sequenceFlow><sequenceFlow id="out" sourceRef="g" targetRef="e"/>'
    )
    assert client("publisher-1").deploy(loop_bpmn=process("loop", body), ask_form=ask_form()).status_code == 201
    with sancha_of(app).store.transaction() as session:
        session.execute(update(User).where(User.name == "rm-1").values(display_name="李客户经理"))
    rm = client("rm-1")
    begun = rm.post("/process-definitions/loop/start")
    assert begun.status_code == 201, begun.text
    started = str(begun.json["id"])
    file = rm.upload("/documents", [("file", "可研报告.pdf", b"%PDF-1.7 \x00\xff")], instance_id=started).json["id"]
    for amount, use in ((1234567.5, "FIXED"), (3000000, "FIXED")):
        made = rm.get("/tasks").json["items"][0]["id"]
        rm.post(f"/tasks/{made}/claim")
        sent = {"amount": amount, "use": use, "papers": [file]}
        done = rm.post(f"/tasks/{made}/complete", {"variables": sent})
        assert done.status_code == 200, done.text
    return started


def rows(html: str) -> dict[str, list[str]]:
    """The rows of before and after, by label."""
    found = {}
    for row in re.findall(r'<tr class="s-change-[a-z]+">(.*?)</tr>', html, re.DOTALL):
        cells = [
            unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        found[cells[0]] = cells[1:]
    return found


@pytest.mark.parametrize("database", ["sqlite"])  # the queries are tested on both
def test_form_data_stand_beside_what_the_same_person_entered_before(browser: Browsers, case: str) -> None:
    audit = browser("audit-1")
    text = audit.client.get(f"/audit/events/{case}/6").text
    assert "融资申请" in text
    assert rows(text) == {
        "申请金额": ["1,234,567.5", "3,000,000", "已变更"],
        "用途": ["固定资产", "固定资产", "未变"],
        "材料": ["可研报告.pdf", "可研报告.pdf", "未变"],
    }
    first = audit.client.get(f"/audit/events/{case}/4").text
    assert rows(first) == {"申请金额": ["1,234,567.5"], "用途": ["固定资产"], "材料": ["可研报告.pdf"]}


@pytest.mark.parametrize("database", ["sqlite"])  # the queries are tested on both
def test_people_are_named_and_effects_told(browser: Browsers, case: str) -> None:
    audit = browser("audit-1")
    claimed = audit.client.get(f"/audit/events/{case}/3").text
    assert rows(claimed) == {"办理人": ["–", "李客户经理 (rm-1)", "已变更"]}
    done = audit.client.get(f"/audit/events/{case}/4").text
    assert "任务关闭" in done
    assert "写入数据" in done
