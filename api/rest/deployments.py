"""Deployments: BPMN, DMN and form files that somebody put into force."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate
from werkzeug.datastructures import FileStorage

from api.rest.blueprint import MULTIPART, Blueprint, Instant, PageQuery, Strict, page_of
from api.rest.task_schemas import NAME
from api.transaction import reads, work, writes
from engine.commands.check_deployment import check_deployment
from engine.commands.deploy import deploy
from engine.errors import InvalidInput
from engine.queries.definitions import deployment, deployments

blueprint = Blueprint("deployments", __name__, url_prefix="/deployments", description="Files put into force")


class DeployedDefinitionSchema(Schema):
    """A process, decision or form of the deployment. ``new`` is false when its content was known already."""

    kind = fields.String(required=True)
    key = fields.String(required=True)
    version = fields.Integer(required=True)
    new = fields.Boolean(required=True)


class DeploymentSchema(Schema):
    """A deployment and what it contains."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    source = fields.String(required=True)
    kernel = fields.String(required=True)
    deployed_by = fields.String(required=True)
    deployed_at = Instant(required=True)
    resources = fields.List(fields.String(), required=True)


class DeployedSchema(Schema):
    """The outcome of deploying: definitions, and the check's warnings."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    definitions = fields.List(fields.Nested(DeployedDefinitionSchema), required=True)
    warnings = fields.List(fields.Dict(), required=True)


class FindingSchema(Schema):
    """One remark of the check; ``rule`` is stable. ``line`` and ``column`` count from 1."""

    rule = fields.String(required=True)
    severity = fields.String(required=True, validate=validate.OneOf(["error", "warning"]))
    file = fields.String(required=True)
    line = fields.Integer(required=True)
    column = fields.Integer(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    message = fields.String(required=True)
    advice = fields.String(required=True)


class CheckedSchema(Schema):
    """What deploying the files would say. ``deployable`` is true when none of the findings is an error."""

    deployable = fields.Boolean(required=True)
    errors = fields.Integer(required=True)
    warnings = fields.Integer(required=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)


class DeployForm(Strict):
    """``files``: BPMN, DMN and form files. ``kernel``: what executes the processes (default: the installation's).
    ``effective_from``: from when the decisions count whose files do not say it.
    """

    name = fields.String(required=True, validate=NAME)
    kernel = fields.String(load_default=None, validate=validate.OneOf(["machine", "spiffworkflow"]))
    effective_from = Instant(load_default=None)
    files = fields.List(Upload(), required=True, validate=validate.Length(1, 200))


DeploymentPage = page_of(DeploymentSchema, "DeploymentPage")


@blueprint.get("")
@reads
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, DeploymentPage)
def list_deployments(query: dict[str, Any]) -> object:
    """Deployments, newest first."""
    return deployments(work(), cursor=query["cursor"], limit=query["limit"])


@blueprint.post("")
@writes
@blueprint.arguments(DeployForm, location=MULTIPART)
@blueprint.response(201, DeployedSchema)
def create(form: dict[str, Any]) -> object:
    """Deploy files together, or none of them: errors name file, element, line and column."""
    kernel = form["kernel"] or work().sancha.default_kernel
    files = _read(form["files"])
    return deploy(work(), name=form["name"], files=files, kernel=kernel, effective_from=form["effective_from"])


@blueprint.post("/check")
@reads
@blueprint.arguments(DeployForm, location=MULTIPART)
@blueprint.response(200, CheckedSchema)
def check(form: dict[str, Any]) -> object:
    """Say what deploying these files would say, and store nothing: findings with element, line and column."""
    kernel = form["kernel"] or work().sancha.default_kernel
    return check_deployment(work(), files=_read(form["files"]), kernel=kernel)


@blueprint.get("/<uuid:deployment_id>")
@reads
@blueprint.response(200, DeploymentSchema)
def get_deployment(deployment_id: UUID) -> object:
    """One deployment."""
    return deployment(work(), str(deployment_id))


def _read(uploads: list[FileStorage]) -> dict[str, bytes]:
    content: dict[str, bytes] = {}
    for upload in uploads:
        name = (upload.filename or "").strip()
        if not name:
            raise InvalidInput("Every file of a deployment needs a name.", {"files": ["a file has no name"]})
        if name in content:
            raise InvalidInput(f"Two files are named {name}.", {"files": [f"{name} appears twice"]})
        content[name] = upload.stream.read()
    return content
