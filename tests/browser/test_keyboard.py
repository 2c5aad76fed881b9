"""A task from sign-in to completion without a mouse; the focus is always somewhere, and to be seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from demo.http_stage import HttpStage
from processes.scenario.script import Script
from tests.browser.conftest import PASSWORD
from tests.browser.filling import claim
from tests.browser.people import People

pytestmark = pytest.mark.xdist_group("browser")
MOST_TABS = 60
# Outlines, rings, and the boxes and rows that show the focus of what is in them.
SHOWN = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return "nothing has the focus";
    const box = at.getBoundingClientRect();
    if (!box.width || !box.height) return `what has the focus has no size: ${at.outerHTML.slice(0, 200)}`;
    const rings = (element) => {
        const style = getComputedStyle(element);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    };
    for (let up = at, steps = 0; up && steps < 4; up = up.parentElement, steps += 1) if (rings(up)) return "";
    return `the focus cannot be seen: ${at.outerHTML.slice(0, 200)}`;
}"""


class Keys:
    """Presses keys on ``page``; after each, something has the focus and shows it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)
            self.see_focus()

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)
        self.see_focus()

    def tab_to(self, target: Locator, key: str = "Tab") -> None:
        for _ in range(MOST_TABS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.press(key)
        raise AssertionError(f"{MOST_TABS} times {key} did not reach {target}")

    def see_focus(self) -> None:
        told = self.page.evaluate(SHOWN)
        assert told == "", told


def test_a_task_is_done_with_the_keyboard_alone(
    person: People, stage: HttpStage, tasks: dict[str, str], wind_farm: Script
) -> None:
    task = tasks["P03_es"]
    start = wind_farm.steps[0].arguments
    stage.start(start["process"], start["by"], start["variables"])  # something to find at the end
    page = person.anonymous("expert-es-1")
    keys = Keys(page)
    page.goto("/sign-in")
    expect(page.locator("#sign-in-name")).to_be_focused()
    keys.type("expert-es-1")
    keys.press("Tab")
    keys.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[data-inbox]")).to_be_visible()

    keys.tab_to(page.locator('[data-tab="groups"]'))
    page.keyboard.press("Enter")
    expect(page.locator('[data-tab="groups"]')).to_have_attribute("aria-current", "page")
    row = page.locator(f'[data-row="{task}"]')
    keys.press("j", "j", "k")
    for _ in range(page.locator("[data-row]").count()):
        if row.get_attribute("aria-selected") == "true":
            break
        keys.press("j")
    expect(row).to_have_attribute("aria-selected", "true")
    expect(page.locator(f'[data-desk="{task}"] [data-claim]')).to_be_visible()
    expect(page.get_by_role("radio").first).to_be_disabled()
    page.keyboard.press("c")
    expect(page.locator("[data-form-submit]")).to_be_visible()
    first = page.get_by_role("radio", name="B 类", exact=True)
    expect(first).to_be_enabled()
    keys.see_focus()
    keys.press("Enter")
    expect(page.get_by_role("radio").first).to_be_focused()
    keys.press("ArrowDown")
    expect(first).to_be_checked()
    keys.press("Tab")
    keys.type("鸟类迁徙期限时停机；施工期植被恢复。")
    keys.press("Tab")
    keys.type("环境影响可控，缓释措施可行，公众参与程序完整，无遗留投诉。")
    keys.tab_to(page.locator("[data-form-submit]"))
    page.keyboard.press("Enter")
    expect(
        page.locator(f'[data-desk="{task}"]:not([data-status="open"]), [data-desk]:not([data-desk="{task}"])')
    ).to_be_visible()
    keys.see_focus()

    keys.press("/")
    expect(page.locator("#inbox-text")).to_be_focused()
    keys.type("没有这样的客户")
    expect(page.locator("[data-rows]")).to_have_count(0)
    keys.see_focus()
    page.keyboard.press("ControlOrMeta+a")
    keys.type("蒙东")
    expect(page.locator("[data-row]").first).to_be_visible()
    keys.press("Escape", "j")
    expect(page.locator('[data-row][aria-selected="true"]')).to_have_count(1)


def test_what_the_tab_key_selects_in_an_amount_is_typed_over(
    person: People, tasks: dict[str, str], tmp_path: Path
) -> None:
    page = person("expert-tech-1")
    keys = Keys(page)
    capacity = claim(page, tasks["P03_technical"], tmp_path).control("debtCapacity")
    capacity.click()
    keys.type("470000000")
    keys.press("Shift+Tab")
    expect(capacity).to_have_value("470,000,000.00")
    keys.press("Tab")
    keys.type("480000000")
    keys.press("Shift+Tab")
    expect(capacity).to_have_value("480,000,000.00")


def test_the_preview_and_its_keys_belong_to_the_chosen_row_however_late_answers_come(
    person: People, stage: HttpStage, wind_farm: Script
) -> None:
    start = wind_farm.steps[0].arguments
    cases = [stage.start(start["process"], start["by"], start["variables"]) for _ in range(2)]
    page = person("expert-es-1")
    page.goto("/inbox?show=groups&sort=newest")
    rows = page.locator("[data-row]")
    second, first = (task.id for case in cases for task in stage.tasks(case) if task.element == "P03_es")
    expect(rows.nth(1)).to_have_attribute("data-row", second)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/inbox/tasks/{first}", hold)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(f'[data-desk="{second}"]')).to_be_visible()
    with page.expect_response(f"**/inbox/tasks/{first}"):
        held.pop().continue_()
    page.keyboard.press("k")
    page.keyboard.press("c")
    expect(rows.nth(0)).to_have_attribute("aria-selected", "true")
    # The preview of the second is still there, and the key was not meant for it.
    expect(page.locator(f'[data-desk="{second}"] [data-claim]')).to_be_enabled()
    held.pop().continue_()
    expect(page.locator(f'[data-desk="{first}"] [data-form-submit]')).to_be_visible()
    holders = {task.id: task.assignee for case in cases for task in stage.tasks(case)}
    assert [holders[first], holders[second]] == ["expert-es-1", None]
