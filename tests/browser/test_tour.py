"""The tour of README.md, click by click: whatever is clicked or looked for here stands there in bold or italics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.installation import ROOT
from tests.browser.conftest import at_browsers
from tests.browser.demonstration import PASSWORD, Demonstration, demonstration
from tests.browser.people import People

TOUR = (ROOT / "README.md").read_text(encoding="utf-8").split("## A tour of five minutes")[1].split("\n## ")[0]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tour")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    with demonstration(tmp_path_factory.mktemp("tour")) as served:
        yield served


@pytest.fixture
def visitors(browser: Browser, demo: Demonstration, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[People]:
    yield from at_browsers(browser, demo.base, request, tmp_path, PASSWORD)


def told(text: str) -> str:
    """``text``, which the tour tells the visitor to click or to look for."""
    assert f"**{text}**" in TOUR or f"*{text}*" in TOUR, f"the tour does not name {text!r}"
    return text


def client(text: str) -> str:
    """The name of a client, or a part of it, as the tour writes it."""
    assert text in TOUR, f"the tour does not name {text!r}"
    return text


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=told(name), exact=True).click()


def signed_in(visitors: People, name: str) -> Page:
    """Somebody who chose an account on the sign-in page."""
    page = visitors.anonymous(told(name), language="en")
    page.goto("/")
    page.get_by_role("button", name=re.compile(rf"^{name}\b")).click()
    button(page, "Sign in")
    expect(page).not_to_have_url(re.compile("/sign-in"))
    return page


def test_the_tour_can_be_followed_click_by_click(visitors: People) -> None:
    page = signed_in(visitors, "pay-c-1")
    page.locator("[data-tab=groups]").filter(has_text=told("My roles")).click()
    page.locator("#s-inbox-list").get_by_text(client("苏州工业园区屋顶分布式光伏科技有限公司")).click()
    page.get_by_role("button", name=told("Claim")).click()
    expect(page.get_by_role("button", name="Submit check")).to_be_visible()
    page.get_by_label(told("Confirm")).check()
    page.get_by_label("Reason code").select_option(label=told("Complete and within policy"))
    page.get_by_label("Comment").fill("Amount, name and account agree.")
    button(page, "Submit check")
    expect(page.locator(".s-desk")).to_have_attribute("data-status", "completed")

    page.get_by_role("link", name=told("Cases"), exact=True).click()
    row = page.get_by_role("row").filter(has_text="苏州工业园区屋顶")
    row.get_by_role("link").first.click()
    opens = page.get_by_text("Visit opens").first
    for _ in range(20):  # the receipt comes a moment later
        if opens.is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(opens).to_be_visible()
    expect(page.get_by_text(told("Follow-up"), exact=True).first).to_be_visible()
    expect(page.get_by_text(told("What it waits for besides people"))).to_be_visible()

    button(page, "To the next timer")
    expect(page.locator(".s-clock-told")).to_contain_text("No receipt in 30 minutes")
    button(page, "+1 working day")
    expect(page.locator(".s-clock-told")).to_contain_text("Moved to")

    page.locator("[data-menu] summary").click()
    page.get_by_role("button", name=told("Sign out")).click()
    page.get_by_role("button", name=re.compile(r"^plm-1\b")).click()
    button(page, "Sign in")
    page.locator("#s-inbox-list").get_by_text(client("四川大渡河流域水电开发（丹巴）有限公司")).click()
    button(page, "Submit visit report")
    expect(page.get_by_text("At least 10 characters.")).to_be_visible()
    page.get_by_label(told("Findings")).fill("厂房扩挖完成，机组安装按计划进行，资金用途相符。")
    button(page, "Submit visit report")
    expect(page.locator(".s-desk")).to_have_attribute("data-status", "completed")
    other = signed_in(visitors, "plm-2")
    other.locator("[data-tab=groups]").click()
    expect(other.locator("#s-inbox-list")).to_contain_text("四川大渡河")

    admin = signed_in(visitors, "admin-1")
    expect(admin.get_by_role("heading", name=told("Operations"))).to_be_visible()
    admin.get_by_text(told("Try again"), exact=True).click()
    button(admin, "Try again now")
    expect(admin.get_by_text("Resolved", exact=True).last).to_be_visible()

    auditor = signed_in(visitors, "audit-1")
    expect(auditor.get_by_role("link", name=told("Audit"), exact=True)).to_be_visible()
    auditor.get_by_label(told("Case or client")).fill(client("苏州工业园区"))
    button(auditor, "Search")
    expect(auditor.get_by_text("third-party:payment").first).to_be_visible()
    expect(auditor.get_by_text(re.compile("Verified up to"))).to_be_visible()
