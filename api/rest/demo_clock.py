"""Business time of a demonstration: read it, move it forward. Absent everywhere else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.rest.blueprint import Blueprint, Instant, Strict
from api.transaction import reads, work, writes
from engine.clock import move_clock, read_clock
from engine.errors import InvalidInput
from engine.queries.next_due import next_due
from engine.runtime import Work

HOUR, WORKING_DAY, NEXT_TIMER = "hour", "working-day", "next-timer"

blueprint = Blueprint("demo", __name__, url_prefix="/demo", description="The demonstration's clock")


class ClockSchema(Schema):
    """Business time now."""

    now = Instant(required=True)


class ClockBody(Strict):
    """One of them. ``to``: the instant to move to; it lies ahead of business time. ``by``: an hour, one working day
    (the same clock time on the next one, by the default calendar), or to whatever is due next in the installation.
    """

    to = Instant()
    by = fields.String(validate=validate.OneOf((HOUR, WORKING_DAY, NEXT_TIMER)))

    @validates_schema
    def one(self, data: dict[str, Any], **_: object) -> None:
        """Exactly one of the two."""
        if len(data) != 1:
            raise ValidationError("expected either to or by")


def instant_after(current: Work, by: str) -> datetime:
    """Where business time goes by ``by``; aware, UTC. Raises `InvalidInput` for another word than those three, and
    when nothing is due later.
    """
    if by == HOUR:
        return current.now + timedelta(hours=1)
    if by == WORKING_DAY:
        calendar = current.sancha.working_time.calendar()
        local = current.now.astimezone(calendar.zone_info)
        return calendar.instant(calendar.next_working_day(local.date() + timedelta(days=1)), local.time())
    if by != NEXT_TIMER:
        raise InvalidInput(f"The clock cannot be moved by {by!r}.", {"by": [HOUR, WORKING_DAY, NEXT_TIMER]})
    found = next_due(current)
    if found is None:
        raise InvalidInput("Nothing is due later.", {"by": ["nothing is due later"]})
    return found.due


def move_to(current: Work, to: datetime) -> datetime:
    """Move business time to ``to``, rounded up to the second; returns the new time. Raises `InvalidInput` backward."""
    missing = (to - current.now).total_seconds()
    if missing < 0:
        raise InvalidInput("Business time only moves forward.", {"to": ["lies in the past"]})
    move_clock(current.session, timedelta(seconds=int(missing) + 1))
    current.session.flush()
    return read_clock(current.session).business


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
    to = body["to"] if "to" in body else instant_after(work(), body["by"])
    return {"now": move_to(work(), to)}
