"""Jobs: timers, service calls and messages on their way."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.rest.blueprint import Blueprint, Instant, PageQuery, page_of
from api.rest.task_schemas import NAME, DueDateBody
from api.transaction import reads, work, writes
from engine.commands.change_due_date import change_due_date
from engine.commands.retry_job import execute_job, retry_job
from engine.queries.jobs import JobFilter, job, jobs

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs", description="What happens later or elsewhere")


class JobSchema(Schema):
    """One job. ``due`` is business time; ``attempts`` started of ``max_attempts``."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    root_id = fields.UUID(allow_none=True)
    instance_id = fields.UUID(allow_none=True)
    element = fields.String(required=True)
    topic = fields.String(allow_none=True)
    due = Instant(required=True)
    status = fields.String(required=True)
    suspended = fields.Boolean(required=True)
    attempts = fields.Integer(required=True)
    max_attempts = fields.Integer(required=True)
    last_error = fields.String(allow_none=True)
    lease_owner = fields.String(allow_none=True)
    created_at = Instant(required=True)
    finished_at = Instant(allow_none=True)


class JobQuery(PageQuery):
    """Filters."""

    status = fields.String(load_default=None, validate=NAME)
    kind = fields.String(load_default=None, validate=NAME)
    root_id = fields.UUID(load_default=None)


JobPage = page_of(JobSchema, "JobPage")


@blueprint.get("")
@reads
@blueprint.arguments(JobQuery, location="query")
@blueprint.response(200, JobPage)
def list_jobs(query: dict[str, Any]) -> object:
    """Jobs by due instant."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    if query["root_id"] is not None:
        query["root_id"] = str(query["root_id"])
    return jobs(work(), JobFilter(**query), cursor=cursor, limit=limit)


@blueprint.get("/<job_id>")
@reads
@blueprint.response(200, JobSchema)
def get_job(job_id: str) -> object:
    """One job."""
    return job(work(), job_id)


@blueprint.post("/<job_id>/execute")
@writes
@blueprint.response(200, JobSchema)
def execute(job_id: str) -> object:
    """Make the job due now; the next tick takes it (ADMIN)."""
    return execute_job(work(), job_id)


@blueprint.post("/<job_id>/due-date")
@writes
@blueprint.arguments(DueDateBody)
@blueprint.response(200, JobSchema)
def due_date(body: dict[str, Any], job_id: str) -> object:
    """Move the job's due instant (ADMIN)."""
    return change_due_date(work(), job_id=job_id, due=body["due"])


@blueprint.post("/<job_id>/retries")
@writes
@blueprint.response(200, JobSchema)
def retries(job_id: str) -> object:
    """Give a failed job its attempts back and resolve its incident (ADMIN)."""
    return retry_job(work(), job_id)
