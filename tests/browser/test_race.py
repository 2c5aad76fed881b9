"""Two people want the same task at the same moment: one has it, the other is told who was faster and works on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.people import People

pytestmark = pytest.mark.xdist_group("browser")
NAMES = ("客户经理1", "客户经理2")


def test_two_people_claim_one_task_at_the_same_moment(person: People, tasks: dict[str, str]) -> None:
    task = tasks["P03_site_visit"]
    pages = [person(name) for name in ("rm-1", "rm-2")]
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    for page in pages:
        page.goto("/inbox?show=groups")
        page.locator(f'[data-row="{task}"]').click()
        expect(page.locator("[data-claim]")).to_be_visible()
        page.route("**/claim", hold)
        page.locator("[data-claim]").click()
    for page in pages:  # both have sent it, and neither has been answered
        expect(page.locator("[data-claim]")).to_be_disabled()
    assert len(held) == 2
    for route in held:
        route.continue_()

    has_it = pages[0].locator("[data-form-submit]").or_(pages[0].locator(".s-notice"))
    expect(has_it.first).to_be_visible()
    winner = 0 if pages[0].locator("[data-form-submit]").count() else 1
    expect(pages[winner].locator("[data-form-submit]")).to_be_visible()
    slower = pages[1 - winner]
    _see_who_was_faster(slower, task, NAMES[winner])
    assert person.trouble(slower).forget(slower, rf"(status of|Status Error Code) 409.*/tasks/{task}/claim") == 2


def _see_who_was_faster(page: Page, task: str, name: str) -> None:
    notice = page.locator("#s-notices .s-notice")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text(name)
    expect(notice).to_contain_text(re.compile(r"\d\d:\d\d"))
    desk = page.locator(f'[data-desk="{task}"]')
    expect(desk).to_contain_text(name)
    expect(desk).to_contain_text(re.compile(r"\d\d:\d\d"))
    expect(page.locator("[data-claim], [data-form-submit]")).to_have_count(0)
    expect(page.locator(f'[data-row="{task}"]')).to_have_count(0)
    notice.get_by_role("button", name="关闭").click()
    expect(notice).to_have_count(0)
    # The page works on: lists change, another look at the same task agrees.
    page.locator('[data-tab="mine"]').click()
    expect(page.locator('[data-tab="mine"]')).to_have_attribute("aria-current", "page")
    assert not page.locator(f'[data-row="{task}"]').count()
