"""Cases for administrators: halt one, let it go on, end it from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from api.pages.case_words import STATUS_CHIPS, STATUSES
from api.pages.operations_frame import PAGE_SIZE, administrators_only, changed, choice, cursor, page, text
from api.text import problems_of_text
from api.transaction import reads, work, writes_once
from engine.commands.cancel_instance import cancel_instance
from engine.commands.resume_instance import resume_instance
from engine.commands.suspend_instance import suspend_instance
from engine.errors import InvalidInput
from engine.model.instance import ACTIVE
from engine.queries.audit_search import case_names
from engine.queries.case_list import CaseFilter, CaseRow, case_list
from engine.queries.instances import InstanceView
from engine.queries.model_names import ModelNames

blueprint = Blueprint("page_operations_cases", __name__, url_prefix="/operations/cases")
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as its row shows it. ``started_at`` is aware, UTC."""

    id: str
    business_key: str
    client: str | None
    ref: str
    unit: str
    status: str
    started_at: datetime
    incidents: int = 0


@blueprint.get("")
@reads
def list_cases() -> Response:
    """Cases by status, newest first, found by number or client."""
    administrators_only()
    status, wanted = choice("status", {"all": None, **STATUSES}, ACTIVE), text("text")
    filters = CaseFilter(status=None if status == "all" else status, text=wanted or None)
    found = case_list(work(), filters, cursor=cursor(), limit=PAGE_SIZE)
    lines = [_line(row, standing.incidents) for row, standing in found.items]
    return page("operations/cases.html", "cases", page=found, lines=lines, status=status, text=wanted, **_words())


@blueprint.post("/<instance_id>/suspend")
@writes_once
def suspend(instance_id: str) -> Response:
    """Halt a case."""
    administrators_only()
    return _changed(suspend_instance(work(), instance_id, _reason()))


@blueprint.post("/<instance_id>/resume")
@writes_once
def resume(instance_id: str) -> Response:
    """Let a halted case go on."""
    administrators_only()
    return _changed(resume_instance(work(), instance_id))


@blueprint.post("/<instance_id>/cancel")
@writes_once
def cancel(instance_id: str) -> Response:
    """End a case from outside."""
    administrators_only()
    return _changed(cancel_instance(work(), instance_id, _reason()))


def _reason() -> str:
    """Why, in the person's own words. Raises `InvalidInput`."""
    given = request.form.get("reason", "").strip()
    if not 0 < len(given) <= LONGEST_REASON or problems_of_text(given):
        message = f"Say why, in 1 to {LONGEST_REASON} characters."
        said = str(_("Say why, in 1 to %(most)s characters.", most=LONGEST_REASON))
        raise InvalidInput(message, {"reason": [said]})
    return given


def _changed(case: InstanceView) -> Response:
    def known() -> dict[str, Any]:
        client = case_names(work(), [case.id])[case.id].client
        ref = f"{case.definition_key}:{case.definition_version}"
        line = CaseLine(case.id, case.business_key, client, ref, case.unit, case.status, case.started_at)
        return {"case": line, "changed": True, **_words()}

    return changed("operations/_case_row.html", f"/operations/cases?status={case.status}", known)


def _line(row: CaseRow, incidents: int) -> CaseLine:
    return CaseLine(row.id, row.business_key, row.client_name, row.ref, row.unit, row.status, row.started_at, incidents)


def _words() -> dict[str, Any]:
    return {
        "statuses": STATUSES,
        "chips": STATUS_CHIPS,
        "names": ModelNames.of(work()),
        "longest_reason": LONGEST_REASON,
    }
