"""Uploaded documents: what may be stored, and where the bytes lie.

Bytes lie under their SHA-256, are written once and never changed, outside any transaction. Where they lie is a
`FileStore`: a folder (`Folder`), or a bucket (`engine.object_store.Bucket`).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from engine.errors import InvalidInput, NotFound, TooLarge
from engine.file_types import is_of_type

Screen = Callable[[str, bytes], str | None]
"""(file name, content) -> why the file is not accepted, None when it is. Raises `Unavailable` when it cannot tell."""
_SHOWN = 200


class FileStore(Protocol):
    """Keeps bytes under the hexadecimal SHA-256 that the caller gives."""

    def has(self, digest: str) -> bool:
        """Whether something lies there. Raises `Unavailable`."""

    def write(self, digest: str, content: bytes) -> None:
        """Put it there, whole or not at all. Raises `Unavailable`."""

    def read(self, digest: str) -> bytes | None:
        """What lies there; None for nothing. Raises `Unavailable`."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies in the store. ``size`` in bytes."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DocumentStore:
    """``types`` maps allowed file extensions to media types; ``max_bytes`` bounds a file; ``screen`` may refuse it."""

    files: FileStore
    types: Mapping[str, str]
    max_bytes: int
    screen: Screen | None = None

    def put(self, name: str, content: bytes) -> Stored:
        """Store ``content``; the same content is stored once.

        Raises `TooLarge`, `InvalidInput` for a kind that is not allowed, bytes that are not of that kind and what the
        screen refuses, and `Unavailable`.
        """
        if len(content) > self.max_bytes:
            raise TooLarge(f"{name} has {len(content)} bytes; at most {self.max_bytes} are accepted.")
        media_type = self._media_type(name, content)
        if self.screen is not None and (reason := self.screen(name, content)) is not None:
            raise InvalidInput(f"{name} is not accepted: {reason[:_SHOWN]}")
        digest = hashlib.sha256(content).hexdigest()
        if not self.files.has(digest):
            self.files.write(digest, content)
        return Stored(name=name, media_type=media_type, size=len(content), sha256=digest)

    def get(self, digest: str) -> bytes:
        """The bytes stored under ``digest``. Raises `NotFound` when they are gone or were changed, `Unavailable`."""
        content = self.files.read(digest)
        if content is None:
            raise NotFound("The document's content is missing from the store.")
        if hashlib.sha256(content).hexdigest() != digest:
            raise NotFound("The document's content was changed in the store and is not handed out.")
        return content

    def _media_type(self, name: str, content: bytes) -> str:
        plain = PurePath(name).name
        if plain != name or not name.isprintable() or len(name) > _SHOWN:
            raise InvalidInput("A document's name is a plain file name of at most 200 printable characters.")
        extension = PurePath(name).suffix.lower().lstrip(".")
        if extension not in self.types:
            allowed = ", ".join(sorted(self.types))
            raise InvalidInput(f"{name} is of a kind that is not accepted. Accepted are: {allowed}.")
        if not is_of_type(extension, content):
            raise InvalidInput(f"{name} does not contain what its name says ({extension}).")
        return self.types[extension]


@dataclass(frozen=True, slots=True)
class Folder:
    """A `FileStore` below ``root``, which is made when it is needed."""

    root: Path

    def has(self, digest: str) -> bool:
        """Whether the file is there."""
        return self._path(digest).exists()

    def write(self, digest: str, content: bytes) -> None:
        """Written beside and renamed, so that a crash never leaves half a file under a digest."""
        target = self._path(digest)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)

    def read(self, digest: str) -> bytes | None:
        """The file's bytes."""
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest
