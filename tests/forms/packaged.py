"""Checks submissions against packaged forms in tests."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from engine.ids import new_id
from forms import load_form, packaged_form
from tests.forms.build import codes

DOC = [new_id(), new_id(), new_id()]
M = 1_000_000


def wrong(form_id: str, data: Mapping[str, Any], variables: Mapping[str, Any] | None = None) -> dict[str, list[str]]:
    """The complaint codes by field path."""
    return codes(load_form(packaged_form(form_id)), data, variables)


def changed(data: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy with other values."""
    return {**deepcopy(dict(data)), **changes}
