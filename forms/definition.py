"""What a form file says, read once: fields in document order, each with its rules.

The files are form-js JSON, the format of the Camunda modeler (form-js 1.x and 2.x, schema versions up to 19). House
attributes are ordinary custom properties, editable there: ``name.en`` and ``option.<value>.en`` (English labels),
``validation`` (a FEEL rule that must not be false) with ``validation.message`` and ``validation.message.en``, further
rules as ``validation.2``, ``validation.3``; ``check`` (a named check of `forms.checks`), ``minItems``, ``maxItems``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from engine.feel import Expression


class FormDefinitionError(ValueError):
    """The file is not a form that can be used; the message names the component and says why."""


class FieldKind(StrEnum):
    """What a field holds; the values are our own words, several form-js types may share one."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    INSTANT = "instant"
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    FILES = "files"
    COMPUTED = "computed"
    GROUP = "group"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose; ``value`` is what is submitted."""

    value: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Options:
    """Fixed ``values``, or a list that the case's variables give: ``variable`` by name, ``expression`` by FEEL."""

    values: tuple[Option, ...] = ()
    variable: str | None = None
    expression: Expression | None = None

    @property
    def dynamic(self) -> bool:
        """Whether the options are known only with the variables of the case."""
        return self.variable is not None or self.expression is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """A cross-field rule: FEEL over the row, the form and the case's variables. ``zh`` and ``en`` say what is wrong."""

    expression: Expression
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one value; None is no bound. ``places``: decimal places at most."""

    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    pattern_zh: str = ""
    pattern_en: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    places: int | None = None
    min_items: int | None = None
    max_items: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field, or a group or repeating list of ``fields``.

    ``required`` is an expression when it depends on other fields. ``hide``: FEEL, true takes the field (and what it
    holds) out of the form. ``computed``: FEEL of a read-only value. ``read_only``: shown, never accepted.
    ``inline``: a group without a path of its own; its fields lie in the surrounding object.
    """

    key: str
    kind: FieldKind
    label: str = ""
    label_en: str = ""
    required: bool | Expression = False
    limits: Limits = field(default_factory=Limits)
    options: Options | None = None
    hide: Expression | None = None
    computed: Expression | None = None
    read_only: bool = False
    inline: bool = False
    naive_instants: bool = False
    check: str | None = None
    rules: tuple[Rule, ...] = ()
    fields: tuple[Field, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)


def flat(fields: tuple[Field, ...]) -> Iterator[Field]:
    """The fields that share one object: those of inline groups are lifted out of them."""
    for entry in fields:
        if entry.inline:
            yield from flat(entry.fields)
        else:
            yield entry
