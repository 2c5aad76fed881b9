"""Set a password."""

from __future__ import annotations

from engine.administration import locked_user, record_administration, require_administrator
from engine.commands.change_user import end_access
from engine.errors import NotAuthenticated
from engine.identity import Proof, confirm
from engine.queries.people import UserView, user_view
from engine.runtime import Work


def change_password(
    work: Work, name: str, *, password_hash: str, proof: Proof | None = None, keep_session: str | None = None
) -> UserView:
    """Set the password whose hash (`passwords.hash_password`) is given, and end everything opened with the old one:
    all tokens, and all sessions but ``keep_session`` (a public id).

    One's own needs a ``proof`` of the old one; anybody else's is reset by ADMIN. Raises `Forbidden`, `NotFound`,
    `NotAuthenticated`.
    """
    own = name == work.principal.name
    if own:
        if proof is None or proof.name != name:
            raise NotAuthenticated("Changing one's own password needs the old one.")
        user = confirm(work.session, proof)
    else:
        require_administrator(work, "set other people's passwords")
        user = locked_user(work, name)
    user.password = password_hash
    end_access(work, name, except_session=keep_session if own else None)
    record_administration(work, "password:changed" if own else "password:reset", {"user": name})
    return user_view(work, user)
