"""Schemas of tasks."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from api.rest.blueprint import Instant, PageQuery, Strict, page_of
from engine.execution.search_text import SEARCHED
from engine.queries.inbox_lists import ALL, DUE, DUES, LISTS, SORTS

NAME = validate.Length(1, 255)


class TaskSchema(Schema):
    """One task. Instants are UTC; ``sla`` is ISO 8601 working time; ``role`` within ``unit`` is the candidate group."""

    id = fields.UUID(required=True)
    instance_id = fields.UUID(required=True)
    root_id = fields.UUID(required=True)
    business_key = fields.String(required=True)
    client_name = fields.String(allow_none=True)
    definition_key = fields.String(required=True)
    definition_version = fields.Integer(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    unit = fields.String(required=True)
    assignee = fields.String(allow_none=True)
    status = fields.String(required=True)
    suspended = fields.Boolean(required=True)
    priority = fields.Integer(required=True)
    due = Instant(allow_none=True)
    follow_up = Instant(allow_none=True)
    sla = fields.String(allow_none=True)
    form = fields.String(allow_none=True)
    created_at = Instant(required=True)
    claimed_at = Instant(allow_none=True)
    completed_at = Instant(allow_none=True)
    completed_by = fields.String(allow_none=True)
    on_behalf_of = fields.String(allow_none=True)
    revision = fields.Integer(required=True)


TaskPage = page_of(TaskSchema, "TaskPage")


class TaskQuery(PageQuery):
    """Filters of the inbox. ``show``: mine, groups (what my roles could take), done, or all that I may see.

    ``text`` is found literally in case number, client and task name. ``due``: late, today, week (both with late ones),
    none. ``sort``: due, oldest, newest or priority (the highest first).
    """

    show = fields.String(load_default=ALL, validate=validate.OneOf(LISTS))
    role = fields.String(load_default=None, validate=NAME)
    assignee = fields.String(load_default=None, validate=NAME)
    business_key = fields.String(load_default=None, validate=NAME)
    definition_key = fields.String(load_default=None, validate=NAME)
    element = fields.String(load_default=None, validate=NAME)
    due_before = Instant(load_default=None)
    due_after = Instant(load_default=None)
    text = fields.String(load_default=None, validate=validate.Length(1, SEARCHED))
    due = fields.String(load_default=None, validate=validate.OneOf(DUES))
    sort = fields.String(load_default=DUE, validate=validate.OneOf(SORTS))


class VariablesBody(Strict):
    """``variables``: name to value."""

    variables = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)


class DraftBody(Strict):
    """``data``: the unfinished form as it stands."""

    data = fields.Dict(keys=fields.String(validate=NAME), required=True)


class DraftSchema(Schema):
    """The stored draft of the task, null when there is none."""

    data = fields.Raw(allow_none=True)
    saved_by = fields.String(allow_none=True)
    saved_at = Instant(allow_none=True)


class AssignBody(Strict):
    """``user``: sign-in name of who gets the task."""

    user = fields.String(required=True, validate=NAME)


class DueDateBody(Strict):
    """``due``: an instant with its zone."""

    due = Instant(required=True)


class CompletedSchema(Schema):
    """What completing led to: the case's new revision."""

    id = fields.UUID(required=True)
    root_id = fields.UUID(required=True)
    status = fields.String(required=True)
    completed_by = fields.String(required=True)
    completed_at = Instant(required=True)
    revision = fields.Integer(required=True)
    instance_revision = fields.Integer(required=True)
