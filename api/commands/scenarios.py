"""``sancha test PATH...``: plays decision suites, and scenarios on the real engine with a database and clock of their
own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from api.logging import configure_logging
from api.settings import Settings
from engine.errors import EngineError
from processes.scenario.cases import SUFFIX, Suite, read_suite, run_suite
from processes.scenario.play import Failed
from processes.scenario.run import find, run_script
from processes.scenario.script import Script, ScriptError, load


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("test", help="play scenario files on the real engine, and suites of decision cases")
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help=f"scenario file or *{SUFFIX}, or folder to search for both"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Play everything found; 1 when something does not hold, 2 when a file cannot be read or none is found."""
    configure_logging("ERROR")
    try:
        suites = [read_suite(path) for path in _suites(options.paths)]
        named = [path for path in options.paths if not path.name.endswith(SUFFIX)]
        scripts = [load(path) for path in find(named)]
    except ScriptError as error:
        print(f"sancha: {error}", file=sys.stderr)
        return 2
    if not scripts and not suites:
        named_paths = ", ".join(map(str, options.paths))
        print(f"sancha: no scenario files or decision suites were found in {named_paths}", file=sys.stderr)
        return 2
    failed = sum(not _play_suite(suite) for suite in suites) + sum(not _play(script) for script in scripts)
    print(f"{len(scripts) + len(suites) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _suites(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(path.rglob(f"*{SUFFIX}"))
        elif path.name.endswith(SUFFIX):
            if not path.is_file():
                raise ScriptError(f"{path}: there is no such file or folder")
            found.append(path)
    return found


def _play_suite(suite: Suite) -> bool:
    """One line for each case that fails, and the rules that no case reaches."""
    outcome = run_suite(suite)
    for failure in outcome.failures:
        print(f"failed  {failure}")
    kept = len(suite.cases) - len(outcome.failures)
    print(f"{'failed' if outcome.failures else 'passed'}  {suite.file} ({kept} of {len(suite.cases)} cases)")
    for decision, rules in outcome.unhit.items():
        print(f"        no case reaches {decision}: {', '.join(rules)}")
    return not outcome.failures


def _play(script: Script) -> bool:
    began = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory(prefix="sancha-test-") as folder:
            run_script(script, Path(folder))
    except (Failed, ScriptError, EngineError) as error:
        print(f"failed  {script.name}\n        {error}")
        return False
    print(f"passed  {script.name} ({time.perf_counter() - began:.1f} s)")
    return True
