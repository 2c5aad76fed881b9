"""What a fact about a case is: a label, a value of a known kind, and whether to look at it first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """The text in ``lang`` (``zh`` or ``en``)."""
        return self.en if lang == "en" else self.zh


class Kind(StrEnum):
    """What a value is, so that a page knows how to show it; in brackets its Python type."""

    AMOUNT = "amount"
    """Yuan (`Decimal`)."""
    NUMBER = "number"
    """A plain number (`Decimal`)."""
    PERCENT = "percent"
    """25 is 25 % (`Decimal`)."""
    DATE = "date"
    """A calendar date of the house's zone (`date`)."""
    INSTANT = "instant"
    """Aware (`datetime`)."""
    TEXT = "text"
    """As somebody wrote it, may have lines (`str`)."""
    CHOICE = "choice"
    """One of known answers (`Words`)."""
    PERSON = "person"
    """A user's name for signing in (`str`)."""
    DOCUMENTS = "documents"
    """Ids of documents (`tuple[str, ...]`)."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. ``emphasis``: among the first to look at; ``warning``: it speaks against. In a table, None is empty."""

    label: Words
    kind: Kind
    value: Any
    emphasis: bool = False
    warning: bool = False


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts that belong together. ``rows`` are a table: every row has the same labels in the same order.

    ``key`` is stable, for anchors and tests.
    """

    key: str
    title: Words
    facts: tuple[Fact, ...] = ()
    rows: tuple[tuple[Fact, ...], ...] = ()


def group(key: str, title: Words, facts: Iterable[Fact], rows: Iterable[Sequence[Fact]] = ()) -> FactGroup:
    """A group without its empty facts, and its table without the columns in which nothing stands."""
    kept = [tuple(row) for row in rows]
    used = [
        number for number in range(len(kept[0]) if kept else 0) if any(row[number].value is not None for row in kept)
    ]
    table = tuple(tuple(row[number] for number in used) for row in kept) if used else ()
    return FactGroup(key, title, tuple(fact for fact in facts if fact.value is not None), table)


def amount(label: Words, value: object, *, emphasis: bool = False, warning: bool = False) -> Fact:
    """Yuan; None for what is no number."""
    return Fact(label, Kind.AMOUNT, _decimal(value), emphasis, warning)


def number(label: Words, value: object, *, emphasis: bool = False, warning: bool = False) -> Fact:
    """A number without idle zeros; None for what is none."""
    return Fact(label, Kind.NUMBER, _short(_decimal(value)), emphasis, warning)


def percent(label: Words, value: object, *, emphasis: bool = False, warning: bool = False) -> Fact:
    """Per cent, to two decimals at most; None for what is no number."""
    found = _decimal(value)
    return Fact(label, Kind.PERCENT, None if found is None else _short(round(found, 2)), emphasis, warning)


def day(label: Words, value: object, *, emphasis: bool = False, warning: bool = False) -> Fact:
    """A date, also one that was stored as text."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = None
    found = value if isinstance(value, date) and not isinstance(value, datetime) else None
    return Fact(label, Kind.DATE, found, emphasis, warning)


def instant(label: Words, value: object, *, emphasis: bool = False, warning: bool = False) -> Fact:
    """An aware date and time."""
    found = value if isinstance(value, datetime) and value.tzinfo is not None else None
    return Fact(label, Kind.INSTANT, found, emphasis, warning)


def text(label: Words, value: object, *, emphasis: bool = False, warning: bool = False) -> Fact:
    """A text; an empty one is None."""
    return Fact(label, Kind.TEXT, value if isinstance(value, str) and value else None, emphasis, warning)


def choice(label: Words, value: Words | None, *, emphasis: bool = False, warning: bool = False) -> Fact:
    """A known answer in words."""
    return Fact(label, Kind.CHOICE, value, emphasis, warning)


def person(label: Words, value: object) -> Fact:
    """Somebody by user name."""
    return Fact(label, Kind.PERSON, value if isinstance(value, str) and value else None)


def documents(label: Words, value: object) -> Fact:
    """Documents by id; no document is None."""
    found = tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()
    return Fact(label, Kind.DOCUMENTS, found or None)


def account(label: Words, value: object, *, whole: bool) -> Fact:
    """An account number, all but its last four signs hidden unless it is wanted ``whole``."""
    found = text(label, value)
    if found.value is None or whole:
        return found
    return replace(found, value="•••• " + found.value[-4:] if len(found.value) > 4 else "••••")


def context(variables: Mapping[str, object], name: str) -> Mapping[str, Any]:
    """The context variable ``name``; {} when there is none."""
    found = variables.get(name)
    return found if isinstance(found, Mapping) else {}


def contexts(value: object) -> list[Mapping[str, Any]]:
    """The contexts in a list; [] for anything else."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def _decimal(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else None


def _short(value: Decimal | None) -> Decimal | None:
    """Without zeros behind the point that say nothing."""
    if value is None:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
