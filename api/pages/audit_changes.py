"""What an event was about, as a page shows it: before and after side by side, form data by its labels, the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from flask import g
from flask_babel import format_decimal
from flask_babel import gettext as _

from api.pages.audit_words import EFFECTS, NAMES
from api.pages.case_words import STATUSES
from api.pages.language import local
from api.pages.people_shown import display_name
from api.pages.shown import ZONE
from engine.errors import EngineError
from engine.queries.audit_events import AuditEventView
from engine.queries.model_names import ModelNames
from forms import FormDefinitionError, load_form
from forms.definition import Field, FieldKind, flat

_SHOWN_APART = frozenset({"before", "after", "data", "effects"})
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_PEOPLE = frozenset({"assignee", "user"})
_read = lru_cache(maxsize=512)(load_form)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One field: ``change`` is added, removed, changed or same; ``before`` and ``after`` as text, None when absent."""

    label: str
    change: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One thing that the step did: in words, where, and its details as text."""

    words: str
    place: str
    details: str


@dataclass(frozen=True, slots=True)
class Shown:
    """``facts``: names and values. ``changes``: fields before and after, ``form``: what they were entered in, if it is
    known. ``earlier``: the event whose form data stand as before.
    """

    facts: tuple[tuple[str, str], ...] = ()
    changes: tuple[ChangeRow, ...] = ()
    form: str = ""
    earlier: AuditEventView | None = None
    effects: tuple[EffectLine, ...] = ()


def shown(names: ModelNames, refs: Sequence[str], event: AuditEventView, earlier: AuditEventView | None) -> Shown:
    """The payload of ``event`` for a page; ``earlier`` is the last one of its kind by the same person, if any, and
    ``refs`` are the process versions in which its elements and forms may be found.
    """
    payload = event.payload
    if not isinstance(payload, Mapping):
        return Shown() if payload is None else Shown(facts=((_("Content"), as_text(payload)),))
    apart = _SHOWN_APART | ({"form"} if isinstance(payload.get("data"), Mapping) else set())
    facts = tuple((name_of(key), member_text(key, value)) for key, value in payload.items() if key not in apart)
    effects = tuple(_effect(names, refs, each) for each in payload.get("effects") or ())
    if isinstance(payload.get("data"), Mapping):
        said = earlier.payload if earlier is not None and isinstance(earlier.payload, Mapping) else {}
        before, form = said.get("data"), str(payload.get("form") or "")
        fields = _fields(names, refs, form)
        changes = _form_changes(fields, before if isinstance(before, Mapping) else None, payload["data"])
        return Shown(facts, tuple(changes), form, earlier if isinstance(before, Mapping) else None, effects)
    return Shown(facts, tuple(_changes(payload)), effects=effects)


def event_refs(event: AuditEventView, versions: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Where the elements of ``event`` may be found: in the versions it names, else in others of its case."""
    return tuple(dict.fromkeys((*event.definitions, *versions.get(event.stream, ()))))


def place_name(names: ModelNames, refs: Sequence[str], element: str | None) -> str:
    """The name of ``element`` of one of the process versions ``refs``, in the page's language; else its id."""
    if element is None:
        return ""
    for ref in refs:
        try:
            known = names.definition(ref).nodes
        except EngineError:
            continue  # what wrote the event knew a version that this database does not have
        if element in known:
            found = names.element(ref, element)
            return local(found.zh, found.en) or element
    return element


def name_of(key: str) -> str:
    """A name of a payload's member in words, if there are any."""
    return str(NAMES.get(key, key))


def member_text(key: str, value: object) -> str:
    """The value of a payload's member: people by name, statuses in words, else `as_text`."""
    if key in _PEOPLE and isinstance(value, str):
        known = display_name(value)
        return value if known == value else f"{known} ({value})"
    if key == "status" and isinstance(value, str):
        return str(STATUSES.get(value, value))
    return as_text(value)


def as_text(value: object) -> str:
    """A value as a person reads it: text as it is, yes and no, lists and objects as lines."""
    match value:
        case None:
            return "–"
        case bool():
            return str(_("yes") if value else _("no"))
        case str() if _INSTANT.fullmatch(value):
            return f"{datetime.fromisoformat(value).astimezone(ZONE):%Y-%m-%d %H:%M:%S}"
        case str():
            return value
        case Mapping() if not value:
            return "–"
        case Mapping():
            return "\n".join(f"{name_of(str(key))}: {_inline(item)}" for key, item in value.items())
        case list() if not value:
            return "–"
        case list():
            return "\n".join(_inline(item) for item in value)
    return str(value)


