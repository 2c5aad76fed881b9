"""A form as a marshmallow schema: types, limits and options of every field, unknown fields refused.

What depends on other fields (visibility, conditional duty, cross-field rules) is not in the schema; `Form.validate`
adds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from marshmallow import RAISE, Schema, fields

from engine.feel import FeelError
from forms import values
from forms.definition import Field, FieldKind, Options, flat


def build_schema(form_fields: tuple[Field, ...], variables: Mapping[str, object]) -> Schema:
    """A schema for one object with these fields; ``variables`` give options that the case's data decide."""
    return _schema_class(form_fields, variables)()


def depends_on_case(form_fields: tuple[Field, ...]) -> bool:
    """Whether the case's variables decide an option anywhere in the form."""
    return any(
        (entry.options is not None and entry.options.dynamic) or depends_on_case(entry.fields) for entry in form_fields
    )


def _schema_class(form_fields: tuple[Field, ...], variables: Mapping[str, object]) -> type[Schema]:
    members: dict[str, Any] = {
        entry.key: _member(entry, variables)
        for entry in flat(form_fields)
        if entry.kind is not FieldKind.COMPUTED and not entry.read_only
    }
    meta = type("Meta", (), {"unknown": RAISE})
    texts = {"unknown": "unknown", "type": "not-object"}
    return cast("type[Schema]", type("FormSchema", (Schema,), {**members, "Meta": meta, "error_messages": texts}))


def _member(entry: Field, variables: Mapping[str, object]) -> fields.Field[Any]:
    common: dict[str, Any] = {
        # A field that may be hidden can only be required while it is shown, which the schema does not know.
        "required": entry.required is True and entry.hide is None,
        "error_messages": {"required": "required"},
        "metadata": {"title": entry.label, "x-title-en": entry.label_en},
    }
    kind, limits = entry.kind, entry.limits
    match kind:
        case FieldKind.TEXT:
            return values.Text(limits, entry.check, **common)
        case FieldKind.NUMBER:
            return values.Number(limits, **common)
        case FieldKind.DATE:
            return values.Day(**common)
        case FieldKind.TIME:
            return values.Clock(**common)
        case FieldKind.INSTANT:
            return values.Moment(naive=entry.naive_instants, **common)
        case FieldKind.FLAG:
            return values.Flag(**common)
        case FieldKind.CHOICE:
            return values.Choice(_allowed(entry, variables), **common)
        case FieldKind.CHOICES:
            return values.Choices(_allowed(entry, variables), limits, **common)
        case FieldKind.FILES:
            return values.Files(limits, **common)
        case FieldKind.ROWS:
            row = fields.Nested(_schema_class(entry.fields, variables), error_messages={"type": "not-object"})
            return values.Rows(row, limits, **common)
    return fields.Nested(_schema_class(entry.fields, variables), allow_none=True, **common)


def _allowed(entry: Field, variables: Mapping[str, object]) -> values.Allowed:
    options = entry.options or Options()

    def allowed() -> frozenset[str]:
        if not options.dynamic:
            return frozenset(option.value for option in options.values)
        return frozenset(dynamic_options(options, variables))

    return allowed


def dynamic_options(options: Options, variables: Mapping[str, object]) -> list[str]:
    """The values that the case's variables offer: texts, or objects with ``value``. Nothing offered is no option."""
    if options.expression is not None:
        try:
            offered = options.expression.evaluate(variables)
        except FeelError:
            offered = None
    else:
        offered = variables.get(options.variable or "")
    if not isinstance(offered, list):
        return []
    return [str(item.get("value")) if isinstance(item, Mapping) else str(item) for item in offered]
