"""The schema of problem documents in the OpenAPI document."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields


class ProblemSchema(Schema):
    """RFC 9457 problem document. ``code`` is stable; ``errors`` maps field paths to messages."""

    class Meta:
        """Extension members say more about the case at hand."""

        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.Raw()))
    findings = fields.List(fields.Dict())
