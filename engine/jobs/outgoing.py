"""The only way out of the engine: JSON over HTTP to hosts on the allow-list.

No redirects (a redirect would leave the allow-list), no proxies or credentials from the environment, a bound on the
whole exchange and on the size of the answer. Plain http is for this machine only (OWASP ASVS 5.0, 1.3.6 and 13.2.4).
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from typing import Any

import httpx

from engine.services import OutgoingRefused

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 15.0
MAX_ANSWER_BYTES = 1_000_000
_SHOWN = 200


class OutgoingFailed(Exception):
    """The third party could not be reached, did not answer in time, or answered with an error or with no JSON object.

    ``status`` is its HTTP status, None when there was no answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class HttpOutgoing:
    """`engine.services.Outgoing` over httpx; one connection pool, safe to share between threads.

    ``allowed_hosts``: ``host`` for any port, or ``host:port``, in lower case; nothing else is ever called.
    """

    def __init__(
        self,
        allowed_hosts: frozenset[str] = frozenset(),
        *,
        total_seconds: float = TOTAL_SECONDS,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._allowed = allowed_hosts
        self._total_seconds = total_seconds
        self._max_answer_bytes = max_answer_bytes
        self._client = httpx.Client(
            timeout=httpx.Timeout(total_seconds, connect=min(CONNECT_SECONDS, total_seconds)),
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=5),
            headers={"Accept": "application/json", "User-Agent": "sancha"},
        )

    def post(self, url: str, body: Mapping[str, object], *, key: str) -> Mapping[str, object]:
        """See `engine.services.Outgoing.post`. Raises `OutgoingRefused` or `OutgoingFailed`."""
        try:
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()
        except (TypeError, ValueError) as error:
            raise OutgoingRefused(f"the body for {_shown(url)} is not JSON: {error}") from None
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return self._exchange("POST", url, content=content, headers=headers)

    def get(self, url: str) -> Mapping[str, object]:
        """See `engine.services.Outgoing.get`. Raises `OutgoingRefused` or `OutgoingFailed`."""
        return self._exchange("GET", url)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _exchange(self, method: str, url: str, **request: Any) -> Mapping[str, object]:
        self._check(url)
        deadline = time.monotonic() + self._total_seconds
        try:
            with self._client.stream(method, url, **request) as response:
                answer = self._read(response, url, deadline)
        except httpx.TimeoutException as error:
            raise OutgoingFailed(f"{_shown(url)} did not answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OutgoingFailed(f"{_shown(url)} cannot be reached: {error}") from error
        if response.is_redirect:
            raise OutgoingFailed(f"{_shown(url)} answered with a redirect, which is not followed", response.status_code)
        if not response.is_success:
            excerpt = answer[:_SHOWN].decode(errors="replace")
            raise OutgoingFailed(f"{_shown(url)} answered {response.status_code}: {excerpt}", response.status_code)
        return _object(answer, url, response.status_code)

    def _read(self, response: httpx.Response, url: str, deadline: float) -> bytes:
        """The whole answer. httpx bounds each read; only this bounds a server that sends a byte at a time."""
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > self._max_answer_bytes:
                raise OutgoingFailed(f"{_shown(url)} answered with more than {self._max_answer_bytes} bytes")
            if time.monotonic() > deadline:
                raise OutgoingFailed(f"{_shown(url)} did not finish its answer in time")
            parts.append(part)
        return b"".join(parts)

    def _check(self, url: str) -> None:
        try:
            parsed = httpx.URL(url)
            host, port = parsed.host.lower(), parsed.port
        except (httpx.InvalidURL, TypeError) as error:
            raise OutgoingRefused(f"{_shown(str(url))} is not an address: {error}") from None
        if parsed.userinfo:
            raise OutgoingRefused(f"{_shown(url)} carries credentials; give them to the handler instead")
        if parsed.scheme not in {"https", "http"} or not host:
            raise OutgoingRefused(f"{_shown(url)} is no https address")
        if parsed.scheme == "http" and not _is_loopback(host):
            raise OutgoingRefused(f"{_shown(url)} is plain http; only this machine may be called without TLS")
        effective = port or (443 if parsed.scheme == "https" else 80)
        written = f"[{host}]" if ":" in host else host
        if written not in self._allowed and f"{written}:{effective}" not in self._allowed:
            raise OutgoingRefused(f"{written}:{effective} is not on the list of hosts that may be called")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _object(answer: bytes, url: str, status: int) -> Mapping[str, object]:
    if not answer.strip():
        return {}
    try:
        value = json.loads(answer, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise OutgoingFailed(f"{_shown(url)} answered {status} without JSON: {error}", status) from error
    if not isinstance(value, dict):
        raise OutgoingFailed(f"{_shown(url)} answered {status} with JSON that is no object", status)
    return value


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return format(value, "f")
        case datetime() | date() | clock_time():
            return value.isoformat()
        case timedelta():
            return f"PT{value.total_seconds():g}S"
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _shown(url: str) -> str:
    """The address without query and credentials: those may be secrets."""
    bare = url.split("?", 1)[0].split("#", 1)[0]
    scheme, separator, rest = bare.partition("://")
    return (scheme + separator + rest.rpartition("@")[2])[:_SHOWN] if separator else bare[:_SHOWN]
