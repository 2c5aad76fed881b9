"""Process instances: cases and the instances they called."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from api.rest.blueprint import Blueprint, Instant, PageQuery, Strict, page_of
from api.rest.task_schemas import NAME, VariablesBody
from api.transaction import conditional, etag, expected_revision, reads, work, writes
from engine.commands.cancel_instance import cancel_instance
from engine.commands.resume_instance import resume_instance
from engine.commands.set_variables import set_variables
from engine.commands.suspend_instance import suspend_instance
from engine.queries.instances import InstanceFilter, active_elements, instance, instance_variables, instances
from engine.queries.waits import waits
from processes.registers import case_rows

blueprint = Blueprint("process-instances", __name__, url_prefix="/process-instances", description="Cases")


class InstanceSchema(Schema):
    """A case, or an instance it called (``parent_id`` set). ``revision`` counts the commands on the whole case."""

    id = fields.UUID(required=True)
    root_id = fields.UUID(required=True)
    parent_id = fields.UUID(allow_none=True)
    called_from = fields.String(allow_none=True)
    definition_key = fields.String(required=True)
    definition_version = fields.Integer(required=True)
    business_key = fields.String(required=True)
    client_name = fields.String(allow_none=True)
    unit = fields.String(required=True)
    status = fields.String(required=True)
    started_by = fields.String(required=True)
    started_at = Instant(required=True)
    ended_at = Instant(allow_none=True)
    end_event = fields.String(allow_none=True)
    revision = fields.Integer(required=True)


class InstanceQuery(PageQuery):
    """Filters. ``root_id``: the instances of one case, called ones included."""

    business_key = fields.String(load_default=None, validate=NAME)
    definition_key = fields.String(load_default=None, validate=NAME)
    status = fields.String(load_default=None, validate=NAME)
    root_id = fields.UUID(load_default=None)


class ReasonBody(Strict):
    """``reason``: why, for the audit trail."""

    reason = fields.String(required=True, validate=validate.Length(1, 2000))


class ActivitySchema(Schema):
    """An element where a token waits now."""

    instance_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    element = fields.String(required=True)
    kind = fields.String(required=True)
    entered_at = Instant(required=True)


class ActivitiesSchema(Schema):
    """Where the case stands."""

    items = fields.List(fields.Nested(ActivitySchema), required=True)


class VariablesSchema(Schema):
    """Variables visible in the instance; decimals and instants are strings."""

    variables = fields.Dict(keys=fields.String(), required=True)


class MessageWaitSchema(Schema):
    """A message some element waits for."""

    instance_id = fields.UUID(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    key = fields.String(required=True)
    since = Instant(required=True)


class SignalWaitSchema(Schema):
    """A signal some element listens to."""

    instance_id = fields.UUID(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    since = Instant(required=True)


class JobWaitSchema(Schema):
    """A timer, service call, message or signal on its way; ``due`` is business time."""

    instance_id = fields.UUID(required=True)
    element = fields.String(required=True)
    kind = fields.String(required=True)
    topic = fields.String(allow_none=True)
    due = Instant(required=True)


class WaitsSchema(Schema):
    """What the case waits for besides people."""

    messages = fields.List(fields.Nested(MessageWaitSchema), required=True)
    signals = fields.List(fields.Nested(SignalWaitSchema), required=True)
    jobs = fields.List(fields.Nested(JobWaitSchema), required=True)


class RegistersSchema(Schema):
    """Register rows of the case, by register."""

    rows = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()), required=True)


InstancePage = page_of(InstanceSchema, "InstancePage")


@blueprint.get("")
@reads
@blueprint.arguments(InstanceQuery, location="query")
@blueprint.response(200, InstancePage)
def list_instances(query: dict[str, Any]) -> object:
    """The cases one may see, newest first."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    if query["root_id"] is not None:
        query["root_id"] = str(query["root_id"])
    return instances(work(), InstanceFilter(**query), cursor=cursor, limit=limit)


@blueprint.get("/<instance_id>")
@reads
@blueprint.response(200, InstanceSchema)
def get_instance(instance_id: str) -> object:
    """One case."""
    return _with_etag(instance(work(), instance_id))


@blueprint.get("/<instance_id>/variables")
@reads
@blueprint.response(200, VariablesSchema)
def get_variables(instance_id: str) -> object:
    """The case's data as it stands."""
    return {"variables": instance_variables(work(), instance_id)}


@blueprint.put("/<instance_id>/variables")
@writes
@conditional
@blueprint.arguments(VariablesBody)
@blueprint.response(200, InstanceSchema)
def put_variables(body: dict[str, Any], instance_id: str) -> object:
    """Correct data of a running case (ADMIN); before and after stand in the audit trail."""
    return _with_etag(set_variables(work(), instance_id, body["variables"], revision=expected_revision()))


@blueprint.get("/<instance_id>/activities")
@reads
@blueprint.response(200, ActivitiesSchema)
def get_activities(instance_id: str) -> object:
    """The elements where the case waits now."""
    return {"items": active_elements(work(), instance_id)}


@blueprint.get("/<instance_id>/waits")
@reads
@blueprint.response(200, WaitsSchema)
def get_waits(instance_id: str) -> object:
    """The messages, signals, timers and service calls the case waits for."""
    return waits(work(), instance_id)


@blueprint.get("/<instance_id>/registers")
@reads
@blueprint.response(200, RegistersSchema)
def get_registers(instance_id: str) -> object:
    """What the registers hold of the case: its client, financing, drawdowns and visits."""
    case = instance(work(), instance_id)
    return {"rows": case_rows(work().session, case.business_key)}


@blueprint.post("/<instance_id>/suspend")
@writes
@conditional
@blueprint.arguments(ReasonBody)
@blueprint.response(200, InstanceSchema)
def suspend(body: dict[str, Any], instance_id: str) -> object:
    """Halt the case: no task, timer or message moves it until it is resumed."""
    return _with_etag(suspend_instance(work(), instance_id, body["reason"], revision=expected_revision()))


@blueprint.post("/<instance_id>/resume")
@writes
@conditional
@blueprint.response(200, InstanceSchema)
def resume(instance_id: str) -> object:
    """Let a suspended case go on."""
    return _with_etag(resume_instance(work(), instance_id, revision=expected_revision()))


@blueprint.post("/<instance_id>/cancel")
@writes
@conditional
@blueprint.arguments(ReasonBody)
@blueprint.response(200, InstanceSchema)
def cancel(body: dict[str, Any], instance_id: str) -> object:
    """End the case with everything that is open in it."""
    return _with_etag(cancel_instance(work(), instance_id, body["reason"], revision=expected_revision()))


def _with_etag(found: Any) -> object:
    return found, 200, etag(found.revision)
