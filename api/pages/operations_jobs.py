"""Jobs for administrators: timers, system steps and messages, by what they are doing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response

from api.pages.operations import place
from api.pages.operations_frame import PAGE_SIZE, administrators_only, changed, choice, cursor, page
from api.pages.operations_words import JOB_CHIPS, JOB_KINDS, JOB_OVER, JOB_STATES
from api.transaction import reads, work, writes_once
from engine.commands.retry_job import execute_job, retry_job
from engine.queries.audit_search import case_names
from engine.queries.jobs import DUE, MOST_COUNTED, JobFilter, JobView, job_counts, jobs, state_of, view
from engine.queries.model_names import ModelNames

blueprint = Blueprint("page_operations_jobs", __name__, url_prefix="/operations/jobs")


@blueprint.get("")
@reads
def list_jobs() -> Response:
    """The jobs in one state, by due instant."""
    administrators_only()
    state = choice("state", JOB_STATES, DUE)
    kind = choice("kind", {"": None, **JOB_KINDS}, "") or None
    found = jobs(work(), JobFilter(state=state, kind=kind), cursor=cursor(), limit=PAGE_SIZE)
    known = {"state": state, "kind": kind or "", "counts": job_counts(work()), "most": MOST_COUNTED}
    return page("operations/jobs.html", "jobs", page=found, **known, **_rows(found.items))


@blueprint.post("/<job_id>/retry")
@writes_once
def retry(job_id: str) -> Response:
    """Have a failed job done again from its first attempt."""
    administrators_only()
    return _changed(view(retry_job(work(), job_id)), DUE)


@blueprint.post("/<job_id>/run")
@writes_once
def run(job_id: str) -> Response:
    """Make a waiting job due now."""
    administrators_only()
    return _changed(view(execute_job(work(), job_id)), DUE)


def _changed(job: JobView, state: str) -> Response:
    return changed(
        "operations/_job_row.html",
        f"/operations/jobs?state={state}",
        lambda: {"job": job, "changed": True, **_rows([job])},
    )


def _rows(found: Iterable[JobView]) -> dict[str, Any]:
    """What rows of jobs say beside the jobs themselves."""
    rows = tuple(found)
    cases = case_names(work(), {id_ for row in rows for id_ in (row.root_id, row.instance_id)})
    names = ModelNames.of(work())
    return {
        "cases": cases,
        "places": {row.id: place(names, cases, row.instance_id or row.root_id, row.element) for row in rows},
        "states_of": {row.id: state_of(row, work().now) for row in rows},
        "states": JOB_STATES,
        "over": JOB_OVER,
        "chips": JOB_CHIPS,
        "kinds": JOB_KINDS,
    }
