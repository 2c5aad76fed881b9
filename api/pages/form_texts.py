"""The texts that the form in the browser shows, in the page's language; the script itself holds none."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import pgettext


def form_texts() -> dict[str, str]:
    """Key to text; ``{...}`` are filled in by the script."""
    return {
        "required": _("This field is required."),
        "min": _("Must be {min} or more."),
        "max": _("Must be {max} or less."),
        "minLength": _("At least {minLength} characters."),
        "maxLength": _("At most {maxLength} characters."),
        "pattern": _("The format is not right."),
        "notNumber": _("Enter a number."),
        "places": _("At most {places} decimal places."),
        "integer": _("Enter a whole number."),
        "minItems": _("At least {minItems} are needed."),
        "maxItems": _("At most {maxItems} are possible."),
        "step": _("Must be a multiple of {step}."),
        "minutes": _("The time must be a multiple of {minutes} minutes."),
        "notAccepted": _("{name} is of a kind that is not accepted here ({kinds})."),
        "noDocuments": _("No documents yet."),
        "previousPage": _("Previous"),
        "nextPage": _("Next"),
        "openElsewhere": _("Open {host} in a new tab"),
        "notDate": _("Enter a date such as 2026-03-01."),
        "saving": _("Saving …"),
        "saved": _("Draft saved at {time}"),
        "unsaved": _(
            "Not saved: the connection is lost. What you typed stays on this page and is saved when it is back."
        ),
        "restored": _("Your draft of {time} is restored."),
        "draftLost": _("Your draft can no longer be saved here: {reason}"),
        "sending": _("Sending …"),
        "correct": _("Correct the marked fields; nothing you typed is lost."),
        "offline": _("The server does not answer. Nothing was lost: what you typed stays here. Try again in a moment."),
        "failed": _("This did not work: {reason}"),
        "chooseFiles": _("Choose files"),
        "dropFiles": _("or drop them here"),
        "uploading": _("Uploading {name}: {percent} %"),
        "uploaded": _("{name} is uploaded."),
        "uploadsRunning": _("Files are still being uploaded. Send the form when they are there."),
        "uploadFailed": _("{name} was not uploaded: {reason}"),
        "retry": _("Try again"),
        "remove": _("Remove {name}"),
        "noFilesYet": _("Files are attached once the case exists."),
        "select": _("Select"),
        "search": _("Search"),
        "nothingFound": _("Nothing found"),
        "yes": _("Yes"),
        "no": _("No"),
        "addRow": _("Add a row"),
        "removeRow": _("Remove row {number}"),
        # From a million and from a hundred million on; {tenThousands} and {hundredMillions} are what Chinese counts in.
        "amountMedium": pgettext("from a million on", "CNY {millions} m"),
        "amountLarge": pgettext("from a hundred million on", "CNY {millions} m"),
    }
