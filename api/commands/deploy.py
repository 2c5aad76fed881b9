"""``sancha deploy FILE...``: deploy BPMN, DMN and form files together."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from api.commands.operator import operator
from api.database import opened
from api.settings import Settings
from api.wiring import wire
from engine.access import PUBLISHER
from engine.commands.deploy import deploy
from engine.deployment.decision_files import written_instant
from engine.errors import DeploymentRefused


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("deploy", help="deploy BPMN, DMN and form files together")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--name", help="name of the deployment (default: the first file's)")
    parser.add_argument("--kernel", choices=("machine", "spiffworkflow"), help="what executes the processes")
    parser.add_argument(
        "--effective-from",
        type=_instant,
        metavar="DAY",
        help="day or instant from which decisions count whose files do not say it",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Deploy all files or none; findings are printed one a line."""
    files = {path.name: path.read_bytes() for path in options.files}
    name = options.name or options.files[0].stem
    try:
        with opened(settings.database_url) as store, wire(settings, store).work(operator(PUBLISHER)) as work:
            kernel = options.kernel or settings.kernel
            done = deploy(work, name=name, files=files, kernel=kernel, effective_from=options.effective_from)
    except DeploymentRefused as refused:
        for finding in refused.findings:
            print(_lines(finding))
        raise
    for warning in done.warnings:
        print(_lines(warning))
    for item in done.definitions:
        print(f"{item.kind} {item.key} version {item.version}{'' if item.new else ' (unchanged)'}")
    return 0


def _instant(text: str) -> datetime | None:
    try:
        return written_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _lines(finding: object) -> str:
    """A finding as `sancha lint` writes it: one line, and one with the advice."""
    known = finding if isinstance(finding, dict) else {}
    where = ":".join(str(known[part]) for part in ("file", "line", "column") if known.get(part))
    what = f"{known.get('element') or ''} {known.get('message', '')}".strip()
    advice = f"\n    {known['advice']}" if known.get("advice") else ""
    return f"{where}: {known.get('severity', 'error')}: {what} [{known.get('rule', '')}]{advice}"
