"""A task that arrives is announced in an open inbox; the list moves only when the person asks for it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from demo.http_stage import HttpStage
from processes.scenario.script import Script
from tests.browser.people import People

pytestmark = pytest.mark.xdist_group("browser")


def sooner(route: Route) -> None:
    """The server's own answer, with a shorter time until the browser asks again."""
    answer = route.fetch()
    text = answer.text()
    assert "retry: 10000" in text
    route.fulfill(response=answer, body=text.replace("retry: 10000", "retry: 200"))


def test_new_tasks_are_announced_in_an_open_inbox(
    person: People, stage: HttpStage, tasks: dict[str, str], wind_farm: Script
) -> None:
    page = person("legal-1")
    page.route("**/inbox/events*", sooner)
    page.goto("/inbox?show=groups")
    rows = page.locator("[data-row]")
    expect(page.locator(f'[data-row="{tasks["P03_legal"]}"]')).to_be_visible()
    before = rows.count()
    expect(page.locator("[data-new]")).to_be_hidden()
    start = wind_farm.steps[0].arguments
    case = stage.start(start["process"], start["by"], start["variables"])
    expect(page.locator("[data-new]")).to_have_text("1 条新任务")
    assert rows.count() == before
    page.locator("[data-new]").click()
    expect(rows).to_have_count(before + 1)
    expect(page.locator("[data-new]")).to_be_hidden()
    arrived = next(task.id for task in stage.tasks(case) if task.element == "P03_legal")
    expect(page.locator(f'[data-row="{arrived}"]')).to_be_visible()
    page.unroute("**/inbox/events*")