def _inline(value: object) -> str:
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return as_text(value)


def _changes(payload: Mapping[str, Any]) -> Iterator[ChangeRow]:
    """Before and after of whatever the payload holds of both."""
    if "before" not in payload and "after" not in payload:
        return
    before, after = payload.get("before"), payload.get("after")
    if not isinstance(before, Mapping | None) or not isinstance(after, Mapping | None):
        yield _row(_("Value"), {"": before} if "before" in payload else {}, {"": after}, "")
        return
    known_before, known_after = before or {}, after or {}
    for key in dict.fromkeys((*known_before, *known_after)):
        yield _row(name_of(key), known_before, known_after, key)


def _row(
    label: str, before: Mapping[str, Any], after: Mapping[str, Any], key: str, field: Field | None = None
) -> ChangeRow:
    was = _value(field, key, before[key]) if key in before else None
    now = _value(field, key, after[key]) if key in after else None
    if was == now:
        return ChangeRow(label, "same", was, now)
    return ChangeRow(label, "added" if was is None else "removed" if now is None else "changed", was, now)


def _form_changes(
    fields: Mapping[str, Field], before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> Iterator[ChangeRow]:
    """The form's fields in its order, then what the form does not know; "same" when nothing was said before."""
    known = before or {}
    for key in dict.fromkeys((*(name for name in fields if name in after or name in known), *after, *known)):
        field = fields.get(key)
        label = key if field is None else local(field.label, field.label_en) or key
        row = _row(label, known, after, key, field)
        yield row if before is not None else ChangeRow(label, "same", None, row.after)


def _fields(names: ModelNames, refs: Sequence[str], form: str) -> dict[str, Field]:
    """The fields of the form by key; none when the form is no longer known."""
    for ref in refs if form else ():
        try:
            return {field.key: field for field in flat(_read(names.definitions.form(ref, form)).fields)}
        except (EngineError, FormDefinitionError):
            continue
    return {}


def _value(field: Field | None, key: str, value: object) -> str:
    if field is None:
        return member_text(key, value)
    if field.kind is FieldKind.NUMBER and (number := _number(value)) is not None:
        return str(format_decimal(number, "#,##0.######"))
    if field.options is not None and isinstance(value, str | list):
        labels = {option.value: local(option.label, option.label_en) for option in field.options.values}
        chosen = value if isinstance(value, list) else [value]
        return "\n".join(labels.get(str(each), as_text(each)) for each in chosen) or "–"
    if field.kind is FieldKind.FILES and isinstance(value, list):
        known: Mapping[str, str] = g.get("document_names") or {}
        return "\n".join(known.get(str(each), str(each)) for each in value) or "–"
    inner = {each.key: each for each in flat(field.fields)}
    if field.kind is FieldKind.GROUP and isinstance(value, Mapping):
        return _lines(inner, value)
    if field.kind is FieldKind.ROWS and isinstance(value, list):
        rows = (_lines(inner, row) if isinstance(row, Mapping) else as_text(row) for row in value)
        return "\n\n".join(f"{number}.\n{row}" for number, row in enumerate(rows, 1)) or "–"
    return as_text(value)


def _number(value: object) -> Decimal | None:
    """What a number field holds: payloads keep numbers with a fraction as text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _lines(fields: Mapping[str, Field], row: Mapping[str, Any]) -> str:
    def label(key: str) -> str:
        return local(fields[key].label, fields[key].label_en) or key if key in fields else key

    return "\n".join(f"{label(key)}: {_value(fields.get(key), key, value)}" for key, value in row.items())


def _effect(names: ModelNames, refs: Sequence[str], effect: Mapping[str, Any]) -> EffectLine:
    kind = str(effect.get("type"))
    element = effect.get("element") or effect.get("by")
    place = place_name(names, refs, str(element)) if element else ""
    apart = ("type", "element", "by", "instance", "step", "trace")
    lines = [f"{key}: {_inline(value)}" for key, value in effect.items() if key not in apart]
    lines += _decisions(effect.get("trace"))
    return EffectLine(str(EFFECTS.get(kind, kind)), place, "\n".join(lines))


def _decisions(trace: object) -> Iterator[str]:
    """Why a decision came out as it did: each decision on the way, and the rules of its tables with what they saw."""
    for made in trace if isinstance(trace, list) else ():
        yield f"{made['name']} = {_inline(made['output'])}"
        for table in made["tables"]:
            asked = ", ".join(f"{label} = {_inline(value)}" for label, value in table["asked"].items())
            for rule in table["rules"]:
                yield f"    {rule['rule']} ({rule['row']}): {asked} → {_inline(rule['outputs'])}"
