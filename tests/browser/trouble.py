"""Everything that goes wrong in a browser unseen: console errors, page errors, failed requests, calls to elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError

# What is given up when its page is left is no failure.
_GIVEN_UP = "net::ERR_ABORTED"


class Trouble:
    """What went wrong in one browser context, in order. ``host``: the only one that pages may ask, with its port."""

    def __init__(self, context: BrowserContext, host: str) -> None:
        self.found: list[str] = []
        self._host = host
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)
        context.on("requestfailed", self._on_failed)

    @contextmanager
    def expected(self, page: Page, *patterns: str) -> Iterator[None]:
        """In the block, trouble that matches each of ``patterns`` (regular expressions) must come, and is forgotten."""
        yield
        for pattern in patterns:
            assert self.forget(page, pattern), f"{pattern!r} did not come; there was {self.found}"

    def forget(self, page: Page, pattern: str) -> int:
        """Forget what matches ``pattern``; returns how much that was."""
        page.evaluate("0")  # what the browser told before its answer to this has arrived, too
        kept = [told for told in self.found if not re.search(pattern, told)]
        count = len(self.found) - len(kept)
        self.found[:] = kept
        return count

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.found.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _on_error(self, problem: WebError) -> None:
        error = problem.error
        self.found.append(f"page error: {getattr(error, 'stack', None) or error}")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != self._host:
            self.found.append(f"a call to elsewhere: {request.method} {request.url}")

    def _on_failed(self, request: Request) -> None:
        if request.failure != _GIVEN_UP:
            self.found.append(f"failed request: {request.method} {request.url} {request.failure}")
