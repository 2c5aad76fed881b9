"""Take a role in a unit from a user."""

from __future__ import annotations

from engine.access import ADMIN
from engine.administration import locked_user, record_administration, require_administrator
from engine.errors import Conflict, NotFound
from engine.model.identity import Membership
from engine.queries.people import UserView, user_view
from engine.runtime import Work


def revoke_role(work: Work, name: str, *, role: str, unit: str) -> UserView:
    """Take the role away; it counts from the next request on. ADMIN only, never their own ADMIN.

    Raises `Forbidden`, `Conflict`, and `NotFound` for a user that is none or does not hold the role there.
    """
    require_administrator(work, "revoke roles")
    user = locked_user(work, name)
    row = work.session.get(Membership, (name, role, unit))
    if row is None:
        raise NotFound(f"{name} does not hold {role[:64]} in {unit[:64]}.", user=name)
    if role == ADMIN and name == work.principal.name:
        raise Conflict("Nobody takes ADMIN from themselves: another administrator must.", user=name)
    work.session.delete(row)
    record_administration(work, "role:revoked", {"user": name, "role": role, "unit": unit})
    return user_view(work, user)
