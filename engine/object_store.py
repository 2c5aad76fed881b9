"""Documents in a bucket of an S3-compatible store, signed with AWS Signature Version 4 (decision record 0011).

Only three requests are made, all of them path-style: HEAD, PUT and GET of one object.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote, urlsplit

import httpx

from engine.errors import Unavailable

SERVICE = "s3"
_ALGORITHM = "AWS4-HMAC-SHA256"
_SECONDS = 30.0
_CONNECT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of an account that may read and write the bucket."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"


def signature_headers(
    credentials: Credentials,
    method: str,
    url: str,
    content_digest: str,
    at: datetime,
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers that sign a request without query (AWS General Reference, "Signing AWS API requests").

    ``content_digest``: hexadecimal SHA-256 of the body. ``at``: aware. ``headers``: further ones to sign.
    """
    address = urlsplit(url)
    instant = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    signed = {name.lower(): value.strip() for name, value in (headers or {}).items()}
    signed |= {"host": address.netloc, "x-amz-content-sha256": content_digest, "x-amz-date": instant}
    names = ";".join(sorted(signed))
    lines = (f"{name}:{signed[name]}" for name in sorted(signed))
    canonical = "\n".join([method, address.path or "/", "", *lines, "", names, content_digest])
    scope = f"{instant[:8]}/{credentials.region}/{SERVICE}/aws4_request"
    to_sign = "\n".join([_ALGORITHM, instant, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    authorization = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope},SignedHeaders={names},Signature={signature}"
    )
    return {**signed, "authorization": authorization}


def _now() -> datetime:
    return datetime.now(UTC)


class Bucket:
    """A `FileStore` in the bucket at ``address`` (``https://host/bucket/prefix``); safe to share between threads. The
    store's clock must not differ from this machine's by more than a quarter of an hour.
    """

    def __init__(self, address: str, credentials: Credentials, now: Callable[[], datetime] = _now) -> None:
        self._address = address.rstrip("/")
        self._credentials = credentials
        self._now = now
        timeout = httpx.Timeout(_SECONDS, connect=_CONNECT_SECONDS)
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False)

    def has(self, digest: str) -> bool:
        """Whether the object is there."""
        return self._request("HEAD", digest).status_code == HTTPStatus.OK

    def write(self, digest: str, content: bytes) -> None:
        """Objects appear whole or not at all; the store compares the digest that was signed."""
        answer = self._request("PUT", digest, content)
        if answer.status_code not in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT):
            raise Unavailable(f"The document store did not take the file: it answered {answer.status_code}.")

    def read(self, digest: str) -> bytes | None:
        """The object's bytes."""
        answer = self._request("GET", digest)
        return answer.content if answer.status_code == HTTPStatus.OK else None

    def _request(self, method: str, digest: str, content: bytes = b"") -> httpx.Response:
        url = f"{self._address}/{quote(digest[:2])}/{quote(digest)}"
        body_digest = digest if method == "PUT" else hashlib.sha256(content).hexdigest()
        headers = signature_headers(self._credentials, method, url, body_digest, self._now())
        try:
            answer = self._client.request(method, url, headers=headers, content=content if method == "PUT" else None)
        except httpx.HTTPError as problem:
            raise Unavailable(f"The document store cannot be reached: {type(problem).__name__}.") from problem
        if answer.status_code >= HTTPStatus.MULTIPLE_CHOICES and answer.status_code != HTTPStatus.NOT_FOUND:
            raise Unavailable(f"The document store answered {method} with {answer.status_code}.")
        return answer
