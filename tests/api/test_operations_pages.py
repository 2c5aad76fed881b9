"""The pages of operations over HTTP: for administrators alone, each command asked for once and shown in its row."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from engine.access import SYSTEM
from engine.ids import new_id
from engine.model.instance import ProcessInstance
from engine.model.job import Job, Worker
from tests.api.people import Browser, Browsers, People, sancha_of
from tests.factories import flow, in_a_row, lanes, process, task, two_tasks

TABS = ("incidents", "jobs", "workers", "deployments", "deployments/compare", "cases")
NAME = "宁夏沙坡头风力发电有限责任公司"
SERVICE = '<serviceTask id="svc" name="查询征信" camunda:type="external" camunda:topic="rating"/>'


def page(browser: Browser, path: str, status: int = 200) -> str:
    response = browser.client.get(path)
    assert response.status_code == status, response.text
    return response.text


def send(browser: Browser, path: str, *, htmx: bool = True, **form: str) -> TestResponse:
    """POST as htmx does, or as a form without script does."""
    if htmx:
        sent = {"HX-Request": "true", "HX-Current-URL": "http://localhost/operations/incidents", **browser.headers}
        return browser.client.post(path, data=form, headers=sent)
    return browser.client.post(path, data={"csrf_token": browser.headers["X-CSRF-Token"], **form})


@pytest.fixture
def stopped(app: Flask, client: People) -> str:
    """A case whose script fails as long as nobody gives it ``nowhere``, beside a service and a timer."""
    ways = ("bad", "svc", "wait")
    body = (
        lanes(RM="s split bad svc wait join e")
        + '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>'
        + '<scriptTask id="bad" name="计算额度" scriptFormat="feel" camunda:resultVariable="x">'
        + "<script>nowhere + 1</script></scriptTask>"
        + SERVICE
        + '<intermediateCatchEvent id="wait" name="等待三日"><timerEventDefinition><timeDuration>P3D</timeDuration>'
        + "</timerEventDefinition></intermediateCatchEvent>"
        + flow("s", "split")
        + "".join(flow("split", way) + flow(way, "join") for way in ways)
        + flow("join", "e")
    )
    assert client("publisher-1").deploy(x_bpmn=process("x", body)).status_code == 201
    case = str(client("rm-1").post("/process-definitions/x/start").json["id"])
    with sancha_of(app).store.transaction() as session:
        session.execute(update(ProcessInstance).where(ProcessInstance.id == case).values(client_name=NAME))
    return case


def test_they_are_for_administrators(browser: Browsers, stopped: str) -> None:
    admin = browser("admin-1")
    assert admin.client.get("/operations").headers["Location"] == "/operations/incidents"
    for tab in TABS:
        assert "<h1>运维</h1>" in page(admin, f"/operations/{tab}")
    for name in ("audit-1", "rm-1", "outsider"):
        anybody = browser(name)
        for tab in ("", *(f"/{tab}" for tab in TABS)):
            assert NAME not in page(anybody, f"/operations{tab}", 403)
        for path in (
            *(f"cases/{stopped}/{verb}" for verb in ("suspend", "resume", "cancel")),
            *(f"jobs/{new_id()}/{verb}" for verb in ("retry", "run")),
            f"incidents/{new_id()}/retry",
        ):
            assert send(anybody, f"/operations/{path}").status_code == 403, path
    assert admin.client.post(f"/operations/cases/{stopped}/suspend", data={"reason": "x"}).status_code == 403


def test_an_incident_is_tried_again_in_its_row(client: People, browser: Browsers, stopped: str) -> None:
    admin = browser("admin-1")
    listed = page(admin, "/operations/incidents")
    assert "计算额度" in listed
    assert NAME in listed
    assert "nowhere" in listed
    address = re.search(r'hx-post="(/operations/incidents/[^"]+/retry)"', listed)
    assert address is not None
    again = send(admin, address.group(1))
    assert again.status_code == 200
    assert "<html" not in again.text
    assert "已处理" in again.text
    twice = send(admin, address.group(1))
    assert twice.status_code == 409
    assert twice.headers["HX-Retarget"] == "#s-notices"
    assert "已处理" in page(admin, "/operations/incidents?status=resolved")
    assert "计算额度" in page(admin, "/operations/incidents")  # it failed again, which is a new incident
    plain = re.search(r'action="(/operations/incidents/[^"]+/retry)"', page(admin, "/operations/incidents"))
    assert plain is not None
    assert send(admin, plain.group(1), htmx=False).headers["Location"] == "/operations/incidents"


def test_a_case_that_an_error_ended_is_failed_and_its_incident_is_seen_to(client: People, browser: Browsers) -> None:
    body = lanes(RM="s e") + '<startEvent id="s"/><endEvent id="e" name="放弃"><errorEventDefinition errorRef="x"/>'
    error = '<error id="x" errorCode="LOST"/>'
    ended = process("lost", body + "</endEvent>" + flow("s", "e"), root=error)
    assert client("publisher-1").deploy(lost_bpmn=ended).status_code == 201
    case = client("rm-1").post("/process-definitions/lost/start").json
    assert case["status"] == "failed"
    assert client("admin-1").get("/process-instances", status="failed").json["items"][0]["id"] == case["id"]
    admin = browser("admin-1")
    assert "失败" in page(admin, f"/cases/{case['id']}")
    assert "失败" in page(admin, "/operations/cases")
    listed = page(admin, "/operations/incidents")
    assert "知悉" in listed
    assert "立即重试" not in listed
    address = re.search(r'hx-post="(/operations/incidents/[^"]+/retry)"', listed)
    assert address is not None
    assert "已处理" in send(admin, address.group(1)).text
    assert "没有停滞的环节" in page(admin, "/operations/incidents")


def test_jobs_are_run_and_tried_again(app: Flask, browser: Browsers, stopped: str) -> None:
    admin = browser("admin-1")
    assert "查询征信" in page(admin, "/operations/jobs")
    waiting = page(admin, "/operations/jobs?state=waiting&kind=timer")
    assert "等待三日" in waiting
    run = re.search(r'hx-post="(/operations/jobs/[^"]+/run)"', waiting)
    assert run is not None
    now = send(admin, run.group(1))
    assert now.status_code == 200
    assert "数秒内执行" in now.text
    assert "等待三日" in page(admin, "/operations/jobs?state=due")
    with sancha_of(app).store.transaction() as session:
        failed = update(Job).where(Job.kind == "service").values(status="failed", last_error="征信系统无响应")
        session.execute(failed)
    listed = page(admin, "/operations/jobs?state=failed")
    assert "征信系统无响应" in listed
    retry = re.search(r'hx-post="(/operations/jobs/[^"]+/retry)"', listed)
    assert retry is not None
    assert send(admin, retry.group(1)).status_code == 200
    assert "没有处于该状态的作业" in page(admin, "/operations/jobs?state=failed")
    for odd in ("state=done", "kind=x", "cursor=x"):
        page(admin, f"/operations/jobs?{odd}", 422)


@pytest.mark.parametrize("database", ["sqlite"])  # the queries are tested on both
def test_workers_say_whether_they_live(app: Flask, browser: Browsers) -> None:
    admin = browser("admin-1")
    assert "没有运行中的后台进程" in page(admin, "/operations/workers")
    with sancha_of(app).work(SYSTEM) as work:
        work.session.add(Worker(id="host:1", kind="serve", started_at=work.raw_now, seen_at=work.raw_now))
    assert "正常" in page(admin, "/operations/workers")


def test_deployments_and_what_changed_between_versions(browser: Browsers, client: People) -> None:
    publisher = client("publisher-1")
    publisher.deploy(pair_bpmn=two_tasks())
    client("rm-1").post("/process-definitions/pair/start")
    publisher.deploy(pair_bpmn=two_tasks(excludes="make"))
    admin = browser("admin-1")
    listed = page(admin, "/operations/deployments")
    assert "1 个在办" in listed
    assert "pair.bpmn" in listed
    assert "key=pair&amp;before=1&amp;after=2" in listed
    compared = page(admin, "/operations/deployments/compare?key=pair&before=1&after=2")
    assert "不得由下列环节的经办人办理" in compared
    assert "make" in compared
    assert "执行逻辑相同" in page(admin, "/operations/deployments/compare?key=pair&before=2&after=2")
    assert "没有该标识的流程" in page(admin, "/operations/deployments/compare?key=none")
    page(admin, "/operations/deployments/compare?key=pair&before=1&after=9", 404)
    page(admin, "/operations/deployments/compare?key=pair&before=x", 422)


def test_a_case_is_halted_resumed_and_ended_with_a_reason(browser: Browsers, client: People, stopped: str) -> None:
    admin = browser("admin-1")
    assert NAME in page(admin, "/operations/cases")
    at = f"/operations/cases/{stopped}"
    for reason in ("", " ", "x" * 501):
        assert send(admin, f"{at}/suspend", reason=reason).status_code == 422
    halted = send(admin, f"{at}/suspend", reason="客户资料存疑")
    assert halted.status_code == 200
    assert f"{at}/resume" in halted.text
    assert f"{at}/suspend" not in halted.text
    assert send(admin, f"{at}/suspend", reason="再次").status_code == 409
    assert NAME in page(admin, "/operations/cases?status=suspended&text=" + "沙坡头")
    assert f"{at}/suspend" in send(admin, f"{at}/resume").text
    ended = send(admin, f"{at}/cancel", reason="客户撤回申请")
    assert f"{at}/cancel" not in ended.text
    assert send(admin, f"{at}/cancel", reason="再次").status_code == 409
    assert client("rm-1").get(f"/process-instances/{stopped}").json["status"] == "cancelled"
    assert "没有符合条件的案件" in page(admin, "/operations/cases?text=PF-1999")
    page(admin, "/operations/cases?status=x", 422)
    assert send(admin, f"/operations/cases/{new_id()}/cancel", reason="x").status_code == 404
    reasons = [e["payload"].get("reason") for e in _events(client, stopped) if e["action"].startswith("instance:")]
    assert reasons[1:] == ["客户资料存疑", None, "客户撤回申请"]


@pytest.mark.parametrize("database", ["sqlite"])  # the queries are tested on both
def test_long_lists_go_on_in_place(
    monkeypatch: pytest.MonkeyPatch, browser: Browsers, client: People, stopped: str
) -> None:
    for name in ("operations", "operations_jobs", "operations_deployments", "operations_cases"):
        monkeypatch.setattr(f"api.pages.{name}.PAGE_SIZE", 1)
    ask = process("y", lanes(RM="s ask e") + in_a_row(task("ask"), ids="ask"))
    client("publisher-1").deploy(y_bpmn=ask)
    client("rm-1").post("/process-definitions/x/start")
    admin = browser("admin-1")
    for tab, rows in (("incidents", 2), ("jobs?kind=service", 2), ("deployments", 2), ("cases", 2)):
        path, seen = f"/operations/{tab}", 0
        while path:
            headers = {"HX-Request": "true", "HX-Target": "s-more"} if seen else {}
            text = admin.client.get(path, headers=headers).text
            assert ("<html" in text) == (not seen)
            more = re.search(r'hx-get="([^"]+cursor=[^"]+)"', text)
            path, seen = (more.group(1).replace("&amp;", "&") if more else ""), seen + 1
        assert seen == rows, tab


def _events(client: People, case: str) -> list[dict[str, object]]:
    return list(client("audit-1").get("/audit/events", stream=case).json["items"])
