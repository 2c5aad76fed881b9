"""Documents of a case: upload, list, download."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast
from urllib.parse import quote

from flask import Response, current_app
from flask_smorest.fields import Upload
from marshmallow import Schema, fields
from werkzeug.datastructures import FileStorage

from api.rest.blueprint import MULTIPART, Blueprint, Instant, PageQuery, Strict, page_of
from api.transaction import reads, request_work, signed_in, work, writes
from engine.commands.attach_document import attach_document
from engine.documents import DocumentStore
from engine.queries.documents import document, documents
from engine.queries.instances import instance

P = ParamSpec("P")
blueprint = Blueprint("documents", __name__, url_prefix="/documents", description="Files attached to cases")


class DocumentSchema(Schema):
    """A file attached to a case, by whom and when. ``size`` in bytes."""

    id = fields.UUID(required=True)
    root_id = fields.UUID(required=True)
    task_id = fields.UUID(allow_none=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    uploaded_by = fields.String(required=True)
    uploaded_at = Instant(required=True)


class DocumentQuery(PageQuery):
    """``root_id``: the case."""

    root_id = fields.UUID(required=True)


class UploadForm(Strict):
    """``file``: the file. ``instance_id``: the case. ``task_id``: the task it was made for, if any."""

    instance_id = fields.UUID(required=True)
    task_id = fields.UUID(load_default=None)
    file = Upload(required=True)


DocumentPage = page_of(DocumentSchema, "DocumentPage")


def store() -> DocumentStore:
    """The application's document store."""
    return cast(DocumentStore, current_app.extensions["documents"])


@blueprint.get("")
@reads
@blueprint.arguments(DocumentQuery, location="query")
@blueprint.response(200, DocumentPage)
def list_documents(query: dict[str, Any]) -> object:
    """The documents of a case, oldest first."""
    return documents(work(), str(query["root_id"]), cursor=query["cursor"], limit=query["limit"])


def _storing(view: Callable[P, Response]) -> Callable[P, Response]:
    """Puts the file of the form (first argument) into the store before the view's transaction begins, for a case that
    the person may see: checking and writing would hold everybody else up.
    """

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        form = args[0]
        assert isinstance(form, dict)  # noqa: S101 - flask-smorest puts the parsed form first
        with request_work(write=False) as current:
            instance(current, str(form["instance_id"]))
        file: FileStorage = form.pop("file")
        form["stored"] = store().put(file.filename or "", file.stream.read())
        return view(*args, **kwargs)

    return wrapped


@blueprint.post("")
@signed_in
@blueprint.arguments(UploadForm, location=MULTIPART)
@_storing
@writes
@blueprint.response(201, DocumentSchema)
def upload(form: dict[str, Any]) -> object:
    """Attach a file to a case one may see."""
    task_id = None if form["task_id"] is None else str(form["task_id"])
    return attach_document(work(), str(form["instance_id"]), form["stored"], task_id=task_id)


@blueprint.get("/<document_id>")
@reads
@blueprint.response(200, DocumentSchema)
def get_document(document_id: str) -> object:
    """What is known of a document."""
    return document(work(), document_id)


@blueprint.get("/<document_id>/content")
@reads
@blueprint.response(200, content_type="application/octet-stream")
def download(document_id: str) -> Response:
    """The file, byte for byte, to be saved: no browser shows it in a page of ours."""
    found = document(work(), document_id)
    response = Response(store().get(found.sha256), mimetype=found.media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return response
