"""Roles and units of the house."""

from __future__ import annotations

from typing import Any

from api.rest import people_schemas as schemas
from api.rest.blueprint import Blueprint, PageQuery
from api.transaction import reads, work, writes
from engine.commands.create_role import create_role
from engine.commands.create_unit import create_unit
from engine.queries.people import roles, units

blueprint = Blueprint("organisation", __name__, description="Roles, branches and departments")


@blueprint.get("/roles")
@reads
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, schemas.RolePage)
def list_roles(query: dict[str, Any]) -> object:
    """All roles by id, with those that exclude each other."""
    return roles(work(), **query)


@blueprint.post("/roles")
@writes
@blueprint.arguments(schemas.RoleBody)
@blueprint.response(201, schemas.RoleSchema)
def post_role(body: dict[str, Any]) -> object:
    """Add a role (ADMIN)."""
    return create_role(work(), **body)


@blueprint.get("/units")
@reads
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, schemas.UnitPage)
def list_units(query: dict[str, Any]) -> object:
    """All units by id."""
    return units(work(), **query)


@blueprint.post("/units")
@writes
@blueprint.arguments(schemas.UnitBody)
@blueprint.response(201, schemas.UnitSchema)
def post_unit(body: dict[str, Any]) -> object:
    """Add a unit (ADMIN)."""
    return create_unit(work(), **body)
