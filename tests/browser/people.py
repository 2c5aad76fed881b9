"""People at their browsers: each has a context of their own and signs in through the page."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.trouble import Trouble

HEIGHT = 900
PATIENCE_MS = 20_000
"""How long a page may take on a busy machine, before a condition that is waited for counts as failed."""
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
SIGN_IN = {"zh": "登录", "en": "Sign in"}


class People:
    """Opens browsers on the server at ``base``; all accounts have ``password``."""

    def __init__(self, browser: Browser, base: str, password: str) -> None:
        self.base = base
        self._browser = browser
        self._password = password
        expect.set_options(timeout=PATIENCE_MS)
        self._open: dict[BrowserContext, tuple[str, Trouble]] = {}

    def __call__(self, name: str, *, language: str = "zh", width: int = 1280, theme: str = "light") -> Page:
        """A page of ``name``, signed in, on their start page. Each call is another browser of that person."""
        page = self.anonymous(name, language=language, width=width, theme=theme)
        page.goto("/sign-in")
        page.locator("#sign-in-name").fill(name)
        page.locator("#sign-in-password").fill(self._password)
        page.get_by_role("button", name=SIGN_IN[language], exact=True).click()
        expect(page).not_to_have_url(re.compile("/sign-in"))
        page.wait_for_load_state()
        expect(page.locator(".s-rail")).to_be_visible()
        return page

    def anonymous(self, name: str, *, language: str = "zh", width: int = 1280, theme: str = "light") -> Page:
        """A blank page of somebody who has not signed in yet."""
        context = self._browser.new_context(
            base_url=self.base,
            locale=LOCALES[language],
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": HEIGHT},
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "sancha-theme", "value": theme, "url": self.base}])
        self._open[context] = (name, Trouble(context, self.base.removeprefix("http://")))
        return context.new_page()

    def trouble(self, page: Page) -> Trouble:
        """What went wrong in the browser of ``page`` so far."""
        return self._open[page.context][1]

    def leave(self, page: Page) -> None:
        """Close the browser of ``page``, as a crash would: nothing is saved. Raises AssertionError after trouble."""
        context = page.context
        name, trouble = self._open.pop(context)
        context.close()
        assert not trouble.found, f"{name}: {trouble.found}"

    def pictures(self, folder: Path) -> list[Path]:
        """A picture of every open page, for a test that failed."""
        taken = []
        for number, (context, (name, _)) in enumerate(self._open.items()):
            for page in context.pages:
                taken.append(folder / f"{number:02}-{name}.png")
                page.screenshot(path=taken[-1])
        return taken

    def go_home(self) -> list[str]:
        """Close all browsers; returns what went wrong in them."""
        found = []
        for context, (name, trouble) in self._open.items():
            context.close()
            found += [f"{name}: {told}" for told in trouble.found]
        self._open.clear()
        return found
