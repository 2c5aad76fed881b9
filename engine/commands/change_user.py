"""Change a user's particulars, or disable and enable them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from engine.administration import checked_text, locked_user, record_administration, require_administrator
from engine.errors import Conflict, InvalidInput
from engine.model.identity import AccessToken, WebSession
from engine.queries.people import UserView, user_view
from engine.runtime import Work

CHANGEABLE = ("display_name", "email", "language", "disabled")


def change_user(work: Work, name: str, changes: Mapping[str, Any]) -> UserView:
    """Set what ``changes`` names (display_name, email, language, disabled); None clears email and language.

    Disabling ends the user's sessions and revokes their tokens in the same transaction; their tasks stay theirs until
    somebody hands them on. ADMIN only, never on themselves for ``disabled``. Raises `Forbidden`, `NotFound`,
    `Conflict`, `InvalidInput`.
    """
    require_administrator(work, "change users")
    user = locked_user(work, name)
    after = {field: _checked(field, value) for field, value in changes.items()}
    before = {field: getattr(user, field) for field in after}
    after = {field: value for field, value in after.items() if before[field] != value}
    if not after:
        return user_view(work, user)
    if after.get("disabled") and name == work.principal.name:
        raise Conflict("Nobody disables themselves: another administrator must.", user=name)
    for field, value in after.items():
        setattr(user, field, value)
    if after.get("disabled"):
        end_access(work, name)
    changed = {"user": name, "before": {field: before[field] for field in after}, "after": after}
    record_administration(work, _action(after), changed)
    return user_view(work, user)


def end_access(work: Work, name: str, *, except_session: str | None = None) -> None:
    """End all sessions (but the one with this public id) and revoke all tokens of a user. Two statements."""
    sessions = update(WebSession).where(WebSession.user == name, WebSession.ended_at.is_(None))
    if except_session is not None:
        sessions = sessions.where(WebSession.public_id != except_session)
    work.session.execute(sessions.values(ended_at=work.raw_now))
    tokens = update(AccessToken).where(AccessToken.user == name, AccessToken.revoked_at.is_(None))
    work.session.execute(tokens.values(revoked_at=work.raw_now))


def _action(after: Mapping[str, Any]) -> str:
    if "disabled" in after:
        return "user:disabled" if after["disabled"] else "user:enabled"
    return "user:changed"


def _checked(field: str, value: Any) -> Any:
    if field not in CHANGEABLE:
        raise InvalidInput(f"{field[:64]!r} cannot be changed.", {field[:64]: ["unknown"]})
    if field == "disabled":
        if not isinstance(value, bool):
            raise InvalidInput("disabled is true or false.", {"disabled": ["not a boolean"]})
        return value
    if value is None and field != "display_name":
        return None
    if not isinstance(value, str):
        raise InvalidInput(f"{field} is a text.", {field: ["not a text"]})
    return checked_text(value, field)
