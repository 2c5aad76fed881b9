"""The wind farm from sign-in to the first follow-up visit: everybody works through the pages in their own browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.installation import Installation
from processes.scenario.play import Play
from processes.scenario.script import Script
from tests.browser.conftest import PASSWORD, at_browsers, served
from tests.browser.page_stage import PageStage
from tests.browser.people import People

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wind farm in browsers")]


@pytest.fixture
def untouched(tmp_path: Path, wind_farm: Script) -> Iterator[Installation]:
    """An installation without a case: the first is PF-2026-0001."""
    with served(tmp_path / "home", wind_farm) as running:
        yield running


@pytest.fixture
def people(
    browser: Browser, untouched: Installation, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[People]:
    yield from at_browsers(browser, untouched.base, request, tmp_path)


def test_the_wind_farm_from_sign_in_to_the_first_follow_up_visit(
    untouched: Installation, people: People, wind_farm: Script, tmp_path: Path
) -> None:
    with closing(PageStage(untouched.base, PASSWORD, untouched.counterparties, people, tmp_path)) as stage:
        play = Play(wind_farm, stage)
        play.run()
        see_the_case_file(stage.page("plm-1"))
        see_the_next_visit_come(stage.page("plm-1"))


def see_the_case_file(page: Page) -> None:
    page.get_by_role("link", name="案件", exact=True).click()
    page.get_by_role("link", name="PF-2026-0001").first.click()
    stages = page.get_by_role("list", name="案件阶段").get_by_role("listitem")
    expect(stages).to_contain_text(["评估", "评级", "审批", "放款", "贷后", "结束"])
    expect(page.locator('[aria-current="step"]')).to_contain_text("贷后")
    assert page.locator(".s-stage-done").count() == 4
    visits = page.locator(".s-visits tbody").get_by_role("row")
    expect(visits).to_have_count(2)
    expect(visits.nth(0)).to_contain_text(re.compile("2.*待回访.*2026-07-17 18:00.*30", re.DOTALL))
    expect(visits.nth(1)).to_contain_text(re.compile("1.*已完成.*2026-06-17 18:00.*15", re.DOTALL))
    # The diagram is drawn, with the activity that the case is in.
    expect(page.locator(".djs-container .s-is-current").first).to_be_visible()


def see_the_next_visit_come(page: Page) -> None:
    """The demonstration's clock goes to the next timer: the second visit's task is there a week before it is due."""
    page.get_by_role("button", name="到下一个定时").click()
    expect(page.get_by_role("region", name="演示时钟")).to_contain_text("07-10 18:00")
    page.get_by_role("link", name="待办").click()
    page.locator('[data-tab="groups"]').click()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("客户回访")
