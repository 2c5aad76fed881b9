"""Reads form-js JSON. What the server could not check is refused here, not ignored later."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import re2

from engine.feel import Expression, FeelSyntaxError, parse
from forms.checks import CHECKS
from forms.definition import Field, FieldKind, FormDefinitionError, Limits, Option, Options, Rule, flat

NEWEST_SCHEMA = 19
MAX_BYTES = 1_000_000
_MAX_DEPTH = 8
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_VIEWS = frozenset({"text", "html", "image", "spacer", "separator", "table", "button", "iframe", "documentPreview"})
_KINDS = {
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
_DATES = {"date": FieldKind.DATE, "time": FieldKind.TIME, "datetime": FieldKind.INSTANT}
_FORMATS = {"email": r"[^@\s]+@[^@\s]+\.[^@\s]+", "phone": r"\+?[0-9][0-9 ()-]{4,24}"}
_RULE = re.compile(r"validation(?:\.[0-9]+)?")

Json = Mapping[str, object]
_Read = TypeVar("_Read", int, Decimal)


def read_file(data: bytes | Mapping[str, object]) -> tuple[str, str, str, tuple[Field, ...]]:
    """The form's id, Chinese and English title, and its fields. Raises `FormDefinitionError`."""
    whole = _parsed(data)
    if whole.get("type", "default") != "default" or not isinstance(whole.get("components"), list):
        raise FormDefinitionError("not a form-js form: it needs type 'default' and a list of components")
    form_id = whole.get("id")
    if not isinstance(form_id, str) or not form_id:
        raise FormDefinitionError("the form has no id")
    version = whole.get("schemaVersion", 1)
    if not isinstance(version, int) or version > NEWEST_SCHEMA:
        raise FormDefinitionError(f"{form_id}: schema version {version} is newer than {NEWEST_SCHEMA}")
    fields = _fields(whole, form_id, 0)
    properties = _properties(whole, form_id)
    return form_id, properties.get("name", form_id), properties.get("name.en", form_id), fields


def _parsed(data: bytes | Mapping[str, object]) -> Json:
    if isinstance(data, Mapping):
        return data
    if len(data) > MAX_BYTES:
        raise FormDefinitionError(f"the form has {len(data)} bytes, at most {MAX_BYTES} are allowed")
    try:
        whole = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError) as problem:
        raise FormDefinitionError(f"the form is not JSON: {problem}") from None
    if not isinstance(whole, dict):
        raise FormDefinitionError("the form is not a JSON object")
    return whole


def _fields(holder: Json, where: str, depth: int) -> tuple[Field, ...]:
    if depth > _MAX_DEPTH:
        raise FormDefinitionError(f"{where}: groups lie more than {_MAX_DEPTH} deep")
    components = holder.get("components", [])
    if not isinstance(components, list):
        raise FormDefinitionError(f"{where}: components must be a list")
    found = tuple(entry for component in components if (entry := _field(component, where, depth)) is not None)
    seen: set[str] = set()
    for entry in flat(found):
        if entry.key in seen:
            raise FormDefinitionError(f"{where}: two fields have the key {entry.key!r}")
        seen.add(entry.key)
    return found


def _field(component: object, where: str, depth: int) -> Field | None:
    if not isinstance(component, dict):
        raise FormDefinitionError(f"{where}: a component is not an object")
    kind_name = component.get("type")
    if kind_name in _VIEWS:
        return None
    kind = _DATES.get(component.get("subtype", "date")) if kind_name == "datetime" else _KINDS.get(str(kind_name))
    if kind is None:
        raise FormDefinitionError(f"{where}: component {component.get('id')!r} has the unsupported type {kind_name!r}")
    path = component.get("path" if kind in (FieldKind.GROUP, FieldKind.ROWS) else "key", "")
    inline = kind is FieldKind.GROUP and not path
    if not inline and not (isinstance(path, str) and _NAME.fullmatch(path)):
        raise FormDefinitionError(f"{where}: {path!r} is not a field key (letters, digits and _, no dots)")
    here = where if inline else f"{where}.{path}"
    properties = _properties(component, here)
    label = str(component.get("label", component.get("dateLabel", component.get("dateTimeLabel", ""))))
    fields = _fields(component, here, depth + 1) if kind in (FieldKind.GROUP, FieldKind.ROWS) else ()
    if kind is FieldKind.ROWS and not fields:
        raise FormDefinitionError(f"{here}: a repeating list needs fields")
    return Field(
        key=str(path),
        kind=kind,
        label=label,
        label_en=properties.get("name.en", label),
        required=_required(component, properties, here),
        limits=_limits(component, properties, kind, here),
        options=_options(component, properties, here) if kind in (FieldKind.CHOICE, FieldKind.CHOICES) else None,
        hide=_hide(component, here),
        computed=_feel(component.get("expression"), here) if kind is FieldKind.COMPUTED else None,
        read_only=component.get("readonly") is True or component.get("disabled") is True,
        inline=inline,
        naive_instants=component.get("timeSerializingFormat") == "no_timezone",
        check=_check(properties, here),
        rules=_rules(properties, here),
        fields=fields,
        properties=properties,
    )


