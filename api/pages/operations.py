"""Operations for administrators: what stopped, and the processes that run jobs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect
from flask_babel import ngettext

from api.pages import people_shown
from api.pages.audit_changes import place_name
from api.pages.operations_frame import PAGE_SIZE, administrators_only, changed, choice, cursor, page
from api.pages.operations_words import INCIDENT_KINDS, INCIDENT_STATES, WORKER_KINDS
from api.pages.shown import span
from api.transaction import reads, work, writes_once
from engine.commands.resolve_incident import resolve_incident
from engine.queries.audit_search import CaseName, case_names
from engine.queries.incidents import IncidentFilter, IncidentView, incidents
from engine.queries.model_names import ModelNames
from engine.queries.workers import STALE, workers

blueprint = Blueprint("page_operations", __name__, url_prefix="/operations")
_MINUTE = 60


@blueprint.get("")
@reads
def index() -> Any:
    """To what stopped."""
    administrators_only()
    return redirect("/operations/incidents", 303)


@blueprint.get("/incidents")
@reads
def list_incidents() -> Response:
    """What stopped and why."""
    administrators_only()
    status = choice("status", INCIDENT_STATES, "open")
    found = incidents(work(), IncidentFilter(status=status), cursor=cursor(), limit=PAGE_SIZE)
    known = _incident_rows(found.items)
    return page("operations/incidents.html", "incidents", page=found, status=status, states=INCIDENT_STATES, **known)


@blueprint.post("/incidents/<incident_id>/retry")
@writes_once
def retry(incident_id: str) -> Response:
    """Try again what stopped."""
    administrators_only()
    found = resolve_incident(work(), incident_id)
    return changed(
        "operations/_incident_row.html",
        "/operations/incidents",
        lambda: {"incident": found, "changed": True, **_incident_rows([found])},
    )


@blueprint.get("/workers")
@reads
def list_workers() -> Response:
    """The processes that run jobs, and whether they show up."""
    administrators_only()
    known = {"workers": workers(work()), "kinds": WORKER_KINDS, "stale": int(STALE.total_seconds())}
    now = work().raw_now
    return page("operations/workers.html", "workers", ago=lambda seen: _ago(now, seen), **known)


def _ago(now: datetime, seen: datetime) -> str:
    """How long ago, to the second within the first minute: that is what tells a worker that lives."""
    seconds = max(int((now - seen).total_seconds()), 0)
    return str(ngettext("%(num)d s", "%(num)d s", seconds)) if seconds < _MINUTE else span(now - seen)


def _incident_rows(found: Iterable[IncidentView]) -> dict[str, Any]:
    """What rows of incidents say beside the incidents themselves."""
    rows = tuple(found)
    cases = case_names(work(), {id_ for row in rows for id_ in (row.root_id, row.instance_id)})
    people_shown.know(row.resolved_by for row in rows)
    names = ModelNames.of(work())
    places = {row.id: place(names, cases, row.instance_id or row.root_id, row.element) for row in rows}
    return {"cases": cases, "places": places, "kinds": INCIDENT_KINDS}


def place(names: ModelNames, cases: Any, instance_id: str | None, element: str) -> str:
    """The name of ``element`` of an instance, its id when the instance is not known."""
    case: CaseName | None = cases.get(instance_id)
    return element if case is None else place_name(names, (case.ref,), element)
