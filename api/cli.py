"""The command ``sancha``. Errors are one line on standard error and a non-zero exit code, never a traceback."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from api.commands import audit, decide, demo, deploy, lint, migrate, people, scenarios, serve, worker
from api.logging import configure_logging
from api.settings import Settings, SettingsError, unknown_variables
from engine import version
from engine.errors import EngineError

COMMANDS = (serve, worker, demo, scenarios, lint, decide, deploy, audit, people, migrate)
USAGE_ERROR, FAILED = 2, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``sancha`` with ``arguments`` (default: the process's own) and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment(os.environ)
        configure_logging(settings.log_level)
        for name, meant in unknown_variables(os.environ).items():
            print(f"sancha: {name} is no setting" + (f"; did you mean {meant}?" if meant else ""), file=sys.stderr)
        return int(options.run(options, settings))
    except SettingsError as error:
        return _fail(str(error), USAGE_ERROR)
    except EngineError as error:
        return _fail(error.message, FAILED)
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), FAILED)
    except KeyboardInterrupt:
        return _fail("stopped", 130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sancha", description="Runs the financing lifecycle from BPMN diagrams.")
    parser.add_argument("--version", action="version", version=f"sancha {version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.register(commands)
    return parser


def _fail(message: str, code: int) -> int:
    print(f"sancha: {' '.join(message.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
