"""Add a branch or department."""

from __future__ import annotations

from engine.administration import (
    checked_key,
    checked_text,
    existing_unit,
    record_administration,
    require_administrator,
)
from engine.errors import DuplicateName
from engine.execution.upsert import insert_into
from engine.model.identity import Unit
from engine.queries.people import UnitView
from engine.runtime import Work


def create_unit(work: Work, *, id: str, name: str, parent: str | None = None) -> UnitView:
    """Add a unit, within ``parent`` if given. ADMIN only. Raises `Forbidden`, `InvalidInput`, `DuplicateName`."""
    require_administrator(work, "add units")
    values = {"id": checked_key(id, "id"), "name": checked_text(name, "name"), "parent": parent}
    if parent is not None:
        existing_unit(work, parent, "parent")
    adding = insert_into(work.session, Unit).values(values).on_conflict_do_nothing()
    if work.session.scalar(adding.returning(Unit.id)) is None:
        raise DuplicateName(f"There is a unit {id} already.", unit=id)
    record_administration(work, "unit:created", {"unit": id, "after": values})
    return UnitView(id, str(values["name"]), parent)
