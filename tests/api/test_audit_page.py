"""The audit page over HTTP: who may open it, what it finds, what it downloads."""

from __future__ import annotations

import ast
import csv
import io
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from api.pages.audit_words import ACTIONS
from engine.model.audit import AuditEvent, AuditPayload
from engine.model.instance import ProcessInstance
from tests.api.people import Browser, Browsers, People, sancha_of
from tests.factories import form, in_a_row, lanes, process, task

HOUSE = Path(__file__).parents[2]
NO_ACTIONS = {"demo:preparation"}
"""Texts of that shape that name no action: the idempotency key under which the demonstration is prepared."""


@pytest.fixture
def case(client: People) -> str:
    """A case of rm-1 with a form, a comment and a suspension."""
    ask = task("ask", name="补充资料", attributes='camunda:formKey="ask-form"')
    bpmn = process("x", lanes(RM="s ask e") + in_a_row(ask, ids="ask"))
    assert client("publisher-1").deploy(x_bpmn=bpmn, ask_form=form("ask-form", "purpose")).status_code == 201
    rm = client("rm-1")
    case = str(rm.post("/process-definitions/x/start").json["id"])
    rm.post("/comments", {"instance_id": case, "text": "=1+2 客户<b>资料</b>"})
    task_id = rm.get("/tasks").json["items"][0]["id"]
    rm.post(f"/tasks/{task_id}/claim")
    done = rm.post(f"/tasks/{task_id}/complete", {"variables": {"purpose": "购置风机"}})
    assert done.status_code == 200, done.text
    return case


def page(browser: Browser, path: str, status: int = 200, *, htmx: str = "", **headers: str) -> str:
    """The page, or for ``htmx`` the part of that id."""
    sent = {"HX-Request": "true", "HX-Target": htmx} if htmx else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = browser.client.get(path, headers=sent | named)
    assert response.status_code == status, response.text
    return response.text


def downloaded(browser: Browser, **filters: str) -> list[list[str]]:
    response = browser.client.post("/audit/export", data={"csrf_token": browser.headers["X-CSRF-Token"], **filters})
    assert response.status_code == 200, response.text
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''sancha-audit-")
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))


def test_every_action_that_the_product_records_has_words() -> None:
    shape = re.compile(r"[a-z]+:[a-z]+(?:-[a-z]+)*")
    used: dict[str, str] = {}
    for folder in ("engine", "processes", "forms", "api", "demo"):
        for file in sorted((HOUSE / folder).rglob("*.py")):
            if file.name == "audit_words.py":
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and shape.fullmatch(node.value):
                    used[node.value] = str(file.relative_to(HOUSE))
    assert len(used) > 35
    missing = {action: file for action, file in used.items() if action not in {*ACTIONS, *NO_ACTIONS}}
    assert missing == {}, "give these actions words in api/pages/audit_words.py"
    assert set(ACTIONS) - set(used) == set(), "nothing records these any more"


def test_it_is_for_those_who_observe_all_cases(browser: Browsers, case: str) -> None:
    for name in ("audit-1", "admin-1"):
        assert "任务办结" in page(browser(name), "/audit")
    for name in ("rm-1", "outsider", "designer-1"):
        anybody = browser(name)
        for path in ("/audit", f"/audit/events/{case}/1", f"/audit/chains/{case}/verify"):
            assert "补充资料" not in page(anybody, path, 403)
        refused = anybody.client.post("/audit/export", data={"csrf_token": anybody.headers["X-CSRF-Token"]})
        assert refused.status_code == 403
    assert browser("audit-1").client.post("/audit/export").status_code == 403


@pytest.mark.parametrize("database", ["sqlite"])  # the queries are tested on both
def test_filters_live_in_the_address(app: Flask, browser: Browsers, case: str, client: People) -> None:
    audit = browser("audit-1")
    described = client("rm-1").get(f"/process-instances/{case}").json
    number = described["business_key"] if described else ""
    whole = page(audit, "/audit")
    assert number in whole
    assert "definition:deployed" in whole
    narrowed = page(audit, f"/audit?case={number}&action=task:completed")
    rows = re.findall(r"/audit/events/[^\"]+/(\d+)\" role", narrowed)
    assert rows == ["4"]
    assert f'name="case" value="{number}"' in narrowed
    assert '<option value="task:completed" selected>' in narrowed
    assert "没有符合条件的记录" in page(audit, "/audit?case=PF-1999")
    assert "没有符合条件的记录" in page(audit, "/audit?until=2001-01-01")
    for odd in ("since=yesterday", "until=2026-02-30", "case=%00", "chain=x", "cursor=x", "case=" + "x" * 101):
        page(audit, f"/audit?{odd}", 422)
    page(audit, "/audit?chain=0199c1f0-0000-7000-8000-000000000000", 404)


