"""When a failed attempt is made again, and the words that tell why it failed."""

from __future__ import annotations

from datetime import timedelta

FIRST_PAUSE = timedelta(seconds=10)
GROWTH = 4
LONGEST_PAUSE = timedelta(hours=1)
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
