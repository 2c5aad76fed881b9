"""The four secret keys of an installation: from the environment, else from files that are made on first use."""

from __future__ import annotations

import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from api.setting_values import KEY_BYTES, key
from api.settings import Settings, SettingsError, variable

FOLDER = "keys"


@dataclass(frozen=True, slots=True)
class Keys:
    """32 bytes each. They never show in a `repr`.

    `audit` is an Ed25519 seed; `payload` encrypts the keys under which audit payloads lie.
    """

    cookie: bytes = field(repr=False)
    callback: bytes = field(repr=False)
    audit: bytes = field(repr=False)
    payload: bytes = field(repr=False)


def load_keys(settings: Settings) -> Keys:
    """Return the keys; one that is neither set nor stored is made and stored in the home folder, mode 0600.

    Safe when several processes start at once: the first to store a key wins and the others read it.
    Raises SettingsError when a file is damaged, open to other users, or cannot be written.
    """
    return Keys(
        cookie=settings.cookie_key or _stored(settings, "cookie"),
        callback=settings.callback_key or _stored(settings, "callback"),
        audit=settings.audit_key or _stored(settings, "audit"),
        payload=settings.payload_key or _stored(settings, "payload"),
    )


def _stored(settings: Settings, name: str) -> bytes:
    file = settings.home / FOLDER / f"{name}.key"
    named = variable(f"{name}_key")
    try:
        if not file.exists():
            settings.ensure_home()
            _store(file, secrets.token_bytes(KEY_BYTES))
        open_to_others = os.name == "posix" and file.stat().st_mode & 0o077
        written = file.read_text(encoding="ascii", errors="replace")
    except OSError as problem:
        raise SettingsError(f"{named}: cannot use {file}: {problem.strerror}") from None
    if open_to_others:
        raise SettingsError(f"{named}: {file} is open to other users; run chmod 600 on it, or replace the key")
    try:
        return key(written)
    except ValueError as problem:
        raise SettingsError(f"{named}: {file} is damaged: expected {problem}") from None


def _store(file: Path, value: bytes) -> None:
    """Write a key so that nobody ever reads half of it, and so that one that is already there stays."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".new-")  # mkstemp makes it with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(value.hex() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            file.hardlink_to(temporary)  # unlike a rename, a link never replaces a key that another process stored
        except FileExistsError:
            return
    finally:
        Path(temporary).unlink()
