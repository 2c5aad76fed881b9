"""``sancha lint FILE...``: check BPMN, DMN and form files as one deployment, without a database."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from api.settings import Settings
from engine.deployment.reading import BPMN, DMN, FORM, read_files
from engine.deployment.references import Known
from engine.kernel.hostile import MAX_BYTES
from engine.lint.configuration import FILE_NAME, Configuration, ConfigurationError, read_configuration
from engine.lint.output import FORMATS
from engine.lint.run import lint
from forms import examine_form
from processes import packaged_files
from processes.organisation import ROLES
from processes.services import HANDLERS

FOUND, USAGE_ERROR = 1, 2
_KINDS = (*BPMN, *DMN, *FORM)


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("lint", help="check BPMN, DMN and form files before they are deployed")
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE", help="file, or folder to search for models")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="how findings are written")
    parser.add_argument("--kernel", choices=("machine", "spiffworkflow"), help="what will execute the processes")
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"configuration (default: nearest {FILE_NAME})")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors for the exit code")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Write what was found; 0 without errors, 1 with some, 2 when a file or the configuration cannot be used."""
    try:
        paths = tuple(_models(options.paths))
        files = {str(path): _start_of(path, settings.max_model_bytes + 1) for path in paths}
        house = _configuration(options.config, paths)
    except (_Unusable, ConfigurationError) as problem:
        return _refuse(str(problem))
    except OSError as problem:
        return _refuse(f"{problem.filename}: {problem.strerror}" if problem.filename else str(problem))
    outcome = lint(
        files,
        house=house,
        known=built_in(),
        kernel=options.kernel or settings.kernel,
        max_bytes=settings.max_model_bytes,
        examine_form=examine_form,
    )
    sys.stdout.write(_writable(FORMATS[options.format](outcome)))
    return FOUND if outcome.errors or (options.strict and outcome.warnings) else 0


def built_in() -> Known:
    """What every installation has: handlers, standard roles, and the packaged processes, decisions and forms."""
    packaged = read_files(packaged_files(), kernel="machine", max_bytes=MAX_BYTES)
    return Known(
        processes=set(packaged.processes),
        decisions=set(packaged.decisions),
        forms=set(packaged.forms),
        topics={handler.topic for handler in HANDLERS},
        roles={role.id for role in ROLES},
    )


class _Unusable(Exception):
    """A path that holds no models."""


def _models(paths: Sequence[Path]) -> Iterator[Path]:
    """The files themselves and the models in folders, each once."""
    seen: set[Path] = set()
    for path in paths:
        found: Iterable[Path] = [path]
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.name.endswith(_KINDS) and file.is_file())
            if not found:
                raise _Unusable(f"{path}: no BPMN, DMN or form files were found in this folder")
        for file in found:
            if (real := file.resolve()) not in seen:
                seen.add(real)
                yield file


def _start_of(path: Path, size: int) -> bytes:
    """As much of a file as shows that it is too large; it may be one without end."""
    with path.open("rb") as file:
        return file.read(size)


def _configuration(given: Path | None, paths: Sequence[Path]) -> Configuration:
    file = given or _nearest(paths)
    return Configuration() if file is None else read_configuration(file.read_bytes(), file=str(file))


def _nearest(paths: Sequence[Path]) -> Path | None:
    """The configuration in the folder that all files lie in, or in the nearest one above it."""
    folder = Path(os.path.commonpath([path.resolve().parent for path in paths]))
    candidates = (above / FILE_NAME for above in (folder, *folder.parents))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _writable(text: str) -> str:
    """``text`` with what the terminal cannot show, and what no encoding can (half a surrogate pair), escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _refuse(message: str) -> int:
    print(f"sancha: {' '.join(message.split())}", file=sys.stderr)
    return USAGE_ERROR
