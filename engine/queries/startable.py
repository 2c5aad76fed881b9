"""The processes that somebody may start, and in which units."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.access import NOT_BUSINESS, Principal
from engine.catalogue import DeployedProcess
from engine.definitions import BoundDefinitions
from engine.drawing import About, about
from engine.errors import Forbidden, NotFound
from engine.execution.start import plain_entry
from engine.model.identity import Unit
from engine.queries.model_names import ModelName
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class Startable:
    """A process somebody may start: its latest version, in one of ``units`` (id, name). ``form`` is its start form
    (form-js JSON), None without one; only read by `startable`.
    """

    key: str
    version: int
    name: ModelName
    about: About
    roles: tuple[str, ...]
    units: tuple[tuple[str, str], ...]
    form: Any = None


def start_units(principal: Principal, roles: Collection[str]) -> frozenset[str]:
    """The units in which ``principal`` may start a process whose start roles are ``roles``; none named: those in which
    they hold any business role.
    """
    return frozenset(unit for role, unit in principal.duties if (role in roles if roles else role not in NOT_BUSINESS))


def startables(work: Work) -> tuple[Startable, ...]:
    """What the principal may start, by key: the latest versions that are neither suspended nor only called by others
    nor started by messages and timers alone. One statement beyond what compiles them.
    """
    definitions = work.sancha.definitions.for_work(work)
    latest = [versions[-1] for versions in definitions.catalogue.processes.by_key.values()]
    found = [
        (row, told)
        for row in sorted(latest, key=lambda row: row.key)
        if start_units(work.principal, row.start_roles) and (told := _offered(definitions, row)) is not None
    ]
    names = _unit_names(work, (unit for row, _ in found for unit in start_units(work.principal, row.start_roles)))
    return tuple(_startable(work.principal, definitions, row, told, names) for row, told in found)


def startable(work: Work, key: str) -> Startable:
    """One of `startables`, with its form. Raises `NotFound` for what is not deployed or not offered, `Forbidden`."""
    definitions = work.sancha.definitions.for_work(work)
    row = definitions.catalogue.processes.latest(key)
    told = None if row is None else _offered(definitions, row)
    if row is None or told is None:
        raise NotFound("There is no such process to start.", definition=key[:64])
    units = start_units(work.principal, row.start_roles)
    if not units:
        needed = " or ".join(row.start_roles) or "a business role"
        raise Forbidden(
            f"{work.principal.name} may not start {key!r}: this needs {needed}.", roles=list(row.start_roles)
        )
    form = None if row.start_form is None else json.loads(definitions.form(row.ref, row.start_form))
    return _startable(work.principal, definitions, row, told, _unit_names(work, units), form)


def _offered(definitions: BoundDefinitions, row: DeployedProcess) -> About | None:
    """What the process says about itself; None when it is not to be offered."""
    definition = definitions.get(row.ref)
    told = definitions.cache.kept(("about", row.digest, row.key), lambda: about(definition.xml, row.key))
    return None if row.suspended or not told.offered or plain_entry(definition) is None else told


def _startable(
    principal: Principal,
    definitions: BoundDefinitions,
    row: DeployedProcess,
    told: About,
    names: dict[str, str],
    form: Any = None,
) -> Startable:
    definition = definitions.get(row.ref)
    units = sorted(start_units(principal, row.start_roles))
    name = ModelName(definition.name or row.key, definition.properties.get("name.en"))
    named = tuple((unit, names.get(unit, unit)) for unit in units)
    return Startable(row.key, row.version, name, told, row.start_roles, named, form)


def _unit_names(work: Work, units: Iterable[str]) -> dict[str, str]:
    rows = work.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(sorted(set(units)))))
    return {row.id: row.name for row in rows}
