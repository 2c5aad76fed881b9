"""The audit trail for compliance and administrators: search it, open an event, see that it is whole, take it along."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template, request, stream_with_context

from api.pages import people_shown
from api.pages.audit_changes import event_refs, place_name, shown
from api.pages.audit_csv import csv_rows
from api.pages.audit_filters import Asked, asked
from api.pages.audit_words import ACTION_GROUPS, FAULTS, action_words
from api.pages.fact_values import name_documents
from api.pages.frame import is_htmx
from api.pages.shown import ZONE
from api.transaction import caller, reads, request_work, sancha, signed_in, work, writes_once
from engine.access import ADMIN, AUDIT
from engine.audit.one_chain import LONGEST, ChainReport, verify_chain
from engine.audit.state import MOST_UNSEALED, chain_state
from engine.commands.export_audit import MOST_ROWS, export_audit
from engine.errors import Forbidden
from engine.ids import is_id
from engine.model.audit import ADMINISTRATION
from engine.queries.audit_events import AuditEventView
from engine.queries.audit_search import audit_event, case_names, earlier_event, search_audit, versions_of
from engine.queries.documents import documents
from engine.queries.model_names import ModelNames
from engine.queries.page import MAX_LIMIT, Page

blueprint = Blueprint("page_audit", __name__, url_prefix="/audit")
PAGE_SIZE = 50
_PERIODS = {"today": 0, "week": 6, "month": 29}
"""Days before today at which a ready-made period begins."""


@blueprint.get("")
@reads
def show() -> Response:
    """The page; for htmx the list, or the next rows, alone."""
    _observers_only()
    wanted = asked(request.args)
    cursor = request.args.get("cursor") or None
    found = search_audit(work(), wanted.search(), cursor=cursor, limit=PAGE_SIZE)
    known = _listed(wanted, found)
    if _asks_for("s-audit-more"):
        return _private(render_template("audit/_rows.html", **known))
    if _asks_for("s-audit-list"):
        response = _private(render_template("audit/_list.html", **known))
        response.headers["HX-Push-Url"] = wanted.address()
        return response
    trail = work().sancha.audit
    state = chain_state(work().session, public_key=trail.public_key, file=trail.checkpoint_file)
    known |= {"state": state, "most_unsealed": MOST_UNSEALED, "faults": FAULTS, "groups": ACTION_GROUPS}
    known |= {"periods": _periods(), "located": _located(state.finding)}
    return _private(render_template("audit/page.html", **known))


@blueprint.get("/events/<stream>/<int:seq>")
@reads
def open_event(stream: str, seq: int) -> Response:
    """What one event was about: inside its row for htmx, else as a page."""
    _observers_only()
    opened = audit_event(work(), stream, seq)
    event = opened.event
    earlier = earlier_event(work(), event) if _has_data(event) else None
    names, refs = ModelNames.of(work()), event_refs(event, versions_of(work(), [stream]))
    people_shown.know((event.actor, event.on_behalf_of))
    if is_id(stream) and _has_data(event):
        name_documents(documents(work(), stream, limit=MAX_LIMIT).items)
    known = {
        "opened": opened,
        "event": event,
        "what": shown(names, refs, event, earlier),
        "place": place_name(names, refs, event.element),
        "words": action_words(event.action),
        "case": case_names(work(), [stream]).get(stream),
        "administration": ADMINISTRATION,
    }
    return _private(render_template("audit/_event.html" if is_htmx() else "audit/event.html", **known))


@blueprint.get("/chains/<stream>/verify")
@signed_in
def verify(stream: str) -> Response:
    """Verify one chain now, reading only; in a transaction of its own, because it wants one snapshot from the start."""
    _observers_only()
    trail = sancha().audit
    with sancha().store.transaction(write=False) as session:
        report: ChainReport = verify_chain(session, stream, public_key=trail.public_key, keys=trail.keys)
    known: dict[str, Any] = {"report": report, "faults": FAULTS, "longest": LONGEST, "administration": ADMINISTRATION}
    with request_work(write=False):
        known["case"] = case_names(work(), [stream]).get(stream)
        return _private(render_template("audit/_verified.html" if is_htmx() else "audit/verified.html", **known))


@blueprint.post("/export")
@writes_once
def export() -> Response:
    """The listed events as CSV. That they leave the house is recorded first, in this transaction."""
    wanted = asked(request.form)
    permitted = export_audit(work(), wanted.search())
    lines = csv_rows(sancha(), work().principal, permitted)
    response = Response(stream_with_context(lines), mimetype="text/csv; charset=utf-8")
    name = f"sancha-audit-{work().now.astimezone(ZONE):%Y%m%d-%H%M%S}.csv"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _observers_only() -> None:
    principal = caller().principal
    if not principal.sees_every_case:
        raise Forbidden(f"{principal.name} may not read the audit trail: this needs the role {AUDIT} or {ADMIN}.")


def _listed(wanted: Asked, found: Page[AuditEventView]) -> dict[str, Any]:
    names, versions = ModelNames.of(work()), versions_of(work(), {event.stream for event in found.items})
    people_shown.know(name for event in found.items for name in (event.actor, event.on_behalf_of))
    return {
        "asked": wanted,
        "page": found,
        "cases": case_names(work(), {event.stream for event in found.items}),
        "places": {
            (event.stream, event.seq): place_name(names, event_refs(event, versions), event.element)
            for event in found.items
        },
        "action_words": action_words,
        "most_rows": MOST_ROWS,
        "administration": ADMINISTRATION,
    }


def _asks_for(target: str) -> bool:
    """Whether htmx asks for that part; when it restores the history it wants the whole page."""
    restoring = request.headers.get("HX-History-Restore-Request") == "true"
    return is_htmx() and not restoring and request.headers.get("HX-Target") == target


def _located(finding: Any) -> Any:
    """The case in which a finding lies, if it lies in one."""
    return case_names(work(), [finding.stream]).get(finding.stream) if finding is not None else None


def _periods() -> dict[str, tuple[str, str]]:
    """Ready-made periods, as first and last day."""
    today = work().now.astimezone(ZONE).date()
    return {name: ((today - timedelta(days=days)).isoformat(), today.isoformat()) for name, days in _PERIODS.items()}


def _has_data(event: AuditEventView) -> bool:
    return isinstance(event.payload, dict) and isinstance(event.payload.get("data"), dict)


def _private(body: str) -> Response:
    response = make_response(body)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "HX-Request, HX-Target"
    return response
