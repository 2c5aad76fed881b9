"""What went wrong, as a sentence for a person in the page's language, from an error's code and details.

The engine's own messages are English, for programs and logs; a code without a sentence here falls back on them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from api.pages.language import local
from api.pages.people_shown import display_name
from api.pages.shown import ZONE
from engine.errors import EngineError

Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """``what`` happened, to what; ``then``: what to do next."""

    what: str
    then: str = ""

    @property
    def whole(self) -> str:
        """Both, as one text."""
        return " ".join(part for part in (self.what, self.then) if part)


def said(error: EngineError) -> Said:
    """The sentences for ``error``."""
    found = _SENTENCES.get(error.code)
    return found(error.details) if found is not None else Said(error.message)


def _who(details: Details) -> str:
    who = details.get("who")
    return display_name(str(who)) if who else str(_("somebody else"))


def _when(details: Details) -> str:
    when = details.get("when")
    if not when:
        return str(_("a moment ago"))
    return f"{datetime.fromisoformat(str(when)).astimezone(ZONE):%m-%d %H:%M}"


def _by(text: Callable[[str, str], str], then: Callable[[], str]) -> Callable[[Details], Said]:
    return lambda details: Said(text(_who(details), _when(details)), then())


_SENTENCES: Mapping[str, Callable[[Details], Said]] = {
    "not-found": lambda _details: Said(
        _("There is nothing here that you may see."),
        _("It may have ended, or it belongs to another unit. Look for it by its case number."),
    ),
    "forbidden": lambda _details: Said(
        _("Your roles do not allow this."), _("Ask your supervisor or an administrator if this is part of your work.")
    ),
    "excluded-performer": lambda details: Said(
        _(
            "Segregation of duties: %(who)s did “%(task)s” in this case and may not do this as well.",
            who=_who(details),
            task=local(details.get("performed_name"), details.get("performed_name_en")),
        ),
        _("Leave it to a colleague with the same role."),
    ),
    "task-already-claimed": _by(
        lambda who, when: _("%(who)s was faster and took this task at %(when)s.", who=who, when=when),
        lambda: _("Choose another task, or ask them to release it."),
    ),
    "task-already-completed": _by(
        lambda who, when: _("%(who)s completed this task at %(when)s.", who=who, when=when),
        lambda: _("The case has moved on; its history shows how."),
    ),
    "task-cancelled": _by(
        lambda _who, when: _("The case took another way at %(when)s and no longer needs this task.", when=when),
        lambda: _("The case's history shows why."),
    ),
    "task-not-claimed": lambda _details: Said(
        _("Nobody holds this task yet."), _("Claim it first; what you typed is kept.")
    ),
    "stale-revision": _by(
        lambda who, when: _("%(who)s changed this at %(when)s, after you opened it.", who=who, when=when),
        lambda: _("Reload to see the change; what you typed is kept."),
    ),
    "instance-ended": _by(
        lambda who, when: _("This case ended at %(when)s (%(who)s).", who=who, when=when),
        lambda: _("Nothing more can be done in it."),
    ),
    "instance-suspended": _by(
        lambda who, when: _("This case was suspended by %(who)s at %(when)s.", who=who, when=when),
        lambda: _("Nothing moves until an administrator resumes it."),
    ),
    "conflict": _by(
        lambda who, when: _("This was changed by %(who)s at %(when)s.", who=who, when=when),
        lambda: _("Reload the page and look again."),
    ),
    "drawstop": lambda _details: Said(
        _("Drawdowns of this financing are stopped."), _("Risk management lifts the stop when its reason is gone.")
    ),
    "form-refused": lambda _details: Said(
        _("The form is not complete yet."), _("Correct the marked fields; what you typed is kept.")
    ),
    "invalid-input": lambda _details: Said(
        _("Something that was sent cannot be accepted."), _("Correct it and try again.")
    ),
    "too-large": lambda _details: Said(
        _("This is larger than allowed."), _("Send a smaller file, or split it into several.")
    ),
    "not-authenticated": lambda _details: Said(_("You are no longer signed in."), _("Sign in again.")),
    "too-many-attempts": lambda details: Said(
        _("Too many attempts."), _("Wait %(seconds)s seconds and try again.", seconds=details.get("retry_after", 60))
    ),
    "unavailable": lambda _details: Said(
        _("The database is not available now. Nothing was changed."),
        _("Try again in a moment; what you typed is kept."),
    ),
    "idempotency-mismatch": lambda _details: Said(
        _("This was sent before with other content."), _("Reload the page and try again.")
    ),
    "internal-error": lambda _details: Said(
        _("Something went wrong on our side. Nothing was changed."),
        _("Try again; if it happens again, tell the administrator the request number below."),
    ),
}
