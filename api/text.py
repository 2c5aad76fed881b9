"""Text that can be stored: no NUL (PostgreSQL has none), no half of a surrogate pair (UTF-8 has none)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.errors import InvalidInput

_IMPOSSIBLE = re.compile("[\x00\ud800-\udfff]")


def problems_of_text(text: str) -> str | None:
    """What makes ``text`` impossible to store, or None."""
    found = _IMPOSSIBLE.search(text)
    if found is None:
        return None
    return "must not contain NUL" if found.group() == "\x00" else "must not contain half of a surrogate pair"


def check_text(value: Any) -> Any:
    """``value`` (JSON) as it is. Raises `InvalidInput` naming the first member with text that cannot be stored."""
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        path, current = stack.pop()
        match current:
            case str():
                if reason := problems_of_text(current):
                    raise InvalidInput("The request has text that cannot be stored.", {path or "body": [reason]})
            case Mapping():
                for key, item in current.items():
                    if reason := problems_of_text(key):
                        named = f"{path}.{ascii(key)[1:-1]}" if path else ascii(key)[1:-1]
                        raise InvalidInput("The request has text that cannot be stored.", {named: [reason]})
                    stack.append((f"{path}.{key}" if path else key, item))
            case list():
                stack.extend((f"{path}.{number}" if path else str(number), item) for number, item in enumerate(current))
    return value
