"""Process definitions: versions in force, their BPMN, and starting a case."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from api.rest.blueprint import Blueprint, PageQuery, Strict, page_of
from api.rest.process_instances import InstanceSchema
from api.rest.task_schemas import NAME
from api.transaction import etag, reads, work, writes
from engine.commands.start_instance import start_instance
from engine.errors import InvalidInput
from engine.ids import is_id
from engine.queries.definitions import definition, definition_xml, definitions

blueprint = Blueprint(
    "process-definitions", __name__, url_prefix="/process-definitions", description="Processes and their versions"
)


class DefinitionSchema(Schema):
    """One version of a process."""

    id = fields.UUID(required=True)
    key = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    digest = fields.String(required=True)
    kernel = fields.String(required=True)
    deployment_id = fields.UUID(required=True)
    start_form = fields.String(allow_none=True)
    start_roles = fields.List(fields.String(), required=True)
    suspended = fields.Boolean(required=True)


class DefinitionQuery(PageQuery):
    """``key``: only versions of this process. ``latest``: only the newest version of each."""

    key = fields.String(load_default=None, validate=NAME)
    latest = fields.Boolean(load_default=True)


class StartBody(Strict):
    """``business_key`` (default: the next case number), ``unit`` (default: the starter's), ``variables``."""

    business_key = fields.String(load_default=None, validate=NAME)
    unit = fields.String(load_default=None, validate=NAME)
    version = fields.Integer(load_default=None, strict=True, validate=validate.Range(1, 2**31 - 1))
    variables = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)


DefinitionPage = page_of(DefinitionSchema, "DefinitionPage")


@blueprint.get("")
@reads
@blueprint.arguments(DefinitionQuery, location="query")
@blueprint.response(200, DefinitionPage)
def list_definitions(query: dict[str, Any]) -> object:
    """Process definitions by key and version."""
    return definitions(work(), **query)


@blueprint.get("/<definition_id>")
@reads
@blueprint.response(200, DefinitionSchema)
def get_definition(definition_id: str) -> object:
    """One version of a process."""
    return definition(work(), definition_id)


@blueprint.get("/<definition_id>/xml")
@reads
@blueprint.response(200, content_type="application/xml")
def get_xml(definition_id: str) -> Response:
    """The BPMN file, byte for byte as it was deployed."""
    return Response(definition_xml(work(), definition_id), content_type="application/xml")  # it names its own encoding


@blueprint.post("/<key>/start")
@writes
@blueprint.arguments(StartBody, required=False)
@blueprint.response(201, InstanceSchema)
def start(body: dict[str, Any], key: str) -> object:
    """Start a case of the process with this key (its newest version unless one is named), or of the very version with
    this id.
    """
    if is_id(key):
        named = definition(work(), key)
        if body["version"] not in (None, named.version):
            text = f"The id names version {named.version}."
            raise InvalidInput("The id and the version contradict each other.", {"version": [text]})
        key, body["version"] = named.key, named.version
    found = start_instance(work(), key=key, **body)
    return found, 201, etag(found.revision)
