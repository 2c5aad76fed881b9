"""Business time of a demonstration: read it, move it forward. Absent everywhere else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema

from api.rest.blueprint import Blueprint, Instant, Strict
from api.transaction import reads, work, writes
from engine.clock import move_clock, read_clock
from engine.errors import InvalidInput

blueprint = Blueprint("demo", __name__, url_prefix="/demo", description="The demonstration's clock")


class ClockSchema(Schema):
    """Business time now."""

    now = Instant(required=True)


class ClockBody(Strict):
    """``to``: the instant to move to; it lies ahead of business time."""

    to = Instant(required=True)


@blueprint.get("/clock")
@reads
@blueprint.response(200, ClockSchema)
def get_clock() -> dict[str, datetime]:
    """Business time."""
    return {"now": work().now}


@blueprint.post("/clock")
@writes
@blueprint.arguments(ClockBody)
@blueprint.response(200, ClockSchema)
def post_clock(body: dict[str, Any]) -> dict[str, datetime]:
    """Move business time forward; what comes due runs with the next tick."""
    current = work()
    missing = (body["to"] - current.now).total_seconds()
    if missing < 0:
        raise InvalidInput("Business time only moves forward.", {"to": ["lies in the past"]})
    move_clock(current.session, timedelta(seconds=int(missing) + 1))
    current.session.flush()
    return {"now": read_clock(current.session).business}
