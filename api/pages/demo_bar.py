"""The demonstration's clock bar: shows business time and moves it forward. Absent everywhere else."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _

from api.pages.language import local
from api.rest.demo_clock import NEXT_TIMER, instant_after, move_to
from api.transaction import reads, request_work, sancha, work
from engine.access import SYSTEM
from engine.jobs.tick import run_due
from engine.jobs.worker import worker_name
from engine.queries.next_due import NextDue, fired_since, next_due, work_left
from engine.runtime import Sancha

blueprint = Blueprint("demo_bar", __name__)
CLOCK = "clock"
"""The category of the sentence that says what a move did."""
LONGEST_WAIT_SECONDS = 5.0
_PAUSE_SECONDS = 0.05


@blueprint.get("/demo/next")
@reads
def upcoming() -> str:
    """What is due next, as a fragment."""
    return render_template("demo/_next.html", found=next_due(work()))


@blueprint.post("/demo/clock")
def move() -> Response:
    """Move business time, wait until what came due is done, and go back with a sentence that says what happened.

    Whoever is signed in may do so. The move commits before the jobs run, as if the time had passed.
    """
    by = request.form.get("by", "")
    with request_work(write=True) as current:
        met = next_due(current) if by == NEXT_TIMER else None
        if by == NEXT_TIMER and met is None:
            flash(_("Nothing is due later."), CLOCK)
            return _back()
        before = current.now
        reached = move_to(current, instant_after(current, by))
    fired = _settle(sancha(), before)
    flash(_told(reached, fired, met), CLOCK)
    return _back()


@blueprint.app_template_filter("in_full")
def moment_in_full(instant: datetime) -> str:
    """``06-17 18:00`` and the weekday, in the page's language and the house's zone."""
    text: str = format_datetime(instant, "MM-dd HH:mm EEE")
    return text


def _settle(engine: Sancha, before: datetime) -> int:
    """Run what came due, together with the workers there are; how many timers fired since ``before``."""
    until = time.monotonic() + LONGEST_WAIT_SECONDS
    name = worker_name()
    while True:
        run_due(engine, name)
        with engine.work(SYSTEM, write=False) as current:
            if not work_left(current) or time.monotonic() > until:
                return fired_since(current, before + timedelta(microseconds=1))
        time.sleep(_PAUSE_SECONDS)


def _told(reached: datetime, fired: int, met: NextDue | None) -> str:
    sentence: str = ngettext("%(num)d timer fired.", "%(num)d timers fired.", fired)
    moved = _("Moved to %(when)s.", when=moment_in_full(reached))
    told: str = _("%(moved)s %(fired)s", moved=moved, fired=sentence)
    if met is None:
        return told
    step = local(met.name, met.name_en) or met.element
    what = _("Deadline reached: %(step)s", step=step) if met.kind == "task" else _("Timer: %(step)s", step=step)
    return f"{told} {met.business_key} · {what}" if met.business_key else f"{told} {what}"


def _back() -> Response:
    """To the page that the bar was on: an address of this site, nothing else."""
    wanted = request.form.get("next", "/")
    ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return make_response(redirect(wanted if ours else "/", 303))
