"""A form as a marshmallow schema: types, limits and options of every field, unknown fields refused.

What depends on other fields (visibility, conditional duty, computed limits and options, cross-field rules) is not in
the schema; `Form.validate` adds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard, cast

from marshmallow import RAISE, Schema, fields

from forms import moments, values
from forms.attributes import option_text
from forms.definition import Field, FieldKind, Options, flat


def build_schema(form_fields: tuple[Field, ...], variables: Mapping[str, object]) -> Schema:
    """A schema for one object with these fields; ``variables`` give options that the case's data decide."""
    return _schema_class(form_fields, variables)()


def depends_on_case(form_fields: tuple[Field, ...]) -> bool:
    """Whether a list among the case's variables gives options anywhere in the form."""
    return any(
        (entry.options is not None and entry.options.variable is not None) or depends_on_case(entry.fields)
        for entry in form_fields
    )


def _schema_class(form_fields: tuple[Field, ...], variables: Mapping[str, object]) -> type[Schema]:
    members: dict[str, Any] = {
        entry.key: _member(entry, variables)
        for entry in flat(form_fields)
        if entry.kind is not FieldKind.COMPUTED and entry.read_only is not True
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
            return values.Number(limits, entry.check, **common)
        case FieldKind.DATE:
            return moments.Day(**common)
        case FieldKind.TIME:
            return moments.Clock(limits, **common)
        case FieldKind.INSTANT:
            return moments.Moment(limits, naive=entry.naive_instants, **common)
        case FieldKind.FLAG:
            return values.Flag(**common)
        case FieldKind.CHOICE:
            return values.Choice(_offers(entry, variables), **common)
        case FieldKind.CHOICES:
            return values.Choices(_offers(entry, variables), limits, **common)
        case FieldKind.FILES:
            return values.Files(limits, **common)
        case FieldKind.ROWS:
            row = fields.Nested(_schema_class(entry.fields, variables), error_messages={"type": "not-object"})
            return values.Rows(row, limits, **common)
    return fields.Nested(_schema_class(entry.fields, variables), allow_none=True, **common)


def _offers(entry: Field, variables: Mapping[str, object]) -> values.Offers:
    options = entry.options or Options()

    def offers() -> Mapping[str, object] | None:
        if options.expression is not None:
            return None
        if options.variable is not None:
            return offered(_named(options.variable, variables))
        return {option.value: option.means for option in options.values}

    return offers


def _named(path: str, variables: Mapping[str, object]) -> object:
    found: object = variables
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def offered(given: object) -> dict[str, object]:
    """What a list offers, by text: plain values, or objects with ``value``. Nothing given is no option."""
    means = [item.get("value") if isinstance(item, Mapping) else item for item in given] if _is_list(given) else []
    return {option_text(value): value for value in means if value is not None}


def _is_list(given: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(given, list | tuple)
