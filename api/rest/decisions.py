"""Decisions: their versions, and making one without a case."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from api.rest.blueprint import Blueprint, Instant, PageQuery, Strict, page_of
from api.rest.task_schemas import NAME
from api.transaction import reads, work
from engine.queries.decisions import decide, decisions

blueprint = Blueprint("decisions", __name__, url_prefix="/decisions", description="Decisions and their versions")


class DecisionSchema(Schema):
    """One version of a decision or decision service."""

    id = fields.UUID(required=True)
    key = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    digest = fields.String(required=True)
    deployment_id = fields.UUID(required=True)
    deployed_at = Instant(required=True)
    effective_from = Instant(allow_none=True, required=True)


class DecisionQuery(PageQuery):
    """``key``: only versions of this decision."""

    key = fields.String(load_default=None, validate=NAME)


class EvaluateBody(Strict):
    """``inputs`` by name; dates, times and durations as text. The version that is named, or that of a deployment, or
    the one that counts ``at`` an instant (default: now). ``strict``: fail, as in a process, where DMN says null.
    """

    inputs = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)
    version = fields.Integer(load_default=None, strict=True, validate=validate.Range(1, 2**31 - 1))
    deployment_id = fields.UUID(load_default=None)
    at = Instant(load_default=None)
    strict = fields.Boolean(load_default=False)


class FiredRuleSchema(Schema):
    """A rule that fired: its id, its row from 1, and what it concluded."""

    rule = fields.String(required=True)
    row = fields.Integer(required=True)
    outputs = fields.Raw(required=True, allow_none=True)


class FiredTableSchema(Schema):
    """A decision table that ran: what each column asked, and the rules that fired."""

    table = fields.String(required=True)
    asked = fields.Dict(keys=fields.String(), required=True)
    rules = fields.List(fields.Nested(FiredRuleSchema), required=True)


class DecisionMadeSchema(Schema):
    """A decision on the way: the values it required, its output, and its tables."""

    decision = fields.String(required=True)
    name = fields.String(required=True)
    inputs = fields.Dict(keys=fields.String(), required=True)
    output = fields.Raw(required=True, allow_none=True)
    tables = fields.List(fields.Nested(FiredTableSchema), required=True)


class DecidedSchema(Schema):
    """The result, and why: the rules that fired, every decision on the way, and why values are null."""

    decision = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    deployment_id = fields.UUID(required=True)
    result = fields.Raw(required=True, allow_none=True)
    inputs = fields.Dict(keys=fields.String(), required=True)
    rules = fields.List(fields.String(), required=True)
    trace = fields.List(fields.Nested(DecisionMadeSchema), required=True)
    warnings = fields.List(fields.String(), required=True)


DecisionPage = page_of(DecisionSchema, "DecisionPage")


@blueprint.get("")
@reads
@blueprint.arguments(DecisionQuery, location="query")
@blueprint.response(200, DecisionPage)
def list_decisions(query: dict[str, Any]) -> object:
    """All versions of the decisions, by key and version."""
    return decisions(work(), **query)


@blueprint.post("/<key>/evaluate")
@reads
@blueprint.arguments(EvaluateBody, required=False)
@blueprint.response(200, DecidedSchema)
def evaluate(body: dict[str, Any], key: str) -> object:
    """Make the decision with this id or name, and store nothing."""
    deployment = body["deployment_id"]
    return decide(work(), key=key, **body | {"deployment_id": None if deployment is None else str(deployment)})
