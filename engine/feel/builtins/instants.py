"""Functions on dates and times (10.3.4.7), and the instant of the evaluation (10.3.4.9)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from decimal import Decimal

from engine.feel import far
from engine.feel.builtins.registry import builtin
from engine.feel.errors import FeelEvaluationError
from engine.feel.far import Instant
from engine.feel.limits import Run

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip  # a year on two lines


@builtin("now")
def now(run: Run) -> datetime:
    """The instant of the evaluation, which its caller sets; there is no other clock."""
    if run.now is None:
        raise FeelEvaluationError("now() and today() need the instant of the evaluation")
    return run.now


@builtin("today")
def today(run: Run) -> date:
    """The day of that instant, on the clock of its zone."""
    return now(run).date()


@builtin("day of year", "date: date")
def day_of_year(run: Run, day: Instant) -> Decimal:
    """1 to 366."""
    return Decimal(far.split(day)[1].timetuple().tm_yday)


@builtin("day of week", "date: date")
def day_of_week(run: Run, day: Instant) -> str:
    """The English name."""
    return _DAYS[far.split(day)[1].weekday()]


@builtin("month of year", "date: date")
def month_of_year(run: Run, day: Instant) -> str:
    """The English name."""
    return _MONTHS[far.split(day)[1].month - 1]


@builtin("week of year", "date: date")
def week_of_year(run: Run, day: Instant) -> Decimal:
    """The week by ISO 8601."""
    return Decimal(far.split(day)[1].isocalendar().week)


@builtin("last day of month", "date: date")
def last_day_of_month(run: Run, day: Instant) -> Instant:
    """The month's last day (an addition of common engines)."""
    cycles, near = far.split(far.day_of(day))
    return far.join(cycles, near.replace(day=monthrange(near.year, near.month)[1]))
