"""Identifiers: UUIDv7 (RFC 9562), ordered by time, made here because Python 3.11 has none."""

from __future__ import annotations

import secrets
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A UUIDv7 as text with hyphens; later calls in this process sort after earlier ones."""
    global _last  # noqa: PLW0603 - one counter per process keeps ids of the same millisecond in order
    with _lock:
        # 48 bits of milliseconds and 12 bits of sub-millisecond time, forced to grow (RFC 9562, section 6.2, method 3).
        stamp = max(time.time_ns() * 4096 // 1_000_000, _last + 1)
        _last = stamp
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def id_of_time_ago(seconds: float) -> str:
    """An id smaller than all that this machine's clock gave within the last ``seconds``."""
    stamp = max(0, time.time_ns() // 1_000_000 - round(seconds * 1_000))
    return str(uuid.UUID(int=stamp << 80 | 0x7 << 76 | 0b10 << 62))


def is_id(text: str) -> bool:
    """Whether ``text`` can be an identifier of ours; others are unknown without asking the database."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
