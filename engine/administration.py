"""What the commands on people share: they are the administrator's, and go into the administration chain."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import select

from engine.access import ADMIN, require
from engine.errors import InvalidInput, NotFound
from engine.execution.payload import readable
from engine.model.identity import Role, Unit, User
from engine.runtime import Work

LONGEST = 255
_USER_NAME = re.compile(r"[a-z0-9]+(?:[._@-][a-z0-9]+)*")
_KEY = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
_TAKEN = frozenset({"system", "third-party", "me", "current"})
"""Actors that are no user, and words of the API."""


def require_administrator(work: Work, what: str) -> None:
    """Raises `Forbidden`; ``what`` completes "may not"."""
    require(work.principal, ADMIN, what)


def record_administration(work: Work, action: str, payload: Mapping[str, object]) -> None:
    """Append ``action`` (past tense) to the administration chain; ``payload`` never holds a secret. Call it last: the
    chain's head is locked until the transaction ends.
    """
    work.session.flush()
    work.sancha.audit.append_administration(
        work.session,
        at=work.now,
        actor=work.principal.name,
        action=action,
        payload=readable(payload),
        on_behalf_of=work.on_behalf_of,
    )


def checked_user_name(name: str) -> str:
    """``name`` if it can be a sign-in name: up to 64 small letters, digits and single ``. _ @ -`` between them.

    One spelling only, so that two people never look like one in a list or the audit trail. Raises `InvalidInput`.
    """
    if len(name) > 64 or not _USER_NAME.fullmatch(name) or name in _TAKEN:
        reason = "use up to 64 of a-z, 0-9, and single . _ @ - between them"
        raise InvalidInput(f"{name[:64]!r} cannot be a sign-in name.", {"name": [reason]})
    return name


def checked_key(key: str, field: str) -> str:
    """``key`` if it can name a role or unit. Raises `InvalidInput` for ``field``."""
    if len(key) > 64 or not _KEY.fullmatch(key):
        reason = "use up to 64 letters and digits, and single . _ - between them"
        raise InvalidInput(f"{key[:64]!r} cannot be an identifier.", {field: [reason]})
    return key


def checked_text(text: str, field: str) -> str:
    """``text`` without blanks around it, if something of at most 255 characters is left. Raises `InvalidInput`."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST or not text.isprintable():
        raise InvalidInput(
            f"{field} needs 1 to {LONGEST} printable characters.", {field: ["wrong length or characters"]}
        )
    return text


def locked_user(work: Work, name: str) -> User:
    """The user's row, locked until the transaction ends: changes of one person follow one another. `NotFound`."""
    user = None
    if _USER_NAME.fullmatch(name) and len(name) <= LONGEST:
        user = work.session.get(User, name, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound("There is no such user.", user=name[:64])
    return user


def existing_role(work: Work, role: str) -> Role:
    """Raises `InvalidInput` for a role that is none."""
    found = work.session.get(Role, role) if _KEY.fullmatch(role) else None
    if found is None:
        known = ", ".join(sorted(work.session.scalars(select(Role.id))))
        raise InvalidInput(f"There is no role {role[:64]!r}; there are {known}.", {"role": ["unknown"]})
    return found


def existing_unit(work: Work, unit: str, field: str = "unit") -> Unit:
    """Raises `InvalidInput` for a unit that is none."""
    found = work.session.get(Unit, unit) if _KEY.fullmatch(unit) else None
    if found is None:
        raise InvalidInput(f"There is no unit {unit[:64]!r}.", {field: ["unknown"]})
    return found
