"""Add a role."""

from __future__ import annotations

from collections.abc import Collection

from engine.administration import (
    checked_key,
    checked_text,
    existing_role,
    record_administration,
    require_administrator,
)
from engine.errors import DuplicateName, InvalidInput
from engine.execution.upsert import insert_into
from engine.model.identity import Role
from engine.queries.people import RoleView, role_view
from engine.runtime import Work


def create_role(work: Work, *, id: str, name: str, name_en: str, exclusive_with: Collection[str] = ()) -> RoleView:
    """Add a role that no user may hold beside those in ``exclusive_with`` (which must exist). ADMIN only.

    Raises `Forbidden`, `InvalidInput`, `DuplicateName`.
    """
    require_administrator(work, "add roles")
    if id in exclusive_with:
        raise InvalidInput("A role cannot exclude itself.", {"exclusive_with": [id[:64]]})
    for other in exclusive_with:
        existing_role(work, other)
    values = {
        "id": checked_key(id, "id"),
        "name": checked_text(name, "name"),
        "name_en": checked_text(name_en, "name_en"),
        "exclusive_with": sorted(set(exclusive_with)),
    }
    adding = insert_into(work.session, Role).values(values).on_conflict_do_nothing()
    if work.session.scalar(adding.returning(Role.id)) is None:
        raise DuplicateName(f"There is a role {id} already.", role=id)
    record_administration(work, "role:created", {"role": id, "after": values})
    return role_view(work, work.session.get_one(Role, id))
