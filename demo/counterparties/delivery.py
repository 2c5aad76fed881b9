"""Calls back: signed, after a delay, tried again while the receiver is away, a bounded number of times."""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from engine.callbacks import sign

ATTEMPTS = 10
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
TIMEOUT_SECONDS = 10.0
MAX_PENDING = 2_000
_TRY_AGAIN = {408, 425, 429}


class TooBusy(Exception):
    """Too many callbacks are waiting to be sent."""


@dataclass(slots=True)
class Delivery:
    """One callback on its way. ``outcome``: waiting, delivered, refused (the receiver said no) or given-up."""

    source: str
    message_id: str
    name: str
    key: str
    attempts: int = 0
    outcome: str = "waiting"
    status: int | None = None


class Deliveries:
    """Sends callbacks, each from a timer thread of its own; ``secrets`` by source are shared with the receiver."""

    def __init__(self, secrets: Mapping[str, bytes]) -> None:
        self._secrets = secrets
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, follow_redirects=False)
        self._lock = threading.Lock()
        self._sent: list[Delivery] = []

    def send(self, url: str, delivery: Delivery, payload: Mapping[str, object], *, delay: float, copies: int) -> None:
        """Posts ``{messageId, name, key, payload}`` to ``url`` after ``delay`` seconds, ``copies`` times.

        Raises `TooBusy` when too many wait already.
        """
        body = json.dumps(
            {"messageId": delivery.message_id, "name": delivery.name, "key": delivery.key, "payload": payload},
            ensure_ascii=False,
        ).encode()
        with self._lock:
            if sum(sent.outcome == "waiting" for sent in self._sent) + copies > MAX_PENDING:
                raise TooBusy
            made = [Delivery(delivery.source, delivery.message_id, delivery.name, delivery.key) for _ in range(copies)]
            self._sent = (self._sent + made)[-MAX_PENDING * 2 :]
        for copy in made:
            self._later(delay, url, copy, body)

    def to_json(self) -> list[dict[str, object]]:
        """The latest deliveries, oldest first."""
        with self._lock:
            return [asdict(delivery) for delivery in self._sent]

    def _later(self, seconds: float, url: str, delivery: Delivery, body: bytes) -> None:
        timer = threading.Timer(seconds, self._try, (url, delivery, body))
        timer.daemon = True
        timer.start()

    def _try(self, url: str, delivery: Delivery, body: bytes) -> None:
        status = self._post(url, self._secrets[delivery.source], body)
        with self._lock:
            delivery.attempts += 1
            delivery.status = status
            if status is not None and 200 <= status < 300:
                delivery.outcome = "delivered"
            elif status is not None and 300 <= status < 500 and status not in _TRY_AGAIN:
                delivery.outcome = "refused"
            elif delivery.attempts >= ATTEMPTS:
                delivery.outcome = "given-up"
            again = delivery.outcome == "waiting"
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (delivery.attempts - 1), LONGEST_PAUSE_SECONDS)
        if again:
            self._later(pause, url, delivery, body)

    def _post(self, url: str, secret: bytes, body: bytes) -> int | None:
        headers = {"Content-Type": "application/json", **sign(secret, body, now=datetime.now(UTC))}
        try:
            return self._client.post(url, content=body, headers=headers).status_code
        except httpx.HTTPError:
            return None


def is_callable(url: object) -> bool:
    """Whether the stand-ins may call ``url``: plain http or https on this machine only, because they are a toy."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in {"http", "https"} and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False
