"""Forms of user tasks: form-js files, and the server's check of what people submit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from forms.browser import browser_data, for_browser, form_fields, needed_variables
from forms.definition import FormDefinitionError
from forms.examination import examine_form
from forms.form import FieldError, Form, FormErrors, load_form
from forms.localise import FormHeading, heading, localise
from forms.packaged import packaged_form, packaged_form_ids
from forms.validation import Documents

_read = lru_cache(maxsize=512)(load_form)


def check_form(
    file: bytes,
    data: Mapping[str, object],
    variables: Mapping[str, object],
    now: datetime | None = None,
    documents: Documents | None = None,
) -> dict[str, Any]:
    """What the engine calls to check a submission: (form file, data, visible variables, business time, documents of the
    case by id) -> values.

    Raises `FormErrors`, and `FormDefinitionError` for a file that is not a usable form.
    """
    return _read(file).validate(data, variables, now=now, documents=documents)


__all__ = [
    "FieldError",
    "Form",
    "FormDefinitionError",
    "FormErrors",
    "FormHeading",
    "browser_data",
    "check_form",
    "examine_form",
    "for_browser",
    "form_fields",
    "heading",
    "load_form",
    "localise",
    "needed_variables",
    "packaged_form",
    "packaged_form_ids",
]
