"""``sancha test PATH...``: plays scenario files on the real engine, each on a fresh database and a moved clock."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from api.logging import configure_logging
from api.settings import Settings
from engine.errors import EngineError
from processes.scenario.play import Failed
from processes.scenario.run import find, run_script
from processes.scenario.script import ScriptError, load


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("test", help="play scenario files on the real engine")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="scenario file, or folder to search")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Play all scenarios found; 1 when one does not hold, 2 when one cannot be read or none is found."""
    configure_logging("ERROR")
    try:
        scripts = [load(path) for path in find(options.paths)]
    except ScriptError as error:
        print(f"sancha: {error}", file=sys.stderr)
        return 2
    if not scripts:
        named = ", ".join(map(str, options.paths))
        print(f"sancha: no scenario files were found in {named}", file=sys.stderr)
        return 2
    failed = 0
    for script in scripts:
        began = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory(prefix="sancha-test-") as folder:
                run_script(script, Path(folder))
            print(f"passed  {script.name} ({time.perf_counter() - began:.1f} s)")
        except (Failed, ScriptError, EngineError) as error:
            failed += 1
            print(f"failed  {script.name}\n        {error}")
    print(f"{len(scripts) - failed} passed, {failed} failed")
    return 1 if failed else 0
