"""Canonical JSON (RFC 8785), the form that is hashed. Decimals, instants and the like are strings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import rfc8785

from engine.execution.payload import readable

_MAX_EXACT = 2**53 - 1


def canonical(value: object) -> bytes:
    """The canonical JSON of ``value`` as UTF-8; what is not plain JSON is made `readable` first.

    Raises ValueError for text that has no UTF-8 form (lone surrogates).
    """
    if _is_simple(value):
        return _dumps(value)
    return rfc8785.dumps(readable(value))


def instant_text(instant: datetime) -> str:
    """An instant as it is hashed: UTC, microseconds, ``Z``; the same whatever the database returned."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def event_hash(
    *,
    stream: str,
    seq: int,
    at: datetime,
    actor: str,
    on_behalf_of: str | None,
    action: str,
    element: str | None,
    definitions: Sequence[str],
    subject: str | None,
    payload_digest: str | None,
    prev_hash: str,
) -> str:
    """The SHA-256 (hex) that makes an event a link of its chain: over the canonical JSON of all its other columns."""
    columns = {
        "action": action,
        "actor": actor,
        "at": instant_text(at),
        "definitions": list(definitions),
        "element": element,
        "on_behalf_of": on_behalf_of,
        "payload_digest": payload_digest,
        "prev_hash": prev_hash,
        "seq": seq,
        "stream": stream,
        "subject": subject,
    }
    return hashlib.sha256(_dumps(columns)).hexdigest()


def _dumps(value: object) -> bytes:
    # Python's own encoder writes RFC 8785 (string escapes, order of keys) for what `_is_simple` lets through, and is
    # eight times as fast; a property test holds the two against each other.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _is_simple(value: object) -> bool:
    """Whether both encoders agree: no floats, no large integers, no keys whose UTF-16 order is another one."""
    match value:
        case None | bool() | str():
            return True
        case int():
            return -_MAX_EXACT <= value <= _MAX_EXACT
        case dict():
            return all(_is_simple_key(name) and _is_simple(item) for name, item in value.items())
        case list():
            return all(map(_is_simple, value))
    return False


def _is_simple_key(name: object) -> bool:
    return type(name) is str and (name.isascii() or max(name) < "\ud800")
