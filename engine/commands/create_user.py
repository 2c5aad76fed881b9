"""Add a user."""

from __future__ import annotations

from engine.administration import checked_text, checked_user_name, record_administration, require_administrator
from engine.errors import DuplicateName
from engine.execution.upsert import insert_into
from engine.model.identity import User
from engine.queries.people import UserView, user_view
from engine.runtime import Work


def create_user(
    work: Work,
    *,
    name: str,
    display_name: str,
    password_hash: str | None = None,
    email: str | None = None,
    language: str | None = None,
) -> UserView:
    """Add a user without roles. ``password_hash`` comes from `passwords.hash_password`; without one nobody signs in
    under this name. ADMIN only.

    Raises `Forbidden`, `InvalidInput`, and `DuplicateName` also for the name of a disabled user: names are never used
    again, because rows and the audit trail refer to them.
    """
    require_administrator(work, "add users")
    values = {
        "name": checked_user_name(name),
        "display_name": checked_text(display_name, "display_name"),
        "email": None if email is None else checked_text(email, "email"),
        "language": None if language is None else checked_text(language, "language"),
        "password": password_hash,
        "disabled": False,
        "created_at": work.now,
    }
    adding = insert_into(work.session, User).values(values).on_conflict_do_nothing()
    if work.session.scalar(adding.returning(User.name)) is None:
        raise DuplicateName(f"The name {name} is taken.", name=name)
    row = work.session.get_one(User, name)
    shown = {key: value for key, value in values.items() if key not in {"password", "created_at"}}
    record_administration(
        work, "user:created", {"user": name, "after": shown, "can_sign_in": password_hash is not None}
    )
    return user_view(work, row)
