"""What a form file says, read once: fields in document order, each with its rules.

The files are form-js JSON, the format of the Camunda modeler (form-js 1.x and 2.x, schema versions up to 19). House
attributes are ordinary custom properties, editable there; ``docs/forms.md`` lists them for designers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from engine.feel import Expression


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a form file. ``rule``: of `engine.kernel.check.catalogue.forms`; ``where``: the
    component's place in words (``form.list.field``); ``component``: its id, or its key when it has none.
    """

    rule: str
    where: str
    message: str
    component: str = ""
    advice: str = ""
    refuses: bool = True


class FormDefinitionError(ValueError):
    """The file is not a form that can be used; the message names the component and says why. ``problems`` are all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(f"{first.where}: {first.message}" if first.where else first.message)
        self.problems = tuple(problems)


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
    """One thing to choose; ``value`` is its text, and ``means`` what the case gets (a text, a number, a yes or no)."""

    value: str
    label: str
    label_en: str
    means: object = None


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
    """Bounds of one value; None is no bound. ``places``: decimal places at most; ``step``: what a number is a multiple
    of; ``minutes``: what a time is a multiple of; ``future``: no day before today.
    """

    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    pattern_zh: str = ""
    pattern_en: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    places: int | None = None
    step: Decimal | None = None
    minutes: int | None = None
    future: bool = False
    min_items: int | None = None
    max_items: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field, or a group or repeating list of ``fields``.

    ``required``, ``read_only`` and ``several`` (a file picker for more than one file) are expressions when they depend
    on other fields, and so are ``bounds``, by the name that form-js gives the limit (``min``, ``maxLength``).
    ``hide``: FEEL, true takes the field (and what it holds) out of the form. ``computed``: FEEL of a read-only value.
    Read-only fields are shown, never accepted. ``inline``: a group without a path of its own; its fields lie in the
    surrounding object. ``shared``: a group that several components may name. ``fixed_rows``: a list whose rows nobody
    may add or remove, and how many it has when the case says nothing. ``accept``: kinds of files.
    """

    key: str
    kind: FieldKind
    label: str = ""
    label_en: str = ""
    required: bool | Expression = False
    limits: Limits = field(default_factory=Limits)
    bounds: Mapping[str, Expression] = field(default_factory=dict)
    options: Options | None = None
    hide: Expression | None = None
    computed: Expression | None = None
    read_only: bool | Expression = False
    inline: bool = False
    shared: bool = False
    naive_instants: bool = False
    several: bool | Expression = True
    accept: tuple[str, ...] = ()
    fixed_rows: int | None = None
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


def gathered(fields: Sequence[Field]) -> tuple[Field, ...]:
    """``fields`` with groups of the same path made one, as form-js keeps their values: in one object."""
    found: dict[object, Field] = {}
    for number, entry in enumerate(fields):
        other = found.get(entry.key)
        if entry.shared and other is not None and other.shared:
            inner = gathered((*other.fields, *entry.fields))
            found[entry.key] = replace(other, fields=inner, rules=(*other.rules, *entry.rules))
        elif entry.inline or entry.key in found:
            found[number] = entry
        else:
            found[entry.key] = entry
    return tuple(found.values())
