"""History: the steps of a case, and the audit trail."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.rest.blueprint import Blueprint, Instant, PageQuery, page_of
from api.rest.task_schemas import NAME
from api.transaction import reads, work
from engine.queries.audit_events import AuditFilter, audit_events
from engine.queries.history import StepFilter, steps

blueprint = Blueprint("history", __name__, description="What happened")


class StepSchema(Schema):
    """One visit of one element. ``outcome`` is null while the case is there."""

    root_id = fields.UUID(required=True)
    instance_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    element = fields.String(required=True)
    kind = fields.String(required=True)
    entered_at = Instant(required=True)
    left_at = Instant(allow_none=True)
    outcome = fields.String(allow_none=True)
    actor = fields.String(allow_none=True)


class StepQuery(PageQuery):
    """``root_id``: the case. ``instance_id``: one instance of it."""

    root_id = fields.UUID(required=True)
    instance_id = fields.UUID(load_default=None)
    element = fields.String(load_default=None, validate=NAME)


class AuditEventSchema(Schema):
    """One audited fact with its place in its chain. ``payload`` only for AUDIT."""

    stream = fields.String(required=True)
    seq = fields.Integer(required=True)
    at = Instant(required=True)
    actor = fields.String(required=True)
    on_behalf_of = fields.String(allow_none=True)
    action = fields.String(required=True)
    element = fields.String(allow_none=True)
    definitions = fields.Raw()
    hash = fields.String(required=True)
    prev_hash = fields.String(required=True)
    payload = fields.Raw(allow_none=True)


class AuditQuery(PageQuery):
    """Filters by case (``root_id`` or ``administration`` as ``stream``), person, action and period."""

    stream = fields.String(load_default=None, validate=NAME)
    actor = fields.String(load_default=None, validate=NAME)
    action = fields.String(load_default=None, validate=NAME)
    since = Instant(load_default=None)
    until = Instant(load_default=None)


StepPage = page_of(StepSchema, "StepPage")
AuditPage = page_of(AuditEventSchema, "AuditPage")


@blueprint.get("/history/activities")
@reads
@blueprint.arguments(StepQuery, location="query")
@blueprint.response(200, StepPage)
def list_steps(query: dict[str, Any]) -> object:
    """The steps of a case in order."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    query["root_id"] = str(query["root_id"])
    query["instance_id"] = None if query["instance_id"] is None else str(query["instance_id"])
    return steps(work(), StepFilter(**query), cursor=cursor, limit=limit)


@blueprint.get("/audit/events")
@reads
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditPage)
def list_events(query: dict[str, Any]) -> object:
    """The audit trail of the cases one may see; AUDIT sees all of it, with payloads."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    return audit_events(work(), AuditFilter(**query), cursor=cursor, limit=limit)
