"""Runs the benchmarks and prints their table; nothing is asserted about time.

``python -m bench [--quick] [--only a,c] [--seed N] [--markdown]``. Every ratio compares two things that were measured
in this run, in turn where that is possible, because the machine is shared and its speed varies.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

import structlog

from bench.completion import bench_completion
from bench.databases import Databases, SqliteFiles, own_postgres
from bench.decisions import bench_decisions
from bench.expressions import bench_expressions
from bench.inbox import bench_inbox
from bench.items import bench_items
from bench.loops import bench_loops
from bench.scale import FULL, QUICK, Scale
from bench.statements import bench_statements
from bench.table import Row, markdown, plain
from bench.timers import bench_timers
from bench.wind_farm import bench_wind_farm

PARTS = "abcdefghi"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every benchmark ran."""
    options = _parser().parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    scale = QUICK if options.quick else FULL
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, seed {options.seed}", flush=True)
    began = time.perf_counter()
    rows: list[Row] = []
    for found in run(options.only, scale, options.seed):
        rows += found
        print(f"({found[0].part}) {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    rows.sort(key=lambda row: row.part)
    print(markdown(rows) if options.markdown else plain(rows))
    return 0


def run(parts: str, scale: Scale, seed: int) -> Iterator[list[Row]]:
    """The rows of each of ``parts`` and, where it makes a difference, each kind of database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sancha-bench-")))
        kinds: list[Databases] = [SqliteFiles(folder)]
        if set(parts) & set("acdf"):
            kinds.append(stack.enter_context(own_postgres()))
        on_each: dict[str, Callable[[Databases, Path], list[Row]]] = {
            "a": lambda kind, home: bench_completion(scale, kind, home, Random(seed)),
            "c": lambda kind, home: bench_statements(kind, home, Random(seed)),
            "f": lambda kind, home: bench_inbox(scale, kind, home),
        }
        if "b" in parts:
            yield bench_loops(scale)
        if "g" in parts:
            yield bench_items(scale)
        if "h" in parts:
            yield bench_expressions()
        if "i" in parts:
            yield bench_decisions()
        for part in sorted(on_each.keys() & set(parts)):
            for kind in kinds:
                yield on_each[part](kind, _home(folder, f"{part}-{kind.name}"))
        if "d" in parts:
            yield bench_timers(scale, kinds[-1], _home(folder, "d"), Random(seed))
        if "e" in parts:
            yield bench_wind_farm(scale, _home(folder, "e"))


def _home(folder: Path, name: str) -> Path:
    home = folder / name
    home.mkdir()
    return home


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=str(__doc__).partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="smaller sizes, for a first look")
    parser.add_argument("--only", type=_parts, default=PARTS, help="some of the parts, as in a,c")
    parser.add_argument("--seed", type=int, default=1, help="of the example data (default 1)")
    parser.add_argument("--markdown", action="store_true", help="print the table for a document")
    return parser


def _parts(text: str) -> str:
    named = text.replace(",", "").replace(" ", "")
    if not named or set(named) - set(PARTS):
        raise argparse.ArgumentTypeError(f"the parts are {', '.join(PARTS)}, not {text!r}")
    return named


if __name__ == "__main__":
    sys.exit(main())
