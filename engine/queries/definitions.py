"""What is deployed: process definitions, their BPMN, and deployments. Not secret: everybody signed in may see it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from engine.access import ADMIN, AUDIT
from engine.errors import Forbidden, NotFound
from engine.ids import is_id
from engine.model.definition import Deployment, ProcessDefinition, Resource
from engine.model.instance import ACTIVE, SUSPENDED, ProcessInstance
from engine.queries.page import Key, Order, Page
from engine.runtime import Work

_BY_KEY = Order("definitions", (Key(ProcessDefinition.key, "text"), Key(ProcessDefinition.version, "number")))
_NEWEST = Order("deployments", (Key(Deployment.number, "number"),), descending=True)


@dataclass(frozen=True, slots=True)
class DefinitionView:
    """One version of a process; ``start_roles`` empty: everybody with a business role may start it."""

    id: str
    key: str
    version: int
    name: str
    digest: str
    kernel: str
    deployment_id: str
    start_form: str | None
    start_roles: tuple[str, ...]
    suspended: bool


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """One act of deploying. ``source``: packaged or manual; ``resources``: names of its files."""

    id: str
    name: str
    source: str
    kernel: str
    deployed_by: str
    deployed_at: datetime
    resources: tuple[str, ...]


_COLUMNS = tuple(getattr(ProcessDefinition, field.name) for field in fields(DefinitionView))
_DEPLOYMENT = (
    *(Deployment.id, Deployment.number, Deployment.name, Deployment.source, Deployment.kernel),
    *(Deployment.deployed_by, Deployment.deployed_at),
)


def definitions(
    work: Work, *, key: str | None = None, latest: bool = True, cursor: str | None = None, limit: int = 50
) -> Page[DefinitionView]:
    """Process definitions by key and version; only the newest version of each if ``latest``. Raises `InvalidInput`."""
    statement = select(*_COLUMNS)
    if key is not None:
        statement = statement.where(ProcessDefinition.key == key)
    if latest:
        other = aliased(ProcessDefinition)
        newest = select(func.max(other.version)).where(other.key == ProcessDefinition.key).scalar_subquery()
        statement = statement.where(ProcessDefinition.version == newest)
    rows = work.session.execute(_BY_KEY.apply(statement, cursor, limit))
    return _BY_KEY.page(rows, limit, _view, lambda row: (row.key, row.version))


def deployed_in(work: Work, deployment_ids: Collection[str]) -> dict[str, tuple[DefinitionView, ...]]:
    """The process versions that each of the deployments brought, by key and version. One statement."""
    found: dict[str, tuple[DefinitionView, ...]] = {}
    statement = select(*_COLUMNS).where(ProcessDefinition.deployment_id.in_(deployment_ids))
    for row in work.session.execute(_BY_KEY.sorted(statement)):
        found[row.deployment_id] = (*found.get(row.deployment_id, ()), _view(row))
    return found


def running_versions(work: Work) -> dict[tuple[str, int], int]:
    """How many instances (cases, and processes they called) run in each version, suspended ones too, by key and
    version. One statement. ADMIN and AUDIT only, because it counts all cases: raises `Forbidden`.
    """
    if not work.principal.sees_every_case:
        raise Forbidden(f"{work.principal.name} may not count the cases of others: this needs {ADMIN} or {AUDIT}.")
    version = (ProcessInstance.definition_key, ProcessInstance.definition_version)
    rows = work.session.execute(
        select(*version, func.count()).where(ProcessInstance.status.in_((ACTIVE, SUSPENDED))).group_by(*version)
    )
    return {(key, number): count for key, number, count in rows}


def definition(work: Work, definition_id: str) -> DefinitionView:
    """Raises `NotFound`."""
    row = None
    if is_id(definition_id):
        row = work.session.execute(select(*_COLUMNS).where(ProcessDefinition.id == definition_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such process definition.", definition=definition_id[:64])
    return _view(row)


def definition_xml(work: Work, definition_id: str) -> bytes:
    """The BPMN file as it was deployed, byte for byte. Raises `NotFound`."""
    body = None
    if is_id(definition_id):
        of = select(ProcessDefinition.resource_id).where(ProcessDefinition.id == definition_id).scalar_subquery()
        body = work.session.scalar(select(Resource.body).where(Resource.id == of))
    if body is None:
        raise NotFound("There is no such process definition.", definition=definition_id[:64])
    return body


def deployments(work: Work, *, cursor: str | None = None, limit: int = 50) -> Page[DeploymentView]:
    """Deployments, newest first. Two statements. Raises `InvalidInput` for a strange cursor."""
    rows = list(work.session.execute(_NEWEST.apply(select(*_DEPLOYMENT), cursor, limit)))
    names = _resources(work, [row.id for row in rows])
    return _NEWEST.page(rows, limit, lambda row: _deployment(row, names), lambda row: (row.number,))


def deployment(work: Work, deployment_id: str) -> DeploymentView:
    """Raises `NotFound`."""
    row = None
    if is_id(deployment_id):
        row = work.session.execute(select(*_DEPLOYMENT).where(Deployment.id == deployment_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such deployment.", deployment=deployment_id[:64])
    return _deployment(row, _resources(work, [row.id]))


def _resources(work: Work, ids: list[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    statement = select(Resource.deployment_id, Resource.name).where(Resource.deployment_id.in_(ids))
    for deployment_id, name in work.session.execute(statement.order_by(Resource.name)):
        names.setdefault(deployment_id, []).append(name)
    return names


def _deployment(row: Any, names: dict[str, list[str]]) -> DeploymentView:
    given = (row.id, row.name, row.source, row.kernel, row.deployed_by, row.deployed_at)
    return DeploymentView(*given, tuple(names.get(row.id, ())))


def _view(row: Any) -> DefinitionView:
    values = {field.name: getattr(row, field.name) for field in fields(DefinitionView)}
    return DefinitionView(**values | {"start_roles": tuple(values["start_roles"])})
