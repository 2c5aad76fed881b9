"""Health (the process answers) and readiness (its database answers and has this version's tables)."""

from __future__ import annotations

from flask import current_app
from marshmallow import Schema, fields
from sqlalchemy.exc import DBAPIError

from api.problems import problem
from api.rest.blueprint import Blueprint
from api.transaction import sancha
from engine import version
from engine.errors import EngineError
from migrations import is_current

blueprint = Blueprint("health", __name__, description="Whether the service runs and can work")


class HealthSchema(Schema):
    """The process answers; ``version`` is the software's."""

    status = fields.String(required=True)
    version = fields.String(required=True)


@blueprint.get("/health")
@blueprint.doc(security=[])
@blueprint.response(200, HealthSchema)
def health() -> dict[str, str]:
    """Whether the process answers."""
    return {"status": "ok", "version": version()}


@blueprint.get("/ready")
@blueprint.doc(security=[])
@blueprint.response(200, HealthSchema)
@blueprint.alt_response(503, description="The database is missing, unreachable or has another version's tables")
def ready() -> object:
    """Whether requests can be served: the database answers and its tables are this version's."""
    try:
        current = is_current(sancha().store.engine)
    except (DBAPIError, EngineError):
        current_app.logger.exception("the database does not answer")
        return problem(503, "unavailable", "The database does not answer.")
    if not current:
        return problem(503, "unavailable", "The database has another version's tables. Run `sancha migrate`.")
    return {"status": "ready", "version": version()}
