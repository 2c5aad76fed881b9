"""What the resources share: the blueprint with exact arguments, instants, and cursor pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Request
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate
from webargs.core import missing
from webargs.flaskparser import FlaskParser, is_json_request
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from api import idempotency
from api.json_format import instant, loads
from api.text import check_text, problems_of_text
from api.transaction import HEADERS, IF_MATCH, sancha
from engine.errors import InvalidInput, TooLarge

MAX_PAGE = 200
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MULTIPART = "multipart"
AROUND_VARIABLES = 50_000
"""Bytes a JSON body may have beside the variables in it."""


_HEADERS_READ = {
    idempotency.HEADER: {
        "in": "header",
        "name": idempotency.HEADER,
        "description": "The same key with the same request has one effect and one answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": idempotency.MAX_LENGTH},
    },
    IF_MATCH: {
        "in": "header",
        "name": IF_MATCH,
        "description": "The ETag that the change is based on; 409 when somebody changed it since.",
        "schema": {"type": "string", "pattern": '^"r[0-9]{1,15}"$'},
    },
}


class ExactParser(FlaskParser):
    """Reads JSON bodies with Decimal numbers; unknown members of a body or query are refused, and so is text that no
    database stores (NUL, half a surrogate pair).
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the base class's own attribute
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": RAISE,
        "query": RAISE,
        MULTIPART: RAISE,
        "headers": EXCLUDE,
    }

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return missing
        if not is_json_request(req):
            raise UnsupportedMediaType("Send the body as application/json.")
        limit = sancha().limits.variables_bytes + AROUND_VARIABLES
        if len(body) > limit:
            raise TooLarge(f"The body has {len(body)} bytes; at most {limit} are accepted here.", limit=limit)
        try:
            return check_text(loads(body))
        except (ValueError, UnicodeDecodeError) as error:
            raise BadRequest(f"The body is not JSON that can be read: {error}.") from None

    def load_querystring(self, req: Request, schema: Any) -> Any:
        """The query; see the class."""
        _check_pairs(req.args.items(multi=True))
        return super().load_querystring(req, schema)

    def load_multipart(self, req: Request, schema: Any) -> Any:
        """Fields and files of a multipart body together."""
        if req.mimetype != "multipart/form-data":
            raise UnsupportedMediaType("Send the body as multipart/form-data.")
        _check_pairs(req.form.items(multi=True))
        _check_pairs((name, file.filename or "") for name, file in req.files.items(multi=True))
        together: CombinedMultiDict[str, Any] = CombinedMultiDict([req.form, req.files])
        return MultiDictProxy(MultiDict(together.items(multi=True)), schema)


ExactParser.__location_map__ = {**FlaskParser.__location_map__, MULTIPART: "load_multipart"}


def _check_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    for name, value in pairs:
        for part in (name, value):
            if found := problems_of_text(part):
                raise InvalidInput("The request has text that cannot be stored.", {ascii(name)[1:-1]: [found]})


class Blueprint(SmorestBlueprint):  # type: ignore[misc]  # flask-smorest publishes no types
    """A flask-smorest blueprint whose arguments are read by `ExactParser`."""

    ARGUMENTS_PARSER = ExactParser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING: Mapping[str, str] = {
        **SmorestBlueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING,
        MULTIPART: "multipart/form-data",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(self._prepare_headers_doc)

    @staticmethod
    def _prepare_headers_doc(doc: dict[str, Any], doc_info: Mapping[str, Any], **_context: Any) -> dict[str, Any]:
        """Name the headers that a view reads (`transaction.writes`, `transaction.conditional`)."""
        for header in doc_info.get(HEADERS, ()):
            doc.setdefault("parameters", []).append(_HEADERS_READ[header])
        return doc


class Instant(fields.AwareDateTime):
    """An instant with its zone, 1900 to 2200; written in UTC with ``Z``."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else instant(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        read = super()._deserialize(value, attr, data, **kwargs)
        try:
            utc = read.astimezone(UTC)
        except OverflowError:
            utc = LATEST
        if not EARLIEST <= utc < LATEST:
            raise ValidationError("Must lie between the years 1900 and 2200.")
        return utc


class PageQuery(Schema):
    """Query of a list: ``cursor`` as the page before gave it, ``limit`` rows."""

    cursor = fields.String(load_default=None, validate=validate.Length(1, 500))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_PAGE))


class Strict(Schema):
    """A body that knows all its members."""

    class Meta:
        """Unknown members are refused."""

        unknown = RAISE


def page_of(item: type[Schema], name: str) -> type[Schema]:
    """The schema of one page: ``items`` and ``next`` (a cursor, null on the last page)."""
    page: type[Schema] = Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next": fields.String(required=True, allow_none=True),
        },
        name=name,
    )
    return page
