"""Incidents: what stopped and why."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from api.rest.blueprint import Blueprint, Instant, PageQuery, page_of
from api.rest.task_schemas import VariablesBody
from api.transaction import reads, work, writes
from engine.commands.resolve_incident import resolve_incident
from engine.queries.incidents import IncidentFilter, incident, incidents

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents", description="What stopped and why")


class IncidentSchema(Schema):
    """``kind``: step (a step of the process failed), job (attempts used up), message (nobody wanted it)."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    root_id = fields.UUID(allow_none=True)
    instance_id = fields.UUID(allow_none=True)
    job_id = fields.UUID(allow_none=True)
    element = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    status = fields.String(required=True)
    created_at = Instant(required=True)
    resolved_at = Instant(allow_none=True)
    resolved_by = fields.String(allow_none=True)


class IncidentQuery(PageQuery):
    """Filters."""

    status = fields.String(load_default="open", validate=validate.OneOf(["open", "resolved"]))
    root_id = fields.UUID(load_default=None)


IncidentPage = page_of(IncidentSchema, "IncidentPage")


@blueprint.get("")
@reads
@blueprint.arguments(IncidentQuery, location="query")
@blueprint.response(200, IncidentPage)
def list_incidents(query: dict[str, Any]) -> object:
    """Incidents of the cases one may see, oldest first."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    if query["root_id"] is not None:
        query["root_id"] = str(query["root_id"])
    return incidents(work(), IncidentFilter(**query), cursor=cursor, limit=limit)


@blueprint.get("/<incident_id>")
@reads
@blueprint.response(200, IncidentSchema)
def get_incident(incident_id: str) -> object:
    """One incident."""
    return incident(work(), incident_id)


@blueprint.post("/<incident_id>/resolve")
@writes
@blueprint.arguments(VariablesBody, required=False)
@blueprint.response(200, IncidentSchema)
def resolve(body: dict[str, Any], incident_id: str) -> object:
    """Try again what stopped, with corrected variables if given; what ended its case is only seen to (ADMIN)."""
    return resolve_incident(work(), incident_id, body["variables"])
