"""The document folder: bytes lie under their SHA-256, written once, never changed, outside any transaction."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from engine.errors import InvalidInput, NotFound, TooLarge

_SIGNATURES: Mapping[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "pptx": (b"PK\x03\x04",),
}
"""How files of a kind begin (their format specifications); kinds without a signature are not looked into."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies in the folder. ``size`` in bytes."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DocumentFolder:
    """``types`` maps allowed file extensions to media types; ``max_bytes`` bounds one file."""

    root: Path
    types: Mapping[str, str]
    max_bytes: int

    def put(self, name: str, content: bytes) -> Stored:
        """Store ``content``; the same content is stored once.

        Raises `TooLarge`, and `InvalidInput` for a kind that is not allowed or bytes that are not of that kind.
        """
        if len(content) > self.max_bytes:
            raise TooLarge(f"{name} has {len(content)} bytes; at most {self.max_bytes} are accepted.")
        media_type = self._media_type(name, content)
        digest = hashlib.sha256(content).hexdigest()
        target = self._path(digest)
        if not target.exists():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(target, content)
        return Stored(name=name, media_type=media_type, size=len(content), sha256=digest)

    def get(self, digest: str) -> bytes:
        """The bytes stored under ``digest``. Raises `NotFound` when they are gone or were changed."""
        try:
            content = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound("The document's content is missing from the folder.") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise NotFound("The document's content was changed in the folder and is not handed out.")
        return content

    def _media_type(self, name: str, content: bytes) -> str:
        plain = PurePath(name).name
        if plain != name or not name.isprintable() or len(name) > 200:
            raise InvalidInput("A document's name is a plain file name of at most 200 printable characters.")
        extension = PurePath(name).suffix.lower().lstrip(".")
        if extension not in self.types:
            allowed = ", ".join(sorted(self.types))
            raise InvalidInput(f"{name} is of a kind that is not accepted. Accepted are: {allowed}.")
        signatures = _SIGNATURES.get(extension)
        if signatures and not content.startswith(signatures):
            raise InvalidInput(f"{name} does not contain what its name says ({extension}).")
        return self.types[extension]

    def _path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest

    @staticmethod
    def _write(target: Path, content: bytes) -> None:
        # Written beside and renamed, so that a crash never leaves half a file under a digest.
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
