"""Functions on numbers (10.3.4.5)."""

from __future__ import annotations

import decimal
from decimal import Decimal

from engine.feel.builtins.registry import builtin
from engine.feel.limits import Run
from engine.feel.values import NUMBERS, Value

_MIN_SCALE, _MAX_SCALE = -6111, 6176


def round_to(number: Decimal, scale: Value, mode: str) -> Decimal | None:
    """``number`` with ``scale`` digits after the point (before it when negative); null beyond decimal128."""
    digits = Decimal(0) if scale is None else scale
    if digits != digits.to_integral_value() or not _MIN_SCALE <= digits <= _MAX_SCALE:
        return None
    exponent = number.as_tuple().exponent
    if digits >= 0 and isinstance(exponent, int) and exponent >= -int(digits):
        return number  # nothing to round away, and padding with zeros might need more than 34 digits
    context = decimal.Context(prec=NUMBERS.prec, Emin=NUMBERS.Emin, Emax=NUMBERS.Emax, rounding=mode)
    return number.quantize(Decimal(1).scaleb(-int(digits)), context=context)


@builtin("decimal", "n: number, scale: number")
def round_half_even(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    """Rounded to a scale, halves to the even neighbour."""
    return round_to(n, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor", "n: number")
@builtin("floor", "n: number, scale: number")
def floor(run: Run, n: Decimal, scale: Value = None) -> Decimal | None:
    """Rounded towards minus infinity."""
    return round_to(n, scale, decimal.ROUND_FLOOR)


@builtin("ceiling", "n: number")
@builtin("ceiling", "n: number, scale: number")
def ceiling(run: Run, n: Decimal, scale: Value = None) -> Decimal | None:
    """Rounded towards plus infinity."""
    return round_to(n, scale, decimal.ROUND_CEILING)


@builtin("round up", "n: number, scale: number")
def round_up(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    """Rounded away from zero."""
    return round_to(n, scale, decimal.ROUND_UP)


@builtin("round down", "n: number, scale: number")
def round_down(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    """Rounded towards zero."""
    return round_to(n, scale, decimal.ROUND_DOWN)


@builtin("round half up", "n: number, scale: number")
def round_half_up(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    """Rounded to the nearest, halves away from zero."""
    return round_to(n, scale, decimal.ROUND_HALF_UP)


@builtin("round half down", "n: number, scale: number")
def round_half_down(run: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    """Rounded to the nearest, halves towards zero."""
    return round_to(n, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs", "n: number")
def absolute(run: Run, n: Decimal) -> Decimal:
    """Without its sign."""
    return NUMBERS.abs(n)


@builtin("abs", "n: duration")
@builtin("abs", "n: months")
def absolute_duration(run: Run, n: Value) -> Value:
    """A duration without its sign."""
    return abs(n) if not hasattr(n, "months") else type(n)(abs(n.months))


@builtin("modulo", "dividend: number, divisor: number")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal:
    """``dividend - divisor * floor(dividend / divisor)``: the remainder has the sign of the divisor."""
    remainder = NUMBERS.remainder(dividend, divisor)
    return remainder if not remainder or (remainder < 0) == (divisor < 0) else NUMBERS.add(remainder, divisor)


@builtin("sqrt", "number: number")
def square_root(run: Run, number: Decimal) -> Decimal:
    """The square root."""
    return NUMBERS.sqrt(number)


@builtin("log", "number: number")
def logarithm(run: Run, number: Decimal) -> Decimal | None:
    """The natural logarithm."""
    return NUMBERS.ln(number) if number > 0 else None


@builtin("exp", "number: number")
def exponential(run: Run, number: Decimal) -> Decimal:
    """E to the power of the number."""
    return NUMBERS.exp(number)


@builtin("odd", "number: number")
def odd(run: Run, number: Decimal) -> bool:
    """Whether a whole number is odd."""
    return number == number.to_integral_value() and int(number) % 2 == 1


@builtin("even", "number: number")
def even(run: Run, number: Decimal) -> bool:
    """Whether a whole number is even."""
    return number == number.to_integral_value() and int(number) % 2 == 0
