"""Tries every hostile text in a process of its own, whose memory is limited, and prints what came of each.

One line of JSON for each: its name, the seconds of processor time, the outcome's type, and by how many bytes the
process's largest size ever had grown since the start.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.feel import FeelError, parse, parse_unary_tests
from tests.feel.hostile_cases import BOMBS, DEEP, ESCAPES, PATTERNS, VARIABLES

LIMIT_SECONDS = 0.5
_ROOM = 256_000_000


def main() -> None:
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + _ROOM, size + _ROOM))
    began = _largest_size()
    for name, action in _actions():
        seconds, outcome = measured(action)
        print(json.dumps([name, seconds, type(outcome).__name__, _largest_size() - began]), flush=True)


def measured(action: Callable[[], object]) -> tuple[float, object]:
    """Seconds of processor time and what came of it: a value or an error of FEEL.

    Of up to three tries the fastest counts: what else the machine does makes a try slower, never faster.
    """
    fastest = float("inf")
    outcome: object = None
    for _ in range(3):
        start = time.thread_time()
        try:
            outcome = action()
        except FeelError as error:
            outcome = error
        fastest = min(fastest, time.thread_time() - start)
        if fastest < LIMIT_SECONDS:
            break
    return fastest, outcome


def _actions() -> Iterator[tuple[str, Callable[[], object]]]:
    for name, text in DEEP.items():
        yield f"nesting: {name}", lambda text=text: parse(text)  # type: ignore[misc]  # lambda with a default
        yield f"nested tests: {name}", lambda text=text: parse_unary_tests(text)  # type: ignore[misc]  # the same
    for name, text in BOMBS.items():
        yield f"bomb: {name}", lambda text=text: parse(text).evaluate(VARIABLES)  # type: ignore[misc]  # the same
    for pattern in PATTERNS:
        text = pattern.format("a" * 20_000 + "!")
        yield f"pattern: {pattern}", lambda text=text: parse(text).evaluate({})  # type: ignore[misc]  # the same
    for text in ESCAPES:
        yield f"escape: {text}", lambda text=text: parse(text).evaluate({"a": {"b": 1}})  # type: ignore[misc]  # the same


def _largest_size() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.exit(main())
