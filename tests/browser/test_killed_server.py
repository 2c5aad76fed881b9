"""The server dies while somebody types, and while they send: nothing typed is lost, and what was sent counts once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from demo.http_stage import HttpStage
from demo.installation import Installation
from processes.scenario.script import Script
from tests.browser.filling import PageForm, claim
from tests.browser.people import People
from tests.browser.test_refused_form import technical

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
UNREACHABLE = r"net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|CONNECTION_CLOSED)"
RECOVERY_MS = 60_000
TYPED = "年等效满发小时数取值审慎，机型成熟；"
MORE = "模型勾稽一致，偿债能力充足。"


@pytest.fixture(autouse=True)
def _server_afterwards(installation: Installation) -> Iterator[None]:
    yield
    if installation.server is not None and installation.server.poll() is not None:
        installation.start_server(with_worker=True)


def test_typing_goes_on_while_the_server_is_dead_and_is_saved_when_it_is_back(
    person: People, installation: Installation, tasks: dict[str, str], tmp_path: Path
) -> None:
    page = person("expert-tech-1")
    form = claim(page, tasks["P03_technical"], tmp_path)
    form.control("opinion").click()
    page.keyboard.insert_text(TYPED)
    expect(form.status).to_have_attribute("data-state", "saved")
    with person.trouble(page).expected(page, UNREACHABLE):
        installation.kill_server()
        page.keyboard.insert_text(MORE)
        form.fill({"minDSCR": "1.32", "sensitivity": [{"scenario": "REVENUE_MINUS_10", "minDSCR": "1.18"}]})
        expect(form.status).to_have_attribute("data-state", "unsaved")
        expect(form.status).to_contain_text("未保存")
        expect(form.control("opinion")).to_have_value(TYPED + MORE)
        installation.start_server(with_worker=True)
        expect(form.status).to_have_attribute("data-state", "saved", timeout=RECOVERY_MS)
    form.expect_holds({"opinion": TYPED + MORE, "minDSCR": "1.32"})
    person.leave(page)

    page = person("expert-tech-1")
    page.goto(f"/tasks/{tasks['P03_technical']}")
    form = PageForm(page, tmp_path)
    expect(form.status).to_have_attribute("data-state", "restored")
    form.expect_holds(
        {
            "opinion": TYPED + MORE,
            "minDSCR": "1.32",
            "sensitivity": [{"scenario": "REVENUE_MINUS_10", "minDSCR": "1.18"}],
        }
    )


def test_a_form_sent_twice_because_the_server_died_before_it_answered_counts_once(
    person: People,
    installation: Installation,
    stage: HttpStage,
    tasks: dict[str, str],
    wind_farm: Script,
    tmp_path: Path,
) -> None:
    task = tasks["P03_technical"]
    page = person("expert-tech-1")
    form = claim(page, task, tmp_path)
    form.fill(technical(wind_farm))
    expect(form.status).to_have_attribute("data-state", "saved")
    keys: list[str] = []

    def die_before_the_answer(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            route.continue_()
            return
        assert route.fetch().ok  # it is done and committed
        installation.kill_server()
        route.abort("connectionreset")

    page.route("**/complete", die_before_the_answer)
    with person.trouble(page).expected(page, UNREACHABLE):
        form.submit.click()
        expect(form.alert).to_contain_text("内容")
        form.expect_holds(technical(wind_farm))
    installation.start_server(with_worker=True)
    form.submit.click()
    desk = page.locator(f'[data-desk="{task}"]')
    expect(desk).to_have_attribute("data-status", "completed")
    assert len(keys) == 2
    assert keys[0] == keys[1]
    case = stage._read(f"/tasks/{task}")["root_id"]
    assert stage.facts(case)["history"]["P03_technical"] == 1
