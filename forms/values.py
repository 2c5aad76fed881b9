"""marshmallow fields: one submitted JSON value to the Python value a process works with, or a complaint.

Text is stripped, and an empty one is None. Numbers are Decimal, dates ``date``, instants aware and in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import re2
from marshmallow import ValidationError, fields

from engine.ids import is_id
from forms.attributes import MAX_ROWS, option_text
from forms.checks import NUMBER_CHECKS, TEXT_CHECKS
from forms.definition import Limits
from forms.messages import Complaint

DEFAULT_MAX_LENGTH = 10_000
DEFAULT_MAX_ITEMS = MAX_ROWS
MAX_DIGITS = 28
_FLOAT_DIGITS = 15  # what a binary double keeps of any decimal number
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def refuse(code: str, **arguments: object) -> ValidationError:
    """The error to raise for a value with one complaint."""
    return ValidationError([Complaint(code, arguments)])


class Text(fields.Field[str | None]):
    """A text within its length; pattern and named check apply to what is left after stripping."""

    def __init__(self, limits: Limits, check: str | None = None, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)
        self.limits = limits
        self.check = check
        self.pattern = re2.compile(limits.pattern) if limits.pattern else None

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str | None:
        if not isinstance(value, str):
            raise refuse("not-text")
        text = value.strip()
        if not text:
            return None
        if _CONTROL.search(text):
            raise refuse("control")
        least, most = self.limits.min_length, self.limits.max_length or DEFAULT_MAX_LENGTH
        if least is not None and len(text) < least:
            raise refuse("min-length", least=least)
        if len(text) > most:
            raise refuse("max-length", most=most)
        if self.pattern is not None and not self.pattern.fullmatch(text):
            if self.limits.pattern_zh:
                raise refuse("rule", zh=self.limits.pattern_zh, en=self.limits.pattern_en or self.limits.pattern_zh)
            raise refuse("pattern")
        if self.check is not None and not TEXT_CHECKS[self.check](text):
            raise refuse(f"check-{self.check}")
        return text


class Number(fields.Field[Decimal | None]):
    """An exact number, given as JSON number or as text; a float only when it stands for one decimal number."""

    def __init__(self, limits: Limits, check: str | None = None, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)
        self.limits = limits
        self.check = check

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> Decimal | None:
        if isinstance(value, str) and not value.strip():
            return None
        number = _exact(value)
        _, digits, exponent = number.as_tuple()
        if not isinstance(exponent, int):
            raise refuse("not-number")
        # The digits one would have to write, with those zeros that the exponent stands for.
        if max(len(digits), len(digits) + exponent, -exponent) > MAX_DIGITS:
            raise refuse("too-many-digits", most=MAX_DIGITS)
        places, least, most = self.limits.places, self.limits.least, self.limits.most
        if places is not None and -number.normalize().as_tuple().exponent > places:  # type: ignore[operator]  # finite
            raise refuse("places", most=places)
        if least is not None and number < least:
            raise refuse("least", least=f"{least:f}")
        if most is not None and number > most:
            raise refuse("most", most=f"{most:f}")
        if self.limits.step is not None and number % self.limits.step:
            raise refuse("step", step=f"{self.limits.step:f}")
        if self.check is not None and not NUMBER_CHECKS[self.check](number):
            raise refuse(f"check-{self.check}")
        return number


def _exact(value: object) -> Decimal:
    match value:
        case bool():
            raise refuse("not-number")
        case Decimal() | int():
            return Decimal(value)
        case float():
            number = Decimal(repr(value))
            if number.is_finite() and len(number.normalize().as_tuple().digits) > _FLOAT_DIGITS:
                raise refuse("inexact")
            return number
        case str() if _PLAIN_NUMBER.fullmatch(value.strip()):
            try:
                return Decimal(value.strip())
            except InvalidOperation:
                raise refuse("not-number") from None
    raise refuse("not-number")


class Flag(fields.Field[bool | None]):
    """Yes or no."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> bool | None:
        if not isinstance(value, bool):
            raise refuse("not-flag")
        return value


Offers = Callable[[], Mapping[str, object] | None]
"""What may be chosen: text to the value that the case gets. None: that depends on the other fields."""


class Choice(fields.Field[object]):
    """One of the options."""

    def __init__(self, offers: Offers, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)
        self.offers = offers

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> object:
        return None if value == "" else chosen(value, self.offers())


class Choices(fields.Field[list[object] | None]):
    """Several different options."""

    def __init__(self, offers: Offers, limits: Limits, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)
        self.offers = offers
        self.limits = limits

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> list[object] | None:
        offers = self.offers()
        return [chosen(text, offers) for text in _different(value, self.limits)]


def chosen(value: object, offers: Mapping[str, object] | None) -> object:
    """The offered value that ``value`` stands for; anything plain while it is not known what is offered."""
    if not isinstance(value, str | int | float | Decimal):
        raise refuse("not-option", value=_shown(value))
    if offers is None:
        return value
    text = option_text(value)
    if text not in offers:
        raise refuse("not-option", value=_shown(text))
    return offers[text]


class Files(fields.Field[list[str] | None]):
    """Ids of documents that were uploaded before; one id alone is a list of one."""

    def __init__(self, limits: Limits, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)
        self.limits = limits

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> list[str] | None:
        if value == "":
            return None
        ids = _different([value] if isinstance(value, str) else value, self.limits)
        for text in ids:
            if not (isinstance(text, str) and is_id(text)):
                raise refuse("not-document", value=_shown(text))
        return [str(text) for text in ids]


class Rows(fields.List[Any]):
    """Repeating rows, each an object."""

    def __init__(self, row: fields.Nested, limits: Limits, **kwargs: Any) -> None:
        super().__init__(row, allow_none=True, **kwargs)
        self.limits = limits

    def _deserialize(self, value: object, attr: str | None, data: Any, **kwargs: object) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise refuse("not-list")
        _count(len(value), self.limits)
        return super()._deserialize(value, attr, data, **kwargs)


def _different(value: object, limits: Limits) -> list[object]:
    if not isinstance(value, list | tuple):
        raise refuse("not-list")
    _count(len(value), limits)
    seen: set[str] = set()
    for item in value:
        if not isinstance(item, str | int | float | Decimal):
            raise refuse("not-text")
        if (text := option_text(item)) in seen:
            raise refuse("twice", value=_shown(text))
        seen.add(text)
    return list(value)


def _count(items: int, limits: Limits) -> None:
    # An empty list is like nothing given; whether something must be given is the business of `required`.
    if items and limits.min_items is not None and items < limits.min_items:
        raise refuse("min-items", least=limits.min_items)
    most = limits.max_items if limits.max_items is not None else DEFAULT_MAX_ITEMS
    if items > most:
        raise refuse("max-items", most=most)


def _shown(value: object) -> str:
    return str(value)[:60]


def flatten(messages: object, path: str = "") -> list[tuple[str, Complaint]]:
    """The messages of marshmallow as (field path, complaint); rows are numbered from 0: ``payees[0].amount``."""
    if isinstance(messages, Mapping):
        found = []
        for key, inner in messages.items():
            step = f"[{key}]" if isinstance(key, int) else (f".{key}" if path else str(key))
            found += flatten(inner, path if key == "_schema" else path + step)
        return found
    items = messages if isinstance(messages, list) else [messages]
    return [(path, item if isinstance(item, Complaint) else Complaint(str(item))) for item in items]
