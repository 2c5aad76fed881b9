"""What checkpoints, in the database and in the file outside it, know of the chains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.audit.checkpoint import Checkpoint, read_file
from engine.audit.findings import Fault, Finding
from engine.model.audit import AuditCheckpoint

CHECKPOINT = "checkpoint"


@dataclass(slots=True)
class Witnesses:
    """The heads that sound checkpoints list: stream to {number: hash}."""

    heads: dict[str, dict[int, str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    count: int = 0
    _taken: set[str] = field(default_factory=set)

    def take(self, stream: str) -> dict[int, str]:
        """What is known of ``stream``; afterwards it counts as found."""
        self._taken.add(stream)
        return self.heads.get(stream, {})

    def missing(self) -> Iterator[Finding]:
        """The chains that checkpoints know and that nobody took."""
        for stream in sorted(self.heads.keys() - self._taken):
            heads = self.heads[stream]
            message = f"a checkpoint saw {max(heads)} events, and there is none"
            yield Finding(Fault.MISSING_CHAIN, stream, 1, message)

    def believe(self, checkpoint: Checkpoint) -> None:
        """Take over what ``checkpoint`` lists."""
        for stream, seq, hash_ in checkpoint.heads:
            self.heads.setdefault(str(stream), {})[int(seq)] = str(hash_)


def check_checkpoints(session: Session, file: Path | None, public_key: Ed25519PublicKey | None) -> Witnesses:
    """The heads known from the file and the database, and what is wrong with the checkpoints themselves.

    The file is read first: all its lines were written after their rows were committed. Where both hold a checkpoint,
    the file is believed, because who can change the database need not be able to change the file.
    """
    witnesses = Witnesses()
    outside = {} if file is None else _read_outside(file, public_key, witnesses)
    prev_hash, last = "", 0
    for row in session.scalars(
        select(AuditCheckpoint).order_by(AuditCheckpoint.number), execution_options={"yield_per": 100}
    ):
        inside = Checkpoint.of_row(row)
        witnesses.count += 1
        problem = inside.problem(public_key)
        if row.number != last + 1:
            _report(witnesses, Fault.CHECKPOINT_MISSING, last + 1, f"the next one is number {row.number}")
        elif problem is None and inside.prev_hash != prev_hash:
            problem = "it does not link to the one before it"
        line = outside.pop(row.number, None)
        if problem is not None:
            _report(witnesses, Fault.CHECKPOINT_EDITED, row.number, problem)
        elif line is not None and line.hash != inside.hash:
            _report(witnesses, Fault.CHECKPOINT_EDITED, row.number, "the file outside the database holds another one")
        witnesses.believe(line or inside)
        prev_hash, last = inside.hash, row.number
    for number, line in outside.items():
        _report(witnesses, Fault.CHECKPOINT_MISSING, number, "the file has it and the database does not")
        witnesses.believe(line)
    return witnesses


def _read_outside(file: Path, public_key: Ed25519PublicKey | None, witnesses: Witnesses) -> dict[int, Checkpoint]:
    found: dict[int, Checkpoint] = {}
    try:
        for number, line in read_file(file):
            try:
                checkpoint = Checkpoint.of_line(line)
                if problem := checkpoint.problem(public_key):
                    raise ValueError(problem)
            except ValueError as error:
                _report(witnesses, Fault.CHECKPOINT_FILE, number, f"line {number} of {file.name}: {error}")
            else:
                found[checkpoint.number] = checkpoint
    except FileNotFoundError:
        witnesses.notes.append(f"there is no file {file.name} yet: a cut in database and case alike does not show")
    except (OSError, UnicodeDecodeError) as error:
        _report(witnesses, Fault.CHECKPOINT_FILE, None, f"{file.name} cannot be read: {error}")
    return found


def _report(witnesses: Witnesses, fault: Fault, number: int | None, message: str) -> None:
    witnesses.findings.append(Finding(fault, CHECKPOINT, number, message))
