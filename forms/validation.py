"""Validates a submission: the schema first, then what depends on other fields.

Order: types and limits; which fields are hidden; nothing submitted for those; required fields; computed values;
cross-field rules. A rule is left out while a field it names has an error of its own, so nobody reads two complaints
about one mistake. A rule is broken when it is false; when it is null although everything it names is filled in, or
when it names something nobody knows, it counts as broken too: a typing error in a form must not open a door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError

from engine.feel import Expression, FeelError
from forms.definition import Field, FieldKind, Rule, flat
from forms.messages import Complaint
from forms.values import flatten

Row = dict[str, Any]


@dataclass(slots=True)
class Submission:
    """One validation under way: what was submitted, and the complaints by field path."""

    variables: Mapping[str, object]
    now: datetime | None
    complaints: list[tuple[str, Complaint]] = field(default_factory=list)

    def complain(self, path: str, complaint: Complaint) -> None:
        """Note a complaint."""
        self.complaints.append((path, complaint))

    def faulty(self, path: str) -> bool:
        """Whether the field or something in it has a complaint."""
        return any(where == path or where.startswith((f"{path}.", f"{path}[")) for where, _ in self.complaints)


def validate(
    form_fields: tuple[Field, ...],
    schema: Schema,
    data: Mapping[str, object],
    variables: Mapping[str, object],
    now: datetime | None,
) -> tuple[Row, list[tuple[str, Complaint]]]:
    """(cleaned values, complaints); ``schema`` is that of the fields.

    Every field has its key in the result: None (a box: False) when empty or hidden.
    """
    work = Submission(variables, now)
    accepted = _without_read_only(form_fields, data)
    try:
        typed: Row = schema.load(accepted, partial=True)
    except ValidationError as problem:
        work.complaints += flatten(problem.messages)
        # What was right is kept, so that the rules on it can be told in the same answer.
        typed = problem.valid_data if isinstance(problem.valid_data, dict) else {}
    clean = _object(work, form_fields, typed, {}, "")
    return clean, work.complaints


def _without_read_only(form_fields: tuple[Field, ...], data: Mapping[str, object]) -> Row:
    """Computed and read-only values may be sent along (form-js does); what they say is not looked at."""
    kinds = {entry.key: entry for entry in flat(form_fields)}
    kept: Row = {}
    for key, value in data.items():
        entry = kinds.get(key)
        if entry is None:
            kept[key] = value
        elif entry.kind is FieldKind.COMPUTED or entry.read_only:
            continue
        elif entry.kind is FieldKind.GROUP and isinstance(value, Mapping):
            kept[key] = _without_read_only(entry.fields, value)
        elif entry.kind is FieldKind.ROWS and isinstance(value, list):
            kept[key] = [_without_read_only(entry.fields, row) if isinstance(row, Mapping) else row for row in value]
        else:
            kept[key] = value
    return kept


def _object(work: Submission, form_fields: tuple[Field, ...], given: Row, outer: Row, path: str) -> Row:
    """One object of the submission (the form itself, a group, a row) with everything that depends on others."""
    result: Row = {
        # A box that nobody ticked is a no; every other empty field is nothing.
        entry.key: given.get(entry.key, False if entry.kind is FieldKind.FLAG else None)
        for entry in flat(form_fields)
    }
    for entry in flat(form_fields):
        if entry.read_only and entry.kind is not FieldKind.COMPUTED:
            result[entry.key] = work.variables.get(entry.key)
    hidden = _settle_visibility(work, form_fields, result, outer, path)
    for entry in flat(form_fields):
        here = f"{path}.{entry.key}" if path else entry.key
        if entry.key in hidden:
            if not _empty(given.get(entry.key)) and given.get(entry.key) is not False:
                work.complain(here, Complaint("hidden"))
            continue
        _fill(work, entry, result, outer, here)
    _compute(work, form_fields, result, outer, hidden)
    _apply_rules(work, form_fields, result, outer, hidden, path)
    return result


def _fill(work: Submission, entry: Field, result: Row, outer: Row, here: str) -> None:
    value = result[entry.key]
    if entry.kind is FieldKind.FLAG:
        result[entry.key] = value is True
    elif entry.kind is FieldKind.GROUP:
        result[entry.key] = _object(work, entry.fields, value or {}, {**outer, **result}, here)
    elif entry.kind is FieldKind.ROWS:
        scope = {**outer, **result}
        result[entry.key] = [
            _object(work, entry.fields, row, scope, f"{here}[{number}]") for number, row in enumerate(value or [])
        ]
    required = entry.required
    if isinstance(required, Expression):
        required = _decide(work, required, {**outer, **result}) is True
    # As in the browser: a box that must be ticked is not filled in while it is not.
    missing = result[entry.key] is False if entry.kind is FieldKind.FLAG else _empty(value)
    if required and missing and not work.faulty(here) and not entry.read_only:
        work.complain(here, Complaint("required"))


def _settle_visibility(
    work: Submission, form_fields: tuple[Field, ...], result: Row, outer: Row, path: str
) -> frozenset[str]:
    """The keys hidden in the end; a hidden field counts as empty for the conditions of the others."""
    hidden: frozenset[str] = frozenset()
    hiding = _hide_conditions(form_fields, ())
    for _ in range(len(hiding) + 1):
        seen = {**outer, **{key: None if key in hidden else value for key, value in result.items()}}
        found = frozenset(
            key for key, conditions in hiding.items() if any(_decide(work, test, seen) is True for test in conditions)
        )
        if found == hidden:
            break
        hidden = found
    for key in hidden:
        result[key] = False if isinstance(result[key], bool) else None
    return hidden


def _hide_conditions(
    form_fields: tuple[Field, ...], inherited: tuple[Expression, ...]
) -> dict[str, tuple[Expression, ...]]:
    found: dict[str, tuple[Expression, ...]] = {}
    for entry in form_fields:
        conditions = (*inherited, entry.hide) if entry.hide is not None else inherited
        if entry.inline:
            found |= _hide_conditions(entry.fields, conditions)
        elif conditions:
            found[entry.key] = conditions
    return found


def _compute(work: Submission, form_fields: tuple[Field, ...], result: Row, outer: Row, hidden: frozenset[str]) -> None:
    for entry in flat(form_fields):
        if entry.computed is not None and entry.key not in hidden:
            result[entry.key] = _decide(work, entry.computed, {**outer, **result})


def _apply_rules(
    work: Submission, form_fields: tuple[Field, ...], result: Row, outer: Row, hidden: frozenset[str], path: str
) -> None:
    for entry, rule in _rules(form_fields):
        if entry.key in hidden:
            continue
        here = f"{path}.{entry.key}" if path and entry.key else path or entry.key
        named = [name for name in rule.expression.names if name in result]
        if any(work.faulty(f"{path}.{name}" if path else name) for name in named):
            continue
        _apply(work, rule, named, result, outer, here)


def _rules(form_fields: tuple[Field, ...]) -> list[tuple[Field, Rule]]:
    found = [(entry, rule) for entry in flat(form_fields) for rule in entry.rules]
    for entry in form_fields:
        if entry.inline:
            found += [(entry, rule) for rule in entry.rules]
    return found


def _apply(work: Submission, rule: Rule, named: list[str], result: Row, outer: Row, here: str) -> None:
    scope = {**work.variables, **outer, **result}
    if unknown := sorted(name for name in rule.expression.names if name not in scope):
        work.complain(here, Complaint("rule-unknown", {"name": unknown[0]}))
        return
    try:
        verdict = rule.expression.evaluate(scope, now=work.now)
    except FeelError:
        verdict = None
    if verdict is False:
        work.complain(here, Complaint("rule", {"zh": rule.zh, "en": rule.en}))
    elif verdict is not True and not any(_empty(result[name]) for name in named):
        work.complain(here, Complaint("rule-undecided", {"zh": rule.zh, "en": rule.en}))


def _decide(work: Submission, expression: Expression, scope: Row) -> object:
    """The value of a condition or computation; names that nobody has filled in yet are null, as in the browser."""
    known = {**work.variables, **scope}
    known |= {name: None for name in expression.names if name not in known}
    try:
        return expression.evaluate(known, now=work.now)
    except FeelError:
        return None


def _empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}
