"""Counterparties while the demonstration is prepared: they take every request and answer when a story says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from demo.counterparties.switches import BUREAU, PAYMENT, RATING
from engine.access import Principal
from engine.callbacks import PATH, sign
from engine.commands.receive_callback import receive_callback
from engine.jobs.outgoing import OutgoingFailed
from engine.runtime import Sancha

_SOURCES = {"RATING": RATING, "BUREAU": BUREAU, "PAYMENT": PAYMENT}


@dataclass(slots=True)
class QuietCounterparties:
    """`engine.services.Outgoing` inside this process. ``refusing``: which of them (rating, bureau) takes no question
    about which client (credit code) now.
    """

    refusing: set[tuple[str, str]] = field(default_factory=set)
    _addresses: dict[str, str] = field(default_factory=dict)

    def post(self, url: str, body: Mapping[str, object], *, key: str) -> Mapping[str, object]:
        """Accepts the request and keeps its callback address. Raises `OutgoingFailed` for what is being refused."""
        service = urlsplit(url).path.split("/")[1]
        if (service, body.get("uscc")) in self.refusing:
            raise OutgoingFailed(f'{url} answered 503: {{"error": "the service is closed for maintenance"}}', 503)
        self._addresses[key] = str(body["callbackUrl"])
        return {"status": "ACCEPTED"}

    def get(self, url: str) -> Mapping[str, object]:
        """What is asked for is still pending."""
        return {"status": "PENDING", "reason": None}

    def answer(self, sancha: Sancha, name: str, key: str, payload: Mapping[str, object]) -> None:
        """The answer ``name`` to ``key``, at the address that came with the question, signed like a real one.

        Raises KeyError when nothing was asked under ``key``.
        """
        source = _SOURCES[name]
        content = {"messageId": f"{source}-{key}", "name": name, "key": key, "payload": payload}
        body = json.dumps(content, ensure_ascii=False, default=str).encode()
        headers = sign(sancha.callbacks.secret(source), body, now=datetime.now(UTC))
        token = urlsplit(self._addresses[key]).path.removeprefix(PATH)
        with sancha.work(Principal("third-party")) as work:
            receive_callback(work, address=token, headers=headers, body=body)
