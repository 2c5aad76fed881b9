"""Signals from programs of the house, and conditions that start instances."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.rest.blueprint import Blueprint, Strict
from api.rest.process_instances import InstanceSchema
from api.rest.task_schemas import NAME
from api.transaction import work, writes
from engine.commands.evaluate_conditions import evaluate_conditions
from engine.commands.throw_signal import throw_signal

blueprint = Blueprint("signals", __name__, description="Signals and conditions")


class SignalBody(Strict):
    """A signal by name; ``variables`` is what it carries."""

    name = fields.String(required=True, validate=NAME)
    variables = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)


class ThrownSchema(Schema):
    """``signal``: the job that spreads it; ``instances``: how many cases listened to it, ``starts``: how many start
    events. Each hears it in a transaction of its own, within seconds; a suspended case when it is resumed.
    """

    signal = fields.UUID(required=True)
    instances = fields.Integer(required=True)
    starts = fields.Integer(required=True)


class ConditionsBody(Strict):
    """``variables``: what the conditions look at and the instances start with; ``business_key``: of the one that
    starts, a case number by default.
    """

    variables = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)
    business_key = fields.String(load_default=None, allow_none=True, validate=NAME)


class StartedSchema(Schema):
    """The instances that started; none when no condition was true."""

    items = fields.List(fields.Nested(InstanceSchema), required=True)


@blueprint.post("/signals")
@writes
@blueprint.arguments(SignalBody)
@blueprint.response(202, ThrownSchema)
def throw(body: dict[str, Any]) -> object:
    """Throw a signal at every case that listens to it, and at signal start events (ADMIN)."""
    return throw_signal(work(), body["name"], body["variables"])


@blueprint.post("/conditions")
@writes
@blueprint.arguments(ConditionsBody)
@blueprint.response(200, StartedSchema)
def evaluate(body: dict[str, Any]) -> object:
    """Start every process with a conditional start event whose condition the variables make true (ADMIN)."""
    return {"items": evaluate_conditions(work(), body["variables"], business_key=body["business_key"])}
