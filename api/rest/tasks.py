"""Tasks: the inbox, one task, and what people do with it."""

from __future__ import annotations

from typing import Any

from api.rest import task_schemas as schemas
from api.rest.blueprint import Blueprint
from api.transaction import conditional, etag, expected_revision, reads, work, writes
from engine.commands.assign_task import assign_task
from engine.commands.change_due_date import change_due_date
from engine.commands.claim_task import claim_task
from engine.commands.complete_task import complete_task
from engine.commands.release_task import release_task
from engine.commands.save_draft import save_draft
from engine.queries.inbox import InboxFilter, inbox
from engine.queries.task import draft_of, form_of, task

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks", description="What people are asked to do")


@blueprint.get("")
@reads
@blueprint.arguments(schemas.TaskQuery, location="query")
@blueprint.response(200, schemas.TaskPage)
def list_tasks(query: dict[str, Any]) -> object:
    """The tasks one may see, earliest due first unless asked otherwise; done ones latest first."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    return inbox(work(), InboxFilter(**query), cursor=cursor, limit=limit)


@blueprint.get("/<task_id>")
@reads
@blueprint.response(200, schemas.TaskSchema)
def get_task(task_id: str) -> object:
    """One task."""
    found = task(work(), task_id)
    return found, 200, etag(found.revision)


@blueprint.get("/<task_id>/form")
@reads
@blueprint.response(200)
def get_form(task_id: str) -> object:
    """The task's form as form-js JSON, in the version that was deployed with its process."""
    return form_of(work(), task_id)


@blueprint.get("/<task_id>/draft")
@reads
@blueprint.response(200, schemas.DraftSchema)
def get_draft(task_id: str) -> object:
    """The unfinished form, as its author left it."""
    return draft_of(work(), task_id)


@blueprint.post("/<task_id>/claim")
@writes
@conditional
@blueprint.response(200, schemas.TaskSchema)
def claim(task_id: str) -> object:
    """Take the task; nobody else can then. Taking one's own again changes nothing."""
    return _with_etag(claim_task(work(), task_id, revision=expected_revision()))


@blueprint.post("/<task_id>/release")
@writes
@conditional
@blueprint.response(200, schemas.TaskSchema)
def release(task_id: str) -> object:
    """Give the task back to its role."""
    return _with_etag(release_task(work(), task_id, revision=expected_revision()))


@blueprint.post("/<task_id>/assign")
@writes
@conditional
@blueprint.arguments(schemas.AssignBody)
@blueprint.response(200, schemas.TaskSchema)
def assign(body: dict[str, Any], task_id: str) -> object:
    """Give the task to a person who may do it."""
    return _with_etag(assign_task(work(), task_id, body["user"], revision=expected_revision()))


@blueprint.put("/<task_id>/draft")
@writes
@conditional
@blueprint.arguments(schemas.DraftBody)
@blueprint.response(200, schemas.TaskSchema)
def put_draft(body: dict[str, Any], task_id: str) -> object:
    """Keep the unfinished form."""
    return _with_etag(save_draft(work(), task_id, body["data"], revision=expected_revision()))


@blueprint.post("/<task_id>/due-date")
@writes
@blueprint.arguments(schemas.DueDateBody)
@blueprint.response(200, schemas.TaskSchema)
def due_date(body: dict[str, Any], task_id: str) -> object:
    """Move the task's due instant."""
    return _with_etag(change_due_date(work(), task_id=task_id, due=body["due"]))


@blueprint.post("/<task_id>/complete")
@writes
@conditional
@blueprint.arguments(schemas.VariablesBody, required=False)
@blueprint.response(200, schemas.CompletedSchema)
def complete(body: dict[str, Any], task_id: str) -> object:
    """Finish the task with the form's data; the case moves on in the same transaction."""
    return _with_etag(complete_task(work(), task_id, body["variables"], revision=expected_revision()))


def _with_etag(found: Any) -> object:
    return found, 200, etag(found.revision)
