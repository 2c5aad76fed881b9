"""Comments: the conversation of a case."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from api.rest.blueprint import Blueprint, Instant, PageQuery, Strict, page_of
from api.transaction import reads, work, writes
from engine.commands.add_comment import add_comment
from engine.queries.comments import comments

blueprint = Blueprint("comments", __name__, url_prefix="/comments", description="The conversation of a case")
AROUND_TEXT = 1_000
"""Blanks that may surround a comment and are cut off: more is refused before it is looked at."""


class CommentSchema(Schema):
    """What somebody said, and when. ``task_id`` and the task's name only when it was said at a task."""

    id = fields.UUID(required=True)
    root_id = fields.UUID(required=True)
    task_id = fields.UUID(required=True, allow_none=True)
    task_name = fields.String(required=True, allow_none=True)
    task_name_en = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    written_by = fields.String(required=True)
    written_at = Instant(required=True)


class CommentQuery(PageQuery):
    """``root_id``: the case."""

    root_id = fields.UUID(required=True)


class CommentBody(Strict):
    """``instance_id``: the case. ``text``: 1 to 4,000 printable characters and line ends. ``task_id``: said at it."""

    instance_id = fields.UUID(required=True)
    task_id = fields.UUID(load_default=None)
    text = fields.String(required=True, validate=validate.Length(1, 4_000 + AROUND_TEXT))


CommentPage = page_of(CommentSchema, "CommentPage")


@blueprint.get("")
@reads
@blueprint.arguments(CommentQuery, location="query")
@blueprint.response(200, CommentPage)
def list_comments(query: dict[str, Any]) -> object:
    """The comments on a case, newest first."""
    return comments(work(), str(query["root_id"]), cursor=query["cursor"], limit=query["limit"])


@blueprint.post("")
@writes
@blueprint.arguments(CommentBody)
@blueprint.response(201, CommentSchema)
def create(body: dict[str, Any]) -> object:
    """Comment on a case one may see and works on."""
    task_id = None if body["task_id"] is None else str(body["task_id"])
    return add_comment(work(), str(body["instance_id"]), body["text"], task_id=task_id)
