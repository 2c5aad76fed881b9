"""Small forms for tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from forms import Form, FormErrors, load_form

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


def form(*components: Mapping[str, Any], **more: Any) -> Form:
    return load_form({"type": "default", "id": "test", "schemaVersion": 19, "components": list(components), **more})


def field(kind: str, key: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": key, **more}


def rows(path: str, *components: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "dynamiclist", "path": path, "components": list(components), **more}


def rule(text: str, zh: str = "不符合", en: str = "broken") -> dict[str, str]:
    return {"validation": text, "validation.message": zh, "validation.message.en": en}


def codes(made: Form, data: Mapping[str, Any], variables: Mapping[str, Any] | None = None) -> dict[str, list[str]]:
    """The complaint codes by field path; empty when the submission is accepted."""
    try:
        made.validate(data, variables or {}, now=NOW)
    except FormErrors as problem:
        found: dict[str, list[str]] = {}
        for error in problem.found:
            found.setdefault(error.path, []).append(error.code)
        return found
    return {}
