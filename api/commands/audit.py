"""``sancha audit verify``: recompute every chain of the audit trail and say what does not agree."""

from __future__ import annotations

import argparse

from api.database import opened
from api.settings import Settings
from api.wiring import wire
from engine.audit.verify import verify

INTACT, DAMAGED = 0, 1


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("audit", help="verify the audit trail")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    verifying = verbs.add_parser("verify", help="recompute all chains and compare them with the checkpoints")
    verifying.set_defaults(run=_verify)


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    """0 when everything agrees; else 1, after a line for the first bad row of each bad chain."""
    with opened(settings.database_url) as store:
        trail = wire(settings, store).audit
        with store.transaction(write=False) as session:
            report = verify(
                session,
                checkpoint_file=trail.checkpoint_file,
                public_key=trail.public_key,
                keys=trail.keys,
            )
    for note in report.notes:
        print(f"note: {note}")
    for finding in report:
        print(finding)
    erased = f", {report.erased} of them erased" if report.erased else ""
    print(
        f"{report.chains} chains, {report.events} events, {report.payloads} payloads{erased}, "
        f"{report.checkpoints} checkpoints: {'intact' if report.intact else f'{len(report.findings)} findings'}"
    )
    return INTACT if report.intact else DAMAGED
