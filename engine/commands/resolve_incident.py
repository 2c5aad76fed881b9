"""Try again what stopped, or put it aside where that is impossible."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from engine.access import ADMIN, require
from engine.commands.retry_job import retry_job
from engine.errors import Conflict, InvalidInput, NotFound
from engine.execution.advance import advance_root
from engine.execution.lock import ROOT_SCOPE, Root, lock_root
from engine.execution.payload import check_variables, readable
from engine.execution.record import record
from engine.ids import is_id
from engine.kernel.errors import NotWaiting
from engine.kernel.stimuli import Retry, SetVariables
from engine.model.incident import RESOLVED, Incident
from engine.model.instance import ACTIVE
from engine.queries.incidents import IncidentView, view
from engine.runtime import Work

_STOPPED = ("step", "job")


def resolve_incident(work: Work, incident_id: str, variables: Mapping[str, object] | None = None) -> IncidentView:
    """Try again what the incident stopped, after writing ``variables`` (a correction): a failed step of the process is
    retried in place, a job that used up its attempts gets them back. If it fails again, that is a new incident.

    What ended its case cannot be tried again: resolving it says that somebody has seen to it.

    ADMIN only. Raises `NotFound`, `Forbidden`, `Conflict` with who and when for one that was resolved,
    `InstanceSuspended`, `InvalidInput` (also for a correction of a case that ended).
    """
    require(work.principal, ADMIN, "resolve incidents")
    data = check_variables(variables or {}, work.sancha.limits.variables_bytes)
    root_id = _root_of(work, incident_id)
    root = lock_root(work, root_id, allow_ended=True) if root_id is not None else None
    incident = _locked(work, incident_id)
    if root is None:
        if data:
            raise InvalidInput("This incident belongs to no case: it has no variables.", {"variables": ["no case"]})
        _without_case(work, incident)
    elif root.row.status != ACTIVE:
        if data:
            raise InvalidInput("The case has ended: its data stays as it is.", {"variables": ["the case has ended"]})
        record(work, root, action="incident:acknowledged", element=incident.element, payload=_described(incident))
    elif incident.kind not in _STOPPED or not _retried(work, root, incident, data):
        if data:
            _correct(work, root, data)
        if incident.job_id is not None:
            retry_job(work, incident.job_id)
        record(work, root, action="incident:resolved", element=incident.element, payload=_described(incident))
    incident.status, incident.resolved_at, incident.resolved_by = RESOLVED, work.now, work.principal.name
    return view(incident)


def _root_of(work: Work, incident_id: str) -> str | None:
    found = None
    if is_id(incident_id):
        statement = select(Incident.id, Incident.root_id).where(Incident.id == incident_id)
        found = work.session.execute(statement).one_or_none()
    if found is None:
        raise NotFound("There is no such incident.", incident=incident_id[:64])
    root_id: str | None = found.root_id
    return root_id


def _locked(work: Work, incident_id: str) -> Incident:
    statement = select(Incident).where(Incident.id == incident_id).with_for_update()
    incident = work.session.scalars(statement.execution_options(populate_existing=True)).one()
    if incident.status == RESOLVED:
        who, when = incident.resolved_by, incident.resolved_at
        raise Conflict(f"The incident was resolved by {who}.", who=who, when=when, incident=incident.id)
    return incident


def _retried(work: Work, root: Root, incident: Incident, data: dict[str, object]) -> bool:
    """Whether a token of the process failed there and was tried again."""
    try:
        advance_root(
            work,
            root,
            Retry(incident.handle, data),
            action="incident:resolved",
            element=incident.element,
            payload={**_described(incident), "variables": data},
        )
    except NotWaiting:
        return False
    return True


def _correct(work: Work, root: Root, data: dict[str, object]) -> None:
    payload = {"after": data}
    advance_root(work, root, SetVariables(ROOT_SCOPE, data), action="variables:set", element=None, payload=payload)


def _without_case(work: Work, incident: Incident) -> None:
    if incident.job_id is not None:
        retry_job(work, incident.job_id)
    work.sancha.audit.append_administration(
        work.session,
        at=work.now,
        actor=work.principal.name,
        action="incident:resolved",
        payload=readable(_described(incident)),
        on_behalf_of=work.on_behalf_of,
    )


def _described(incident: Incident) -> dict[str, object]:
    return {
        "incident": incident.id,
        "kind": incident.kind,
        "code": incident.code,
        "message": incident.message,
        "job": incident.job_id,
    }
