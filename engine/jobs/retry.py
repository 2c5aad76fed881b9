"""When a failed attempt is made again, and the words that tell why it failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.kernel.definition import TimerKind
from engine.kernel.timers import ParsedTimer, TimerSyntaxError, first_due, parse_timer

FIRST_PAUSE = timedelta(seconds=10)
GROWTH = 4
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 1_000
"""What a model may ask for at most."""
_MAX_TEXT = 2_000
_MAX_DEPTH = 20


def pause_after(attempt: int) -> timedelta:
    """How long to wait after failed attempt number ``attempt`` (from 1): 10 s, 40 s, 160 s, ... at most an hour.

    Without jitter on purpose: claims come in batches and are settled one by one, so retries cannot arrive in a burst,
    and a test or a replay knows the instant.
    """
    exponent = min(max(attempt, 1) - 1, 10)
    factor: int = GROWTH**exponent
    return min(FIRST_PAUSE * factor, LONGEST_PAUSE)


def read_retries(text: str) -> tuple[ParsedTimer, ...]:
    """The waits before the second, third, ... attempt that a model asks for: one attempt less than there may be.

    ``R3/PT10M`` is three attempts, ten minutes apart; ``PT1M,PT10M,PT1H`` are three further attempts after these waits.
    Raises ValueError for anything else.
    """
    text = text.strip()
    if not text.startswith("R"):
        waits = tuple(parse_timer(TimerKind.DURATION, part) for part in text.split(","))
    else:
        cycle = parse_timer(TimerKind.CYCLE, text)
        if cycle.count is None or cycle.start is not None or cycle.end is not None:
            raise TimerSyntaxError(f"{text!r} does not say how many attempts there are, and only that: write R3/PT10M")
        waits = (ParsedTimer(TimerKind.DURATION, cycle.zone, cycle.period),) * (min(cycle.count, MOST_ATTEMPTS + 1) - 1)
    if len(waits) >= MOST_ATTEMPTS:
        raise TimerSyntaxError(f"more than {MOST_ATTEMPTS} attempts are asked for")
    return waits


def due_again(attempt: int, now: datetime, waits: Sequence[ParsedTimer] = ()) -> datetime:
    """When the attempt after number ``attempt`` (from 1) is due, which failed ``now``; both aware, UTC.

    Without ``waits`` (`read_retries`) after `pause_after`; after the last of them that one counts on.
    """
    if not waits:
        return now + pause_after(attempt)
    return first_due(waits[min(max(attempt, 1), len(waits)) - 1], now).at


def root_cause(error: BaseException) -> BaseException:
    """The error that started the chain of ``error``."""
    seen = {id(error)}
    for _ in range(_MAX_DEPTH):
        earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if earlier is None or id(earlier) in seen:
            break
        seen.add(id(earlier))
        error = earlier
    return error


def describe(error: BaseException) -> str:
    """``error`` in one line, with its root cause when that is another one; at most 2,000 characters."""
    cause = root_cause(error)
    text = _one(error) if cause is error else f"{_one(error)} (because of {_one(cause)})"
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _one(error: BaseException) -> str:
    # PostgreSQL text takes no NUL.
    message = str(error).replace("\x00", "").strip()
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
