"""What single attributes of a form-js component mean: expressions, limits, options, validators, rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import re2

from engine.feel import Expression, FeelSyntaxError, parse
from forms.checks import NUMBER_CHECKS, TEXT_CHECKS
from forms.definition import FieldKind, Limits, Option, Options, Problem, Rule

MAX_ROWS = 200
_FORMATS = {"email": r"[^@\s]+@[^@\s]+\.[^@\s]+", "phone": r"\+?[0-9][0-9 ()-]{4,24}"}
_RULE = re.compile(r"validation(?:\.[0-9]+)?")
_BOUNDS = ("min", "max", "minLength", "maxLength")
_OUTSIDE = re.compile(r"(?i)(?:https?:)?//")

Json = Mapping[str, object]
_Read = TypeVar("_Read", int, Decimal)


@dataclass(slots=True)
class Notes:
    """The problems of one file, in the order in which they were found."""

    problems: list[Problem] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)

    def first(self, component_id: str) -> bool:
        """Whether no component before had this id."""
        known = component_id in self._ids
        self._ids.add(component_id)
        return not known


@dataclass(frozen=True, slots=True)
class Component:
    """A component being read. ``where``: its place in words; ``name``: what a finding calls it."""

    json: Json
    where: str
    notes: Notes
    name: str = ""

    def inner(self, json: Json) -> Component:
        """A component directly in this one."""
        name = json.get("id") or json.get("key") or json.get("path") or self.name
        return Component(json, self.where, self.notes, str(name))

    def at(self, key: str) -> Component:
        """The same component under its own key."""
        return Component(self.json, f"{self.where}.{key}", self.notes, self.name)

    def error(self, rule: str, message: str, element: str = "") -> None:
        """The form cannot be used."""
        self.notes.problems.append(Problem(rule, self.where, message, element or self.name))

    def warning(self, rule: str, message: str) -> None:
        """The form can be used, but not quite as it was meant."""
        self.notes.problems.append(Problem(rule, self.where, message, self.name, refuses=False))

    @property
    def properties(self) -> Mapping[str, str]:
        """The custom properties; those that are no texts are told once, by `rules`."""
        found = self.json.get("properties")
        return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}

    @property
    def validate(self) -> Json:
        """The limits that form-js knows itself."""
        found = self.json.get("validate")
        return found if isinstance(found, dict) else {}


def is_expression(text: object) -> bool:
    """Whether an attribute that may be FEEL is."""
    return isinstance(text, str) and text.lstrip().startswith("=")


def feel(component: Component, text: object) -> Expression | None:
    """``text`` as expression; None, and a problem, when it is none."""
    if not isinstance(text, str) or not text.strip():
        component.error("forms/expression", "an expression is missing")
        return None
    try:
        return parse(text.strip().removeprefix("="))
    except FeelSyntaxError as problem:
        component.error("forms/expression", f"{text!r} is not FEEL: {problem}")
        return None


def hide(component: Component) -> Expression | None:
    """The condition that takes the component out of the form."""
    conditional = component.json.get("conditional")
    if not conditional:
        return None
    if not isinstance(conditional, dict):
        component.error("forms/expression", "conditional must be an object with the expression hide")
        return None
    return feel(component, conditional.get("hide")) if conditional.get("hide") else None


def required(component: Component) -> bool | Expression:
    """Whether something must be given."""
    if rule := component.properties.get("requiredWhen"):
        expression = feel(component, rule)
        return False if expression is None else expression
    return component.validate.get("required") is True


def read_only(component: Component) -> bool | Expression:
    """Whether the component only shows; a disabled one always does."""
    if component.json.get("disabled") is True:
        return True
    given = component.json.get("readonly")
    if is_expression(given):
        expression = feel(component, given)
        return False if expression is None else expression
    return given is True


def several(component: Component) -> bool | Expression:
    """Whether a file picker takes more than one file."""
    given = component.json.get("multiple")
    if not is_expression(given):
        return given is True
    expression = feel(component, given)
    return False if expression is None else expression


def accept(component: Component) -> tuple[str, ...]:
    """The kinds of files as HTML's ``accept`` has them: extensions and media types, in lower case."""
    given = component.json.get("accept")
    if not isinstance(given, str) or not given.strip():
        return ()
    if is_expression(given) or "{{" in given:
        component.error("forms/files", "the kinds of files that are accepted must be written down, not computed")
        return ()
    kinds = tuple(kind.strip().lower() for kind in given.split(",") if kind.strip())
    for kind in kinds:
        if not re.fullmatch(r"\.[a-z0-9]+|[a-z]+/(?:\*|[a-z0-9.+-]+)", kind):
            component.error("forms/files", f"{kind!r} is no file extension and no media type")
    return kinds


def repetitions(component: Component) -> int:
    """How many rows a list has at first."""
    given = component.json.get("defaultRepetitions", 1)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= MAX_ROWS:
        component.error("forms/list", f"{given!r} is no number of rows from 0 to {MAX_ROWS}")
        return 1
    return given


