"""What decisions are deployed, and making one without a case. Not secret: everybody with a role may ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.catalogue import DeployedFile
from engine.decisions import decisions_made
from engine.definitions import BoundDefinitions
from engine.dmn import DmnError
from engine.dmn.json_values import numbered, plain, typed_inputs
from engine.errors import DecisionNotMade, Forbidden, NotFound
from engine.ids import is_id
from engine.model.definition import DecisionDefinition, Deployment
from engine.queries.page import Key, Order, Page
from engine.runtime import Work

_BY_KEY = Order("decisions", (Key(DecisionDefinition.key, "text"), Key(DecisionDefinition.version, "number")))


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One version of a decision or decision service. ``effective_from``: since when it counts, None for since it was
    deployed.
    """

    id: str
    key: str
    version: int
    name: str
    digest: str
    deployment_id: str
    deployed_at: datetime
    effective_from: datetime | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was made: whole numbers as such, other numbers and all that JSON has no type for as text.

    ``rules``: ids of the rules that fired, in order; ``trace``: every decision on the way (see
    `engine.decisions.decisions_made`); ``warnings``: why values are null.
    """

    decision: str
    name: str
    version: int
    deployment_id: str
    result: object
    inputs: Mapping[str, object]
    rules: tuple[str, ...]
    trace: tuple[object, ...]
    warnings: tuple[str, ...]


def decisions(work: Work, *, key: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[DecisionView]:
    """All versions of all decisions, by key and version. Raises `InvalidInput` for a strange cursor."""
    row = DecisionDefinition
    statement = select(
        *(row.id, row.key, row.version, row.name, row.digest, row.deployment_id, row.effective_from),
        Deployment.deployed_at,
    ).join(Deployment, Deployment.id == row.deployment_id)
    if key is not None:
        statement = statement.where(row.key == key)
    rows = work.session.execute(_BY_KEY.apply(statement, cursor, limit))
    return _BY_KEY.page(rows, limit, _view, lambda found: (found.key, found.version))


def decide(
    work: Work,
    *,
    key: str,
    inputs: Mapping[str, object],
    version: int | None = None,
    deployment_id: str | None = None,
    at: datetime | None = None,
    strict: bool = False,
) -> Decided:
    """Make the decision of this id or name, and store nothing.

    In the version named; or in that of a deployment; else in the one that counts ``at`` an instant (aware, default:
    now), which is also what ``now()`` says. By the standard, or with ``strict`` as processes evaluate. Raises
    `NotFound`, `Forbidden` for who has no role, and `DecisionNotMade`.
    """
    if not work.principal.system and not work.principal.roles:
        raise Forbidden(f"{work.principal.name} has no role, and may make no decisions.")
    definitions = work.sancha.definitions.for_work(work)
    at = at or work.now
    row = _row(definitions, key, version, _deployment(work, deployment_id), at)
    if row is None:
        raise NotFound(f"There is no decision {key!r} here.", decision=key[:255])
    deployed = definitions.deployed(row)
    try:
        given = typed_inputs(deployed.model.target(row.key), inputs)
        result = deployed.model.evaluate(row.key, given, now=at, strict=strict)
    except DmnError as error:
        raise DecisionNotMade(f"The decision cannot be made: {error}", decision=row.key, version=row.version) from error
    return Decided(
        row.key,
        row.name,
        row.version,
        row.deployment_id,
        _json(result.value),
        {name: _json(value) for name, value in result.inputs.items()},
        tuple(match.ref for match in result.rules),
        tuple(_json(dict(made)) for made in decisions_made(result)),
        tuple(str(remark) for remark in result.remarks),
    )


def _json(value: object) -> object:
    return numbered(plain(value))


def _deployment(work: Work, deployment_id: str | None) -> int | None:
    """The number of the deployment. Raises `NotFound`."""
    if deployment_id is None:
        return None
    number = None
    if is_id(deployment_id):
        number = work.session.scalar(select(Deployment.number).where(Deployment.id == deployment_id))
    if number is None:
        raise NotFound("There is no such deployment.", deployment=deployment_id[:64])
    return number


def _row(
    definitions: BoundDefinitions, key: str, version: int | None, deployment: int | None, at: datetime
) -> DeployedFile | None:
    """The version of the decision with this id, or else of the only one with this name."""
    versions = definitions.catalogue.decisions

    def choose(key: str) -> DeployedFile | None:
        if version is not None:
            return versions.version(key, version)
        if deployment is not None:
            found = versions.as_of(key, deployment)
            return found if found is not None and found.deployment <= deployment else None
        return versions.effective(key, at, lambda each: (each.effective_from, each.deployed_at))

    if key in versions.by_key:
        return choose(key)
    return _only(key, choose, list(versions.by_key))


def _only(name: str, choose: Callable[[str], DeployedFile | None], keys: list[str]) -> DeployedFile | None:
    named = [row for key in keys if (row := choose(key)) is not None and row.name == name]
    return named[0] if len(named) == 1 else None


def _view(row: Any) -> DecisionView:
    return DecisionView(
        row.id, row.key, row.version, row.name, row.digest, row.deployment_id, row.deployed_at, row.effective_from
    )
