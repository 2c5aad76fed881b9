"""What a form needs from its case to be shown in a browser, and those values as the form-js viewer takes them.

Only what the form names leaves the server. Numbers are texts in fields that keep numbers as text, and JSON numbers
everywhere else, so that the viewer's own expressions can compute with them; instants are in the house's zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel import BUILTIN_NAMES, FeelSyntaxError, YearsMonths, format_value, parse
from forms.localise import ADORNERS, PLAIN_TEXTS, components_of, parsed, properties_of
from forms.moments import HOUSE_ZONE

_EXACT_DIGITS = 15  # what every JSON number of that many digits keeps in a browser
_HOLDERS = frozenset({"group", "dynamiclist"})
_SPECIAL = frozenset({"this", "parent", "i", *BUILTIN_NAMES})
_EXPRESSIONS = ("expression", "valuesExpression", "columnsExpression", "dataSource", "requiredWhen")
_TEXTS = (*PLAIN_TEXTS, "label", "dateLabel", "timeLabel", "source", "url", "readonly", "multiple", "accept")
_LIMITS = ("min", "max", "minLength", "maxLength")
_RULE = re.compile(r"validation(?:\.[0-9]+)?")
_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_WORD = re.compile(r"[^\W\d]\w*")


def form_fields(form: Mapping[str, object] | bytes) -> frozenset[str]:
    """The names at the top of a submission: keys of fields, paths of groups and lists."""
    return frozenset(name for name, _ in _keyed(parsed(form)))


def needed_variables(form: Mapping[str, object] | bytes) -> frozenset[str]:
    """The case variables that the form may show or compute with: nothing else has to leave the server.

    These are the names of its fields (what the case knows is filled in), and the free names of its expressions, rules
    and text templates. An expression that is not FEEL counts with every word in it.
    """
    schema = parsed(form)
    return form_fields(schema) | frozenset(_named(schema, frozenset()))


def browser_data(form: Mapping[str, object] | bytes, variables: Mapping[str, object]) -> dict[str, Any]:
    """The needed ones of the case's ``variables`` (FEEL values) as JSON values for the viewer."""
    schema = parsed(form)
    known = {name: variables[name] for name in sorted(needed_variables(schema)) if name in variables}
    return _shaped(schema, {name: for_browser(value) for name, value in known.items()}, known)


def for_browser(value: object) -> Any:
    """A FEEL value as JSON value: ISO 8601 dates, times and durations, instants with the house's offset.

    Numbers are JSON numbers as long as a browser keeps every digit, else texts.
    """
    match value:
        case None | bool() | str() | int():
            return value
        case Decimal():
            return _number(value)
        case datetime():
            return (value.astimezone(HOUSE_ZONE) if value.tzinfo else value).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="minutes" if value.second == value.microsecond == 0 else "seconds")
        case timedelta() | YearsMonths():
            return format_value(value)
        case Mapping():
            return {str(name): for_browser(item) for name, item in value.items()}
        case list() | tuple():
            return [for_browser(item) for item in value]
    return str(value)


def _number(value: Decimal) -> int | float | str:
    if len(value.normalize().as_tuple().digits) > _EXACT_DIGITS or abs(value.adjusted()) > _EXACT_DIGITS:
        return format(value, "f")
    return int(value) if value == value.to_integral_value() else float(value)


def _keyed(holder: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name in the surrounding object, component); groups without a path are no object of their own."""
    for component in components_of(holder):
        if component.get("type") in _HOLDERS:
            path = str(component.get("path") or "")
            if path:
                yield path.split(".")[0], component
            else:
                yield from _keyed(component)
        elif key := component.get("key"):
            yield str(key).split(".")[0], component


def _shaped(holder: Mapping[str, Any], data: dict[str, Any], exact: Mapping[str, Any]) -> dict[str, Any]:
    """``data`` with texts in the number fields that keep texts; ``exact`` are the same values as they were."""
    for name, component in _keyed(holder):
        value = exact.get(name)
        if component.get("type") == "number" and component.get("serializeToString") is True:
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                data[name] = format(Decimal(value), "f")
        elif component.get("type") in _HOLDERS:
            if isinstance(value, Mapping):
                _shaped(component, data[name], value)
            elif isinstance(value, list | tuple):
                for row, item in zip(data[name], value, strict=True):
                    if isinstance(item, Mapping):
                        _shaped(component, row, item)
    return data


def _named(holder: Mapping[str, Any], local: frozenset[str]) -> Iterator[str]:
    """The free names in the components of ``holder``; ``local`` are those of the rows around it."""
    for component in components_of(holder):
        inner = local
        if component.get("type") in _HOLDERS and component.get("path"):
            inner = local | frozenset(name for name, _ in _keyed(component))
        # A list's or group's own rules see what is around it; its fields' also see each other.
        yield from _names_of(component, local)
        yield from _named(component, inner)


def _names_of(component: Mapping[str, Any], local: frozenset[str]) -> Iterator[str]:
    if variable := component.get("valuesKey"):
        yield str(variable).split(".")[0]
    properties = properties_of(component)
    expressions = [component.get(name) for name in _EXPRESSIONS] + [properties.get("requiredWhen")]
    expressions += [text for name, text in properties.items() if _RULE.fullmatch(name)]
    if isinstance(conditional := component.get("conditional"), dict):
        expressions.append(conditional.get("hide"))
    texts = [component.get(name) for name in _TEXTS]
    texts += [text for name, text in properties.items() if name.endswith(".en")]
    for holder, names in (("validate", _LIMITS), ("appearance", ADORNERS)):
        if isinstance(found := component.get(holder), dict):
            texts += [found.get(name) for name in names]
    for text in texts:
        if isinstance(text, str) and text.lstrip().startswith("="):
            expressions.append(text)
        elif isinstance(text, str):
            expressions += [_without_block(tag) for tag in _TAG.findall(text)]
    for expression in expressions:
        if isinstance(expression, str):
            yield from (name for name in _free(expression) if name not in local)


def _without_block(tag: str) -> str:
    """The expression in a template tag such as ``#if open``; a closing tag has none."""
    text = tag.strip()
    if text.startswith("/"):
        return ""
    return re.sub(r"^#\w+", "", text)


def _free(text: str) -> frozenset[str]:
    source = text.strip().removeprefix("=")
    if not source.strip():
        return frozenset()
    try:
        found = parse(source)
    except FeelSyntaxError:
        return frozenset(_WORD.findall(source)) - _SPECIAL
    return (found.names | found.possible_names) - _SPECIAL