@pytest.mark.parametrize("database", ["sqlite"])  # the queries are tested on both
def test_htmx_gets_the_part_it_asks_for(browser: Browsers, case: str) -> None:
    audit = browser("audit-1")
    part = page(audit, "/audit?action=task:claimed&case=", htmx="s-audit-list")
    assert "<html" not in part
    response = audit.client.get(
        "/audit?action=task:claimed&case=&since=", headers={"HX-Request": "true", "HX-Target": "s-audit-list"}
    )
    assert response.headers["HX-Push-Url"] == "/audit?action=task%3Aclaimed"
    assert "<html" in page(audit, "/audit", htmx="s-audit-list", HX_History_Restore_Request="true")


@pytest.mark.parametrize("database", ["sqlite"])  # the queries are tested on both
def test_more_events_than_a_page_follow_one_another(
    monkeypatch: pytest.MonkeyPatch, browser: Browsers, case: str
) -> None:
    monkeypatch.setattr("api.pages.audit.PAGE_SIZE", 2)
    audit, seen, path = browser("audit-1"), [], f"/audit?chain={case}"
    while path:
        text = page(audit, path)
        seen += re.findall(r"/audit/events/[^\"]+/(\d+)\" role", text)
        more = re.search(r'href="([^"]+cursor=[^"]+)"', text)
        path = more.group(1).replace("&amp;", "&") if more else ""
    assert seen == ["4", "3", "2", "1"]


def test_an_event_shows_its_contents_to_audit_alone(app: Flask, browser: Browsers, case: str) -> None:
    audit = browser("audit-1")
    said = page(audit, f"/audit/events/{case}/2")
    assert "=1+2 客户&lt;b&gt;资料&lt;/b&gt;" in said
    done = page(audit, f"/audit/events/{case}/4", htmx="part")
    assert "<html" not in done
    assert "购置风机" in done
    assert "首次填写" in done
    claimed = page(audit, f"/audit/events/{case}/3")
    assert "s-change-changed" in claimed
    for number in (2, 4):
        withheld = page(browser("admin-1"), f"/audit/events/{case}/{number}")
        assert "客户&lt;b&gt;" not in withheld
        assert "购置风机" not in withheld
        assert "内容仅合规与内审可见" in withheld
    with sancha_of(app).store.transaction() as session:
        session.execute(delete(AuditPayload).where(AuditPayload.stream == case))
    assert "已按保存期限规定清除" in page(audit, f"/audit/events/{case}/4")
    for path in (f"/audit/events/{case}/99", "/audit/events/x/1", f"/audit/events/{case}/0"):
        page(audit, path, 404)


def test_the_state_of_the_chain_is_told_and_one_chain_verified(app: Flask, browser: Browsers, case: str) -> None:
    audit = browser("audit-1")
    assert "尚未校验" in page(audit, "/audit")
    sancha = sancha_of(app)
    with sancha.store.transaction() as session:
        taken = sancha.audit.checkpoint(session, at=session.scalars(select(func.max(AuditEvent.at))).one())
        assert taken is not None
    assert "第 1 号检查点" in page(audit, "/audit")
    assert "该链完整" in page(audit, f"/audit/chains/{case}/verify")
    assert "该链完整" in page(audit, "/audit/chains/administration/verify", htmx="part")
    with sancha.store.transaction() as session:
        session.execute(update(ProcessInstance).where(ProcessInstance.id == case).values(audit_head="x"))
    assert "s-verdict-late" in page(audit, f"/audit/chains/{case}/verify", htmx="part")
    page(audit, "/audit/chains/0199c1f0-0000-7000-8000-000000000000/verify", 404)


def test_a_download_holds_what_the_list_shows_and_is_recorded(browser: Browsers, case: str) -> None:
    audit = browser("audit-1")
    heading, *rows = downloaded(audit, chain=case)
    assert heading[:3] == ["时间", "人员", "用户名"]
    assert [row[6] for row in rows] == ["task:completed", "task:claimed", "case:commented", "instance:started"]
    assert [row[13] for row in rows] == ["4", "3", "2", "1"]
    assert rows[0][5] == "任务办结"
    assert rows[0][9] == "补充资料"
    assert rows[0][0].endswith("+08:00")
    assert len(downloaded(audit, action="no:such")) == 1
    recorded = [row for row in downloaded(audit, person="audit-1") if row[6] == "audit:exported"]
    assert len(recorded) == 2
    assert "导出" in page(audit, "/audit?action=audit:exported")


@pytest.mark.parametrize("database", ["sqlite"])  # the queries are tested on both
def test_a_download_is_bounded_and_runs_no_formula(
    app: Flask, monkeypatch: pytest.MonkeyPatch, browser: Browsers, case: str
) -> None:
    with sancha_of(app).store.transaction() as session:
        named = update(ProcessInstance).where(ProcessInstance.id == case)
        session.execute(named.values(client_name="＝HYPERLINK(1)", business_key="=cmd|' /C calc'!A0"))
    rows = downloaded(browser("audit-1"), chain=case)
    assert {row[7] for row in rows[1:]} == {"'=cmd|' /C calc'!A0"}
    assert {row[8] for row in rows[1:]} == {"'＝HYPERLINK(1)"}
    monkeypatch.setattr("engine.commands.export_audit.MOST_ROWS", 3)
    cut = downloaded(browser("audit-1"), chain=case)
    assert len(cut) == 5
    assert "3" in cut[-1][0]
