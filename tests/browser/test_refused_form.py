"""The server refuses a form by a rule that only it knows: said at the field, in the page's language, nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from processes.scenario.script import Script
from tests.browser.filling import PageForm, claim
from tests.browser.people import People

pytestmark = pytest.mark.xdist_group("browser")
BELOW = {"zh": "平均值不得低于最低值。", "en": "The average cannot be below the minimum."}
CORRECT = {"zh": "请修改标出的项目", "en": "Correct the marked fields"}


def technical(script: Script) -> dict[str, Any]:
    """What the technical expert answers in the scenario."""
    steps = (step.arguments for step in script.steps if step.verb == "complete")
    return dict(next(step["data"] for step in steps if step["task"] == "P03_technical"))


def refuse(people: People, page: Page, form: PageForm, task: str, language: str) -> None:
    with people.trouble(page).expected(page, rf"status of 422.*/tasks/{task}/complete"):
        form.submit.click()
        expect(form.error("avgDSCR")).to_have_text(BELOW[language])
    expect(form.alert).to_contain_text(CORRECT[language])
    expect(form.control("avgDSCR")).to_be_focused()
    expect(form.control("avgDSCR")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".fjs-form-field-error")).to_have_count(1)


def test_a_refusal_stands_at_its_field_in_both_languages_and_loses_nothing(
    person: People, tasks: dict[str, str], wind_farm: Script, tmp_path: Path
) -> None:
    task, data = tasks["P03_technical"], technical(wind_farm)
    page = person("expert-tech-1")
    form = claim(page, task, tmp_path)
    expect(page.locator(".fjs-form-field-error")).to_have_count(0)
    form.fill(data | {"avgDSCR": "1.10"})
    refuse(person, page, form, task, "zh")
    form.expect_holds(data | {"avgDSCR": "1.10"})
    expect(form.status).to_have_attribute("data-state", "saved")

    english = person("expert-tech-1", language="en")
    english.goto(f"/tasks/{task}")
    form = PageForm(english, tmp_path)
    form.expect_holds(data | {"avgDSCR": "1.10"})
    refuse(person, english, form, task, "en")
    form.expect_holds(data | {"avgDSCR": "1.10"})
    form.fill({"avgDSCR": data["avgDSCR"]})
    form.submit.click()
    expect(english.locator(f'[data-desk="{task}"]')).to_have_attribute("data-status", "completed")

    # The other browser still shows the form: it learns that the task is done, when it sends it.
    with person.trouble(page).expected(page, rf"status of 409.*/tasks/{task}/complete"):
        page.locator("[data-form-submit]").click()
        expect(page.locator("[data-form-alert]")).to_be_visible()
    page.reload()
    expect(page.locator(f'[data-desk="{task}"]')).to_have_attribute("data-status", "completed")