def _properties(component: Json, where: str) -> Mapping[str, str]:
    found = component.get("properties") or {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise FormDefinitionError(f"{where}: properties must be texts")
    return found


def _feel(text: object, where: str) -> Expression:
    if not isinstance(text, str) or not text.strip():
        raise FormDefinitionError(f"{where}: an expression is missing")
    try:
        return parse(text.strip().removeprefix("="))
    except FeelSyntaxError as problem:
        raise FormDefinitionError(f"{where}: {text!r} is not FEEL: {problem}") from None


def _hide(component: Json, where: str) -> Expression | None:
    conditional = component.get("conditional")
    if not conditional:
        return None
    if not isinstance(conditional, dict):
        raise FormDefinitionError(f"{where}: conditional must be an object")
    return _feel(conditional.get("hide"), where) if conditional.get("hide") else None


def _validate(component: Json) -> Json:
    found = component.get("validate")
    return found if isinstance(found, dict) else {}


def _required(component: Json, properties: Mapping[str, str], where: str) -> bool | Expression:
    if rule := properties.get("requiredWhen"):
        return _feel(rule, where)
    return _validate(component).get("required") is True


def _limits(component: Json, properties: Mapping[str, str], kind: FieldKind, where: str) -> Limits:
    rules = _validate(component)
    pattern = rules.get("pattern") or _FORMATS.get(str(rules.get("validationType", "")))
    if pattern is not None:
        try:
            re2.compile(str(pattern))
        except re2.error as problem:
            raise FormDefinitionError(f"{where}: the pattern {pattern!r} is not usable: {problem}") from None
    return Limits(
        min_length=_number(rules.get("minLength"), where, int),
        max_length=_number(rules.get("maxLength"), where, int),
        pattern=None if pattern is None else str(pattern),
        pattern_zh=str(rules.get("patternErrorMessage", "")),
        pattern_en=properties.get("pattern.message.en", ""),
        least=_number(rules.get("min"), where, Decimal),
        most=_number(rules.get("max"), where, Decimal),
        places=_number(component.get("decimalDigits"), where, int) if kind is FieldKind.NUMBER else None,
        min_items=_number(properties.get("minItems"), where, int),
        max_items=_number(properties.get("maxItems"), where, int),
    )


def _number(given: object, where: str, read: Callable[[str], _Read]) -> _Read | None:
    if given is None or given == "":
        return None
    try:
        return read(str(given))
    except (ValueError, InvalidOperation):
        raise FormDefinitionError(f"{where}: {given!r} is not a number, and limits cannot be expressions") from None


def _options(component: Json, properties: Mapping[str, str], where: str) -> Options:
    if variable := component.get("valuesKey"):
        return Options(variable=str(variable))
    if expression := component.get("valuesExpression"):
        return Options(expression=_feel(expression, where))
    values = component.get("values")
    if not isinstance(values, Sequence) or not values:
        raise FormDefinitionError(f"{where}: there is nothing to choose")
    found = []
    for entry in values:
        if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
            raise FormDefinitionError(f"{where}: an option needs a text as value")
        label = str(entry.get("label", entry["value"]))
        found.append(Option(entry["value"], label, properties.get(f"option.{entry['value']}.en", label)))
    return Options(tuple(found))


def _check(properties: Mapping[str, str], where: str) -> str | None:
    name = properties.get("check")
    if name is not None and name not in CHECKS:
        raise FormDefinitionError(f"{where}: there is no check {name!r}; there are {', '.join(sorted(CHECKS))}")
    return name


def _rules(properties: Mapping[str, str], where: str) -> tuple[Rule, ...]:
    found = []
    for name, text in properties.items():
        if not _RULE.fullmatch(name):
            continue
        zh, en = properties.get(f"{name}.message"), properties.get(f"{name}.message.en")
        if not zh or not en:
            raise FormDefinitionError(f"{where}: {name} needs {name}.message and {name}.message.en")
        found.append(Rule(_feel(text, where), zh, en))
    return tuple(found)
