"""Reads form-js JSON. What the server could not check is refused here, not ignored later; every problem is told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from forms import attributes
from forms.attributes import Component, Json, Notes
from forms.definition import Field, FieldKind, FormDefinitionError, Problem, Rule, flat, gathered

NEWEST_SCHEMA = 19
MAX_BYTES = 1_000_000
_MAX_DEPTH = 8
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
VIEWS = frozenset({"text", "html", "image", "spacer", "separator", "table", "button", "iframe", "documentPreview"})
"""Components that show and hold nothing."""
KINDS = {
    "textfield": FieldKind.TEXT,
    "textarea": FieldKind.TEXT,
    "number": FieldKind.NUMBER,
    "checkbox": FieldKind.FLAG,
    "radio": FieldKind.CHOICE,
    "select": FieldKind.CHOICE,
    "checklist": FieldKind.CHOICES,
    "taglist": FieldKind.CHOICES,
    "filepicker": FieldKind.FILES,
    "expression": FieldKind.COMPUTED,
    "group": FieldKind.GROUP,
    "dynamiclist": FieldKind.ROWS,
}
"""What the components hold, by form-js's name; a datetime says itself what it is."""
_DATES = {"date": FieldKind.DATE, "time": FieldKind.TIME, "datetime": FieldKind.INSTANT}
_HOLDERS = (FieldKind.GROUP, FieldKind.ROWS)
_CHOICES = (FieldKind.CHOICE, FieldKind.CHOICES)


@dataclass(frozen=True, slots=True)
class FormFile:
    """What a file says. ``rules`` are those of the form as a whole; ``remarks`` refuse nothing."""

    id: str
    name: str
    name_en: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    remarks: tuple[Problem, ...] = ()


def read_file(data: bytes | Mapping[str, object]) -> FormFile:
    """The form in a file (its bytes, or the parsed JSON). Raises `FormDefinitionError` with all problems."""
    whole = _parsed(data)
    if whole.get("type", "default") != "default" or not isinstance(whole.get("components"), list):
        raise _no_form("not a form-js form: it needs type 'default' and a list of components")
    form_id = whole.get("id")
    if not isinstance(form_id, str) or not form_id:
        raise _no_form("the form has no id")
    version = whole.get("schemaVersion", 1)
    if not isinstance(version, int) or version > NEWEST_SCHEMA:
        raise _no_form(f"{form_id}: schema version {version} is newer than {NEWEST_SCHEMA}")
    notes = Notes()
    form = Component(whole, form_id, notes, name=form_id)
    fields = _fields(form, 0)
    rules = attributes.rules(form)
    if errors := [problem for problem in notes.problems if problem.refuses]:
        raise FormDefinitionError([*errors, *(problem for problem in notes.problems if not problem.refuses)])
    english = form.properties.get("name.en", form_id)
    return FormFile(form_id, form.properties.get("name", form_id), english, fields, rules, tuple(notes.problems))


def _no_form(message: str) -> FormDefinitionError:
    return FormDefinitionError([Problem("forms/file", "", message)])


def _parsed(data: bytes | Mapping[str, object]) -> Json:
    if isinstance(data, Mapping):
        return data
    if len(data) > MAX_BYTES:
        raise _no_form(f"the form has {len(data)} bytes, at most {MAX_BYTES} are allowed")
    try:
        whole = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError) as problem:
        raise _no_form(f"the form is not JSON: {problem}") from None
    if not isinstance(whole, dict):
        raise _no_form("the form is not a JSON object")
    return whole


