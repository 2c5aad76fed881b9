"""The text that a search through tasks looks at, kept with each task in the index that lists read.

It begins with the client's name, so that a client who becomes known later replaces only the beginning.
"""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

SEARCHED = 100
"""Characters of each text that a search looks at: an entry of a PostgreSQL index may have 2,704 bytes."""
_BETWEEN = "\x1f"
_FOLD = str.maketrans(ascii_uppercase, ascii_lowercase)


def folded(text: str) -> str:
    """``text`` with the letters A to Z made small; every other character stays, also in its length."""
    return text.translate(_FOLD)


def search_text(client: str | None, business_key: str, name: str, name_en: str | None) -> str:
    """What a search for a task looks at: the beginnings of these, folded."""
    rest = (business_key, name, name_en or "")
    return client_part(client) + _BETWEEN.join(folded(text[:SEARCHED]) for text in rest)


def client_part(client: str | None) -> str:
    """What `search_text` begins with."""
    return folded((client or "")[:SEARCHED]) + _BETWEEN
