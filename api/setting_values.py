"""How the text of a setting becomes its value.

Each function takes the text and returns the value, or raises ValueError whose message completes the sentence
"expected ..." without repeating the text, because some settings are secrets.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "ofd": "application/ofd",
    "pdf": "application/pdf",
    "png": "image/png",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_UPLOAD_TYPE = re.compile(r"(?P<extension>[a-z0-9]+)(?::(?P<media>[a-z0-9.+-]+/[a-z0-9.+-]+))?", re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
KEY_BYTES = 32


def text(given: str) -> str:
    """Return a text without blanks around it."""
    if not (stripped := given.strip()):
        raise ValueError("a text")
    return stripped


def folder(given: str) -> Path:
    """Return an absolute path; a relative one counts from the working folder."""
    path = Path(text(given)).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError("a folder")
    return path


def existing_file(given: str) -> Path:
    """Return the absolute path of a file that is there."""
    path = Path(text(given)).expanduser().absolute()
    if not path.is_file():
        raise ValueError("a file that exists")
    return path


def yes_or_no(given: str) -> bool:
    """Read a switch; the usual spellings count."""
    match given.strip().lower():
        case "yes" | "true" | "on" | "1":
            return True
        case "no" | "false" | "off" | "0":
            return False
    raise ValueError("yes or no")


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return a reader of whole numbers within limits."""
    wanted = f"a whole number from {least} to {most}" if most is not None else f"a whole number, {least} or more"

    def read(given: str) -> int:
        digits = given.strip()
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
            raise ValueError(wanted)
        number = int(digits)
        if number < least or (most is not None and number > most):
            raise ValueError(wanted)
        return number

    return read


def seconds(least: float) -> Callable[[str], float]:
    """Return a reader of seconds, fractions allowed."""

    def read(given: str) -> float:
        wanted = f"seconds, {least} or more"
        try:
            number = float(given)
        except ValueError:
            raise ValueError(wanted) from None
        if not math.isfinite(number) or number < least:
            raise ValueError(wanted)
        return number

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a reader of one of a few words, in any case."""
    by_folded = {choice.casefold(): choice for choice in choices}

    def read(given: str) -> str:
        try:
            return by_folded[given.strip().casefold()]
        except KeyError:
            raise ValueError("one of " + ", ".join(choices)) from None

    return read


def database_url(given: str) -> str:
    """Return a SQLAlchemy address of a SQLite file or of PostgreSQL through psycopg 3.

    SQLite in memory is refused: each thread would see a database of its own.
    """
    wanted = "sqlite:///file or postgresql://user:password@host/name"
    try:
        url = make_url(given.strip())
    except (ArgumentError, ValueError):
        raise ValueError(wanted) from None
    match url.drivername:
        case "sqlite" | "sqlite+pysqlite" if url.database and url.database != ":memory:":
            return url.render_as_string(hide_password=False)
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    raise ValueError(wanted)


def web_address(given: str) -> str:
    """Return an http or https address without a slash at its end, without query and fragment."""
    wanted = "an address like https://sancha.example.com"
    try:
        parts = urlsplit(given.strip())
        acceptable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        raise ValueError(wanted) from None
    if not acceptable or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(wanted)
    return given.strip().rstrip("/")


def hosts(given: str) -> frozenset[str]:
    """Return host names in lower case, each with its port if one was named."""
    names = _listed(given)
    for name in names:
        match = _HOST.fullmatch(name)
        if match is None or int(match["port"] or 0) > 65535:
            raise ValueError("hosts like rating.example.com or rating.example.com:8443, separated by commas")
    return frozenset(names)


def upload_types(given: str) -> Mapping[str, str]:
    """Return media types by file extension (lower case, without the dot)."""
    found: dict[str, str] = {}
    for item in _listed(given):
        match = _UPLOAD_TYPE.fullmatch(item)
        media = match and (match["media"] or _MEDIA_TYPES.get(match["extension"]))
        if match is None or not media:
            raise ValueError("file extensions, separated by commas, an unusual one with its type (dwg:image/vnd.dwg)")
        found[match["extension"]] = media
    if not found:
        raise ValueError("at least one file extension")
    return MappingProxyType(found)


def key(given: str) -> bytes:
    """Return the 32 bytes of a key from their 64 hexadecimal digits."""
    wanted = f"{KEY_BYTES * 2} hexadecimal digits"
    try:
        found = bytes.fromhex(given.strip())
    except ValueError:
        raise ValueError(wanted) from None
    if len(found) != KEY_BYTES:
        raise ValueError(wanted)
    return found


def _listed(given: str) -> list[str]:
    return [item.strip().lower() for item in given.split(",") if item.strip()]