def _fields(holder: Component, depth: int, *, movable: bool = False) -> tuple[Field, ...]:
    """The fields of ``holder``; ``movable``: they lie in rows that people add and remove."""
    if depth > _MAX_DEPTH:
        holder.error("forms/depth", f"groups lie more than {_MAX_DEPTH} deep")
        return ()
    components = holder.json.get("components", [])
    if not isinstance(components, list):
        holder.error("forms/file", "components must be a list")
        return ()
    found: list[Field] = []
    for json_ in components:
        if not isinstance(json_, dict):
            holder.error("forms/file", "a component is not an object")
            continue
        component = holder.inner(json_)
        if (component_id := json_.get("id")) is not None and not holder.notes.first(str(component_id)):
            component.error("forms/duplicate-id", f"another component has the id {component_id!r} too")
        found += _lifted(_field(component, depth, movable))
    fields = gathered(found)
    seen: set[str] = set()
    for entry in flat(fields):
        if entry.key in seen:
            holder.error("forms/duplicate-key", f"two fields have the key {entry.key!r}", element=entry.key)
        seen.add(entry.key)
    return fields


def _lifted(entry: Field | None) -> tuple[Field, ...]:
    """A group that only frames its fields is no more than them."""
    if entry is None:
        return ()
    return entry.fields if entry.inline and entry.hide is None and not entry.rules else (entry,)


def _field(component: Component, depth: int, movable: bool) -> Field | None:
    json_ = component.json
    type_name = json_.get("type")
    if type_name in VIEWS:
        attributes.check_view(component)
        return None
    subtype = json_.get("subtype", "date")
    kind = _DATES.get(str(subtype)) if type_name == "datetime" else KINDS.get(str(type_name))
    if kind is None:
        shown = f"{type_name!r}" if type_name != "datetime" else f"'datetime' with subtype {subtype!r}"
        component.error("forms/component", f"component {json_.get('id')!r} has the unsupported type {shown}")
        return None
    key = json_.get("path" if kind in _HOLDERS else "key", "")
    inline = kind is FieldKind.GROUP and not key
    steps = key.split(".") if isinstance(key, str) else []
    if not inline and not (steps and all(_NAME.fullmatch(step) for step in steps)):
        text = f"{key!r} is not a field key (letters, digits and _ beginning with a letter; dots between objects)"
        component.error("forms/key", text)
        return None
    here = component if inline else component.at(str(key))
    hide = attributes.hide(here)
    fixed = json_.get("allowAddRemove") is False
    fields = _fields(here, depth + 1, movable=not fixed if kind is FieldKind.ROWS else movable)
    if kind not in _HOLDERS:
        fields = ()
    if kind is FieldKind.ROWS and not fields:
        here.error("forms/list", "a repeating list needs fields")
    read_only = attributes.read_only(here)
    if movable and read_only is True:
        here.warning("forms/read-only-in-rows", "rows can be added and removed, so the case has no value for this row")
    label = str(json_.get("label", json_.get("dateLabel", json_.get("dateTimeLabel", json_.get("timeLabel", "")))))
    own = Field(
        key=steps[-1] if steps else "",
        kind=kind,
        label=label,
        label_en=here.properties.get("name.en", label),
        required=attributes.required(here),
        limits=attributes.limits(here, kind),
        bounds=attributes.bounds(here),
        options=attributes.options(here) if kind in _CHOICES else None,
        hide=hide,
        computed=attributes.feel(here, json_.get("expression")) if kind is FieldKind.COMPUTED else None,
        read_only=read_only,
        inline=inline,
        shared=kind is FieldKind.GROUP and not inline and hide is None and read_only is False,
        naive_instants=json_.get("timeSerializingFormat") == "no_timezone",
        several=attributes.several(here) if kind is FieldKind.FILES else True,
        accept=attributes.accept(here) if kind is FieldKind.FILES else (),
        fixed_rows=attributes.repetitions(here) if kind is FieldKind.ROWS and fixed else None,
        check=attributes.check(here, kind),
        rules=attributes.rules(here),
        fields=fields,
        properties=here.properties,
    )
    for step in reversed(steps[:-1]):
        own = Field(key=step, kind=FieldKind.GROUP, shared=True, fields=(own,))
    return own
