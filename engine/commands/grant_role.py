"""Give a user a role in a unit."""

from __future__ import annotations

from sqlalchemy import select

from engine.administration import (
    existing_role,
    existing_unit,
    locked_user,
    record_administration,
    require_administrator,
)
from engine.errors import Conflict
from engine.model.identity import Membership
from engine.queries.people import UserView, exclusions, user_view
from engine.runtime import Work


def grant_role(work: Work, name: str, *, role: str, unit: str) -> UserView:
    """Let ``name`` hold ``role`` in ``unit``; holding it already changes nothing. ADMIN only.

    Roles that exclude each other are never held by one user, in whatever units (segregation of duties); the user's row
    is locked, so that two grants at once cannot slip past. Raises `Forbidden`, `NotFound` (user), `InvalidInput` (role,
    unit) and `Conflict` naming the role that stands against it.
    """
    require_administrator(work, "grant roles")
    user = locked_user(work, name)
    existing_role(work, role)
    existing_unit(work, unit)
    rows = work.session.execute(select(Membership.role, Membership.unit).where(Membership.user == name))
    held = {(held_role, where) for held_role, where in rows}
    if (role, unit) in held:
        return user_view(work, user)
    against = sorted(exclusions(work)[role] & {other for other, _ in held})
    if against:
        raise Conflict(f"{name} holds {against[0]}, which {role} excludes.", role=role, excluded_by=against)
    work.session.add(Membership(user=name, role=role, unit=unit))
    record_administration(work, "role:granted", {"user": name, "role": role, "unit": unit})
    return user_view(work, user)