def limits(component: Component, kind: FieldKind) -> Limits:
    """The limits that are written down; `bounds` has the computed ones."""
    rules, own, properties = component.validate, component.json, component.properties
    pattern: object = rules.get("pattern") or _FORMATS.get(str(rules.get("validationType", "")))
    if pattern is not None and not _usable(component, str(pattern)):
        pattern = None
    is_number = kind is FieldKind.NUMBER
    has_time = kind in (FieldKind.TIME, FieldKind.INSTANT)
    found = Limits(
        min_length=_number(component, rules.get("minLength"), int),
        max_length=_number(component, rules.get("maxLength"), int),
        pattern=None if pattern is None else str(pattern),
        pattern_zh=str(rules.get("patternErrorMessage", "")),
        pattern_en=properties.get("pattern.message.en", ""),
        least=_number(component, rules.get("min"), Decimal),
        most=_number(component, rules.get("max"), Decimal),
        places=_number(component, own.get("decimalDigits"), int) if is_number else None,
        step=_number(component, own.get("increment"), Decimal) if is_number else None,
        minutes=_number(component, own.get("timeInterval"), int) if has_time else None,
        future=own.get("disallowPassedDates") is True and kind in (FieldKind.DATE, FieldKind.INSTANT),
        min_items=_number(component, properties.get("minItems"), int),
        max_items=_number(component, properties.get("maxItems"), int),
    )
    _consistent(component, found)
    return found


def _usable(component: Component, pattern: str) -> bool:
    try:
        re2.compile(pattern)
    except re2.error as problem:
        text = problem.args[0].decode() if isinstance(problem.args[0], bytes) else str(problem)
        component.error("forms/pattern", f"the pattern {pattern!r} is not usable: {text}")
        return False
    return True


def _consistent(component: Component, found: Limits) -> None:
    for least, most in (
        (found.least, found.most),
        (found.min_length, found.max_length),
        (found.min_items, found.max_items),
    ):
        if least is not None and most is not None and least > most:
            component.error("forms/limit", f"nothing can be {least} or more and {most} or less")
    if found.step is not None and found.step <= 0:
        component.error("forms/limit", "an increment must be more than 0")
    if found.minutes is not None and not 0 < found.minutes <= 60:
        component.error("forms/limit", "the time interval is 1 to 60 minutes")


def _number(component: Component, given: object, read: Callable[[str], _Read]) -> _Read | None:
    if given is None or given == "" or is_expression(given):
        return None
    try:
        number = read(str(given))
        if Decimal(number).is_finite():
            return number
    except (ValueError, InvalidOperation):
        pass
    component.error("forms/limit", f"{given!r} is not a number")
    return None


def bounds(component: Component) -> Mapping[str, Expression]:
    """The limits that are expressions, by form-js's name."""
    found = {}
    for name in _BOUNDS:
        if is_expression(given := component.validate.get(name)) and (expression := feel(component, given)) is not None:
            found[name] = expression
    for holder, name in ((component.json, "decimalDigits"), (component.json, "increment")):
        if is_expression(holder.get(name)):
            component.error("forms/limit", f"{name} must be a number")
    return found


def options(component: Component) -> Options:
    """What there is to choose."""
    own, properties = component.json, component.properties
    if variable := own.get("valuesKey"):
        return Options(variable=str(variable))
    if expression := own.get("valuesExpression"):
        return Options(expression=feel(component, expression))
    values = own.get("values")
    if not isinstance(values, Sequence) or isinstance(values, str) or not values:
        component.error("forms/options", "there is nothing to choose")
        return Options()
    found: dict[str, Option] = {}
    for entry in values:
        value = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(value, str | int | Decimal) or value == "":
            component.error("forms/options", "an option needs a text, a number, true or false as value")
            continue
        text = option_text(value)
        if text in found:
            component.error("forms/options", f"two options have the value {text!r}")
        label = str(entry.get("label", text))
        found[text] = Option(text, label, properties.get(f"option.{text}.en", label), value)
    return Options(tuple(found.values()))


def option_text(value: object) -> str:
    """An option's value as text, as JSON writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def check(component: Component, kind: FieldKind) -> str | None:
    """The named validator."""
    name = component.properties.get("check")
    if name is None:
        return None
    known = {FieldKind.TEXT: TEXT_CHECKS, FieldKind.NUMBER: NUMBER_CHECKS}.get(kind, {})
    if name not in known:
        there = ", ".join(sorted(known)) or "none for this kind of field"
        component.error("forms/validator", f"there is no check {name!r}; there are {there}")
        return None
    return name


def rules(component: Component) -> tuple[Rule, ...]:
    """The rules over several fields: ``validation``, ``validation.2`` and so on."""
    given = component.json.get("properties") or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        component.error("forms/properties", "properties must be texts")
    found = []
    for name, text in component.properties.items():
        if not _RULE.fullmatch(name):
            continue
        zh, en = (component.properties.get(f"{name}.message{language}") for language in ("", ".en"))
        expression = feel(component, text)
        if not zh or not en:
            component.error("forms/rule", f"{name} needs {name}.message and {name}.message.en")
        elif expression is not None:
            found.append(Rule(expression, zh, en))
    return tuple(found)


def check_view(component: Component) -> None:
    """A component that shows: its expressions are FEEL, and what it shows comes from this installation."""
    own = component.json
    hide(component)
    for name in ("dataSource", "columnsExpression"):
        if (text := own.get(name)) not in (None, ""):
            feel(component, text)
    if own.get("type") in ("table", "documentPreview") and not own.get("dataSource"):
        component.error("forms/expression", "dataSource says what is shown; it is missing")
    address = own.get("url" if own.get("type") == "iframe" else "source")
    if own.get("type") == "iframe":
        component.warning("forms/outside", "pages show nothing from elsewhere; the form shows a link instead")
    elif own.get("type") == "image" and isinstance(address, str) and _OUTSIDE.match(address):
        component.warning("forms/outside", f"pages load no picture from elsewhere ({address[:80]})")
