"""What the resources share: the blueprint with exact JSON arguments, and cursor pages."""

from __future__ import annotations

from typing import Any

from flask import Request
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import EXCLUDE, RAISE, Schema, fields, validate
from webargs.core import missing
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import BadRequest

from api.json_format import loads

MAX_PAGE = 200


class ExactParser(FlaskParser):
    """Reads JSON bodies with Decimal numbers; unknown members of a body or query are refused."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the base class's own attribute
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": RAISE,
        "query": RAISE,
        "headers": EXCLUDE,
    }

    def _raw_load_json(self, req: Request) -> Any:
        if not is_json_request(req):
            return missing
        body = req.get_data(cache=True)
        if not body:
            return missing
        try:
            return loads(body)
        except (ValueError, UnicodeDecodeError) as error:
            raise BadRequest(f"The body is not JSON that can be read: {error}.") from None


class Blueprint(SmorestBlueprint):  # type: ignore[misc]  # flask-smorest publishes no types
    """A flask-smorest blueprint whose arguments are read by `ExactParser`."""

    ARGUMENTS_PARSER = ExactParser()


class PageQuery(Schema):
    """Query of a list: ``cursor`` as the page before gave it, ``limit`` rows."""

    cursor = fields.String(load_default=None, validate=validate.Length(1, 500))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_PAGE), strict=False)


class Strict(Schema):
    """A body that knows all its members."""

    class Meta:
        """Unknown members are refused."""

        unknown = RAISE


def page_of(item: type[Schema], name: str) -> type[Schema]:
    """The schema of one page: ``items`` and ``next`` (a cursor, null on the last page)."""
    page: type[Schema] = Schema.from_dict(
        {"items": fields.List(fields.Nested(item), required=True), "next": fields.String(allow_none=True)}, name=name
    )
    return page
