"""The columns of a decision table as dimensions cut into atoms: pieces in which every cell is all true or all false.

The ends of all ranges and all single values cut a column; what lies between two cuts is one atom. A set of atoms is the
bits of a whole number, so that rules are compared by ``&`` and ``|``. One atom more stands for null.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from engine.dmn.cells import Cell, Span
from engine.feel import YearsMonths, format_value
from engine.feel.values import Value

NULL = 1
"""The bit of the atom null; the others follow."""

_STEPS: dict[type, object] = {
    Decimal: Decimal(1),
    date: timedelta(days=1),
    datetime: timedelta(hours=1),
    timedelta: timedelta(hours=1),
    YearsMonths: YearsMonths(1),
}


@dataclass(frozen=True, slots=True)
class Atom:
    """A single value (``low`` is ``high``) or what lies strictly between two; an end that is None is open. ``other``:
    every text that is not named.
    """

    low: Value
    high: Value
    other: bool = False

    @property
    def single(self) -> bool:
        """Whether it is one value."""
        return not self.other and self.low is not None and self.low is self.high


@dataclass(frozen=True, slots=True)
class Dimension:
    """``atoms`` from the second bit on; ``domain`` are the bits of values that the column may have, without null.

    ``certain``: a gap in it is a gap, because nothing but the declared values limits what it can be. ``kind``: the type
    of its values, None when no cell and no declaration says it.
    """

    label: str
    atoms: tuple[Atom, ...]
    domain: int
    certain: bool
    whole: bool = False
    kind: type | None = None

    @property
    def everything(self) -> int:
        """All bits, null too."""
        return (2 << len(self.atoms)) - 1

    def bits(self, cell: Cell) -> int | None:
        """The atoms that a cell matches; None for one that speaks of another type of value."""
        found = NULL if cell.null else 0
        if cell.kinds - {self.kind}:
            # Values of different types are never equal; only a date and an instant may be brought together.
            alike = len(cell.kinds) > 1 or (cell.kinds | {self.kind}) <= {date, datetime}
            return None if alike or cell.negated else found
        for span in cell.spans:
            for place, atom in enumerate(self.atoms, 1):
                if _inside(atom, span):
                    found |= 1 << place
        if cell.negated:
            equalities = all(span.single for span in cell.spans)
            found = self.everything & ~found & (~0 if equalities and not cell.null else ~NULL)
        return found

    def example(self, bits: int) -> str:
        """A value of one of the atoms, as FEEL writes it."""
        if bits == NULL or len(self.atoms) == 0:
            return "null"
        place = next(place for place in range(1, len(self.atoms) + 1) if bits >> place & 1)
        return self._sample(self.atoms[place - 1])

    def _sample(self, atom: Atom) -> str:
        if atom.other:
            named = {each.low for each in self.atoms}
            return _written(next(text for text in _texts() if text not in named))
        if atom.single:
            return _written(atom.low)
        if atom.low is None and atom.high is None:
            return "anything"
        if atom.low is None:
            return _written(_stepped(atom.high, -1))
        if atom.high is None:
            return _written(_stepped(atom.low, 1))
        return _written(_between(atom.low, atom.high, whole=self.whole))


def cut(
    label: str, kind: type | None, cells: Iterable[Cell], domains: Sequence[Cell], *, certain: bool, whole: bool
) -> Dimension | None:
    """The dimension of a column whose cells, and whose allowed values (``domains``, all of which limit it), are these.

    None when it cannot be cut: values of several types, or texts in ranges.
    """
    every = [*cells, *domains]
    if kind is not None:
        every = [cell for cell in every if cell.kinds <= {kind}]
        domains = [cell for cell in domains if cell.kinds <= {kind}]
    kinds = {each for cell in every for each in cell.kinds} | ({kind} if kind else set())
    if not kinds:
        return Dimension(label, (Atom(None, None),), 0b10, certain=certain)
    if len(kinds) > 1:
        return None
    (only,) = kinds
    spans = [span for cell in every for span in cell.spans]
    try:
        atoms = _atoms(only, spans, whole=whole)
    except TypeError:  # local and zoned instants have no common order
        return None
    if atoms is None:
        return None
    bare = Dimension(label, atoms, 0, certain=certain, whole=whole, kind=only)
    domain = bare.everything & ~NULL
    for cell in domains:
        domain &= bare.bits(cell) or 0
    return Dimension(label, atoms, domain, certain=certain, whole=whole, kind=only)


def _atoms(kind: type, spans: list[Span], *, whole: bool) -> tuple[Atom, ...] | None:
    if kind is bool:
        return (Atom(True, True), Atom(False, False))
    if kind is str:
        if not all(span.single for span in spans):
            return None
        named = dict.fromkeys(span.low for span in spans)
        return (*(Atom(text, text) for text in named), Atom(None, None, other=True))
    ends = sorted({end for span in spans for end in (span.low, span.high) if end is not None})
    if not ends:
        return (Atom(None, None),)
    atoms = [Atom(None, ends[0])]
    for low, high in pairwise(ends):
        atoms += [Atom(low, low), Atom(low, high)]
    atoms += [Atom(ends[-1], ends[-1]), Atom(ends[-1], None)]
    return tuple(atom for atom in atoms if not _hollow(atom, kind, whole=whole))


def _hollow(atom: Atom, kind: type, *, whole: bool) -> bool:
    """Whether nothing lies between the two ends: two days in a row, two whole numbers in a row."""
    if atom.low is None or atom.high is None:
        return False
    if atom.single:
        return whole and kind is Decimal and atom.low != atom.low.to_integral_value()
    if kind is date:
        return bool(atom.high - atom.low <= timedelta(days=1))
    if kind is YearsMonths:
        return bool(atom.high.months - atom.low.months <= 1)
    if whole and kind is Decimal:
        return bool(atom.low.__floor__() + 1 >= atom.high)
    return False


def _inside(atom: Atom, span: Span) -> bool:
    if atom.other:
        return False
    if atom.low is None and atom.high is None:
        return False
    if span.single:
        return atom.single and bool(atom.low == span.low)
    if span.low is not None and (atom.low is None or atom.low < span.low):
        return False
    if span.high is not None and (atom.high is None or atom.high > span.high):
        return False
    if atom.single:
        return not (atom.low == span.low and not span.low_closed) and not (
            atom.high == span.high and not span.high_closed
        )
    return True


def _stepped(value: Value, sign: int) -> Value:
    step = _STEPS[type(value)]
    try:
        if type(value) is YearsMonths:
            return YearsMonths(value.months + sign)
        return value + step if sign > 0 else value - step
    except (OverflowError, ArithmeticError):
        return value


def _between(low: Value, high: Value, *, whole: bool) -> Value:
    if type(low) is Decimal:
        middle = low + (high - low) / 2
        return Decimal(low.__floor__() + 1) if whole else middle
    if type(low) is date:
        return low + timedelta(days=(high - low).days // 2)
    if type(low) is YearsMonths:
        return YearsMonths((low.months + high.months) // 2)
    return low + (high - low) / 2


def _texts() -> Iterable[str]:
    yield "something else"
    number = 1
    while True:
        yield f"something else {number}"
        number += 1


def _written(value: Value) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return format_value(value)
