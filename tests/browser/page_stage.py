"""A stage for scenarios on which people work through the pages, each in a browser of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from demo.http_stage import HttpStage
from processes.scenario.play import Refused
from tests.browser.filling import PageForm
from tests.browser.people import People


class PageStage(HttpStage):
    """Starts, claims and completes in browsers; the clock, third parties and what is expected go over the API."""

    def __init__(self, base: str, password: str, counterparties: str, people: People, folder: Path) -> None:
        super().__init__(base, password, counterparties)
        self._people = people
        self._folder = folder
        self._pages: dict[str, Page] = {}

    def page(self, name: str) -> Page:
        """The page in the browser of ``name``, who signs in when they are needed first."""
        if name not in self._pages:
            self._pages[name] = self._people(name)
        return self._pages[name]

    def start(self, process: str, by: str, variables: Mapping[str, Any]) -> str:
        """Fill in the form that starts a case; the page then shows the case's file."""
        page = self.page(by)
        page.get_by_role("link", name="发起", exact=True).click()
        page.locator(f'a[href="/start/{process}"]').click()
        form = PageForm(page, self._folder)
        form.fill(variables)
        form.submit.click()
        expect(page).to_have_url(re.compile(r"/cases/[0-9a-f-]{36}"))
        case = page.url.rsplit("/", 1)[1].split("?")[0]
        self._settle(case)
        return case

    def claim(self, task: str, by: str) -> None:
        """Take the task from the list of the person's roles; who cannot see it there looks at its own page."""
        page = self.page(by)
        page.goto("/inbox")
        page.locator('[data-tab="groups"]').click()
        expect(page.locator('[data-tab="groups"]')).to_have_attribute("aria-current", "page")
        if not page.locator(f'[data-row="{task}"]').count():
            page.goto(f"/tasks/{task}")
            state = page.locator(".s-state")
            expect(state).to_be_visible()
            assert not page.locator("[data-claim]").count()
            raise Refused("forbidden", state.inner_text())
        page.locator(f'[data-row="{task}"]').click()
        page.locator(f'[data-desk="{task}"] [data-claim]').click()
        expect(page.locator("[data-form-submit]")).to_be_visible()

    def complete(self, task: str, by: str, data: Mapping[str, Any]) -> None:
        """Fill in the task's form beside the list and send it."""
        page = self.page(by)
        if not page.locator(f'[data-desk="{task}"] [data-form-submit]').count():
            page.goto("/inbox")
            page.locator(f'[data-row="{task}"]').click()
            expect(page.locator(f'[data-desk="{task}"]')).to_be_visible()
        case = self._read(f"/tasks/{task}")["root_id"]
        form = PageForm(page, self._folder)
        form.fill(data)
        form.submit.click()
        done = page.locator(f'[data-desk]:not([data-desk="{task}"]), [data-desk="{task}"]:not([data-status="open"])')
        expect(done.or_(form.alert.and_(page.locator(":visible"))).first).to_be_visible()
        if form.alert.is_visible():
            self._people.trouble(page).forget(page, rf"status of 422.*/tasks/{task}/complete")
            told = page.locator(".fjs-form-field-error:visible").all_inner_texts()
            raise Refused("form-refused", f"{form.alert.inner_text()} {told}")
        self._settle(case)
