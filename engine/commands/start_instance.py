"""Start a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.access import Principal
from engine.catalogue import DeployedProcess
from engine.definitions import BoundDefinitions
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.execution.payload import check_variables
from engine.execution.start import check_business_key, open_root, plain_entry
from engine.queries.documents import DocumentView
from engine.queries.instances import InstanceView, view
from engine.queries.startable import start_units
from engine.runtime import Work


def start_instance(
    work: Work,
    *,
    key: str,
    version: int | None = None,
    variables: Mapping[str, object],
    business_key: str | None = None,
    unit: str | None = None,
) -> InstanceView:
    """Start process ``key`` (its latest version unless one is named) and run it until it waits.

    The starter must hold one of the process's start roles (the role of its start event's lane, or its property
    ``startRoles``) in ``unit``; without ``unit`` it is the starter's own unit of that role. A process that names no
    role may be started by everybody with a business role. ``business_key`` default: the next case number.

    Raises `NotFound`, `Forbidden`, `Conflict` for a suspended version, `DuplicateName` for a key that another case has,
    `FormRefused` by the start form, and
    `InvalidInput` for a process without a plain start event, several possible units, or variables nothing can hold.
    """
    definitions = work.sancha.definitions.for_work(work)
    deployed = _find(definitions, key, version)
    case_unit = _unit(work.principal, deployed, unit)
    if deployed.suspended:
        raise Conflict(f"Process {deployed.ref} is suspended: no case of it can be started.", definition=deployed.ref)
    if plain_entry(definitions.get(deployed.ref)) is None:
        raise InvalidInput(f"Process {key!r} does not begin without a message, signal, timer or condition.")
    if business_key is not None:
        check_business_key(work, business_key)
    data = check_variables(variables, work.sancha.limits.variables_bytes)
    if deployed.start_form is not None:
        form = definitions.form(deployed.ref, deployed.start_form)
        data = dict(work.sancha.check_form(form, data, {}, work.now, _no_documents))
    root = open_root(
        work,
        deployed.ref,
        event=None,
        variables=data,
        business_key=business_key,
        unit=case_unit,
        payload={"form": deployed.start_form} if deployed.start_form else {},
    )
    return view(root.row)


def _no_documents(ids: Sequence[str]) -> dict[str, DocumentView]:
    """A case that does not exist yet has none."""
    return {}


def _find(definitions: BoundDefinitions, key: str, version: int | None) -> DeployedProcess:
    processes = definitions.catalogue.processes
    found = processes.latest(key) if version is None else processes.version(key, version)
    if found is None:
        named = f" in version {version}" if version is not None else ""
        raise NotFound(f"Process {key!r} is not deployed{named}.", definition=key)
    return found


def _unit(principal: Principal, deployed: DeployedProcess, unit: str | None) -> str | None:
    """The unit of the new case; None leaves it to the process (only for the engine itself)."""
    if principal.system:
        return unit
    roles = deployed.start_roles
    units = start_units(principal, roles)
    if not units:
        needed = " or ".join(roles) or "a business role"
        raise Forbidden(f"{principal.name} may not start {deployed.key!r}: this needs {needed}.", roles=list(roles))
    if unit is not None:
        if unit not in units:
            raise Forbidden(f"{principal.name} may not start {deployed.key!r} in unit {unit!r}.", unit=unit)
        return unit
    if len(units) > 1:
        text = f"{principal.name} may start {deployed.key!r} in several units: name one of {', '.join(sorted(units))}."
        raise InvalidInput(text, {"unit": sorted(units)})
    return next(iter(units))
