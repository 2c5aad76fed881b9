"""Checkpoints: a signed Merkle root over the heads that changed, in the database and in a file outside it.

A chain alone shows what was changed inside it. That a chain is missing, was cut short, or was computed anew from some
row on, shows against the checkpoints: each lists the heads it covers, links to the one before, and is signed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from engine.audit.canonical import canonical, instant_text
from engine.model.audit import AuditCheckpoint, AuditEvent

OVERLAP = timedelta(minutes=15)
"""An event bears the time at which its transaction began; one that began before the last checkpoint and committed
after it must still be found. Far longer than any transaction of ours."""
_RECENT = 100
"""Checkpoints that are asked which heads they cover already; more than are made within `OVERLAP`."""
_TAIL = 65_536
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint as a line of the file. ``at``: text as hashed. ``heads``: [stream, seq, hash] sorted by stream."""

    number: int
    at: str
    heads: list[list[Any]]
    merkle_root: str
    prev_hash: str
    hash: str
    signature: str

    @classmethod
    def of_row(cls, row: AuditCheckpoint) -> Checkpoint:
        """The checkpoint that a row stores."""
        heads = [list(head) for head in row.heads]
        at = instant_text(row.at)
        return cls(row.number, at, heads, row.merkle_root, row.prev_hash, row.hash, row.signature)

    @classmethod
    def of_line(cls, line: str) -> Checkpoint:
        """The checkpoint that a line of the file holds. Raises ValueError when it holds none."""
        try:
            columns = json.loads(line)
            if not isinstance(columns["number"], int) or not isinstance(columns["heads"], list):
                raise ValueError("it has no number or no heads")
            return cls(**columns)
        except (TypeError, KeyError) as problem:
            raise ValueError(f"it is no checkpoint: {problem}") from None

    def line(self) -> str:
        """The checkpoint as a line of the file, without its end."""
        return canonical(asdict(self)).decode()

    def problem(self, public_key: Ed25519PublicKey | None) -> str | None:
        """What is wrong with the checkpoint in itself, if anything."""
        if merkle_root(self.heads) != self.merkle_root:
            return "the heads do not give its Merkle root"
        if _hash(self.number, self.at, self.merkle_root, self.prev_hash) != self.hash:
            return "its columns do not give its hash"
        if public_key is not None:
            try:
                public_key.verify(bytes.fromhex(self.signature), bytes.fromhex(self.hash))
            except (InvalidSignature, ValueError):
                return "its signature is not by this installation's key"
        return None


def merkle_root(heads: Sequence[Sequence[Any]]) -> str:
    """The Merkle tree hash (hex) of ``heads`` in their order, leaves and nodes told apart as in RFC 9162."""
    level = [hashlib.sha256(b"\x00" + canonical(list(head))).digest() for head in heads]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return (level[0] if level else hashlib.sha256().digest()).hex()


def take_checkpoint(
    session: Session, signer: Ed25519PrivateKey, file: Path | None, *, at: datetime
) -> AuditCheckpoint | None:
    """Store a checkpoint over the heads that changed since the last one; None when none did.

    Once the transaction has committed, the file gets this checkpoint and all before it that it lacks, and is synced to
    disk. When it cannot be written, that is logged and the next checkpoint makes up for it. Two processes that take the
    same number at once: the later one fails with IntegrityError and changes nothing.
    """
    last = session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.number.desc()).limit(1)).one_or_none()
    heads = _changed_heads(session, last)
    if not heads:
        return None
    number, prev_hash = (1, "") if last is None else (last.number + 1, last.hash)
    root = merkle_root(heads)
    own_hash = _hash(number, instant_text(at), root, prev_hash)
    row = AuditCheckpoint(
        number=number,
        at=at,
        heads=heads,
        merkle_root=root,
        prev_hash=prev_hash,
        hash=own_hash,
        signature=signer.sign(bytes.fromhex(own_hash)).hex(),
    )
    session.add(row)
    session.flush()
    if file is not None:
        _write_after_commit(session, file, row)
    return row


def read_file(file: Path) -> Iterator[tuple[int, str]]:
    """The lines of a checkpoint file with their numbers, from 1. Raises OSError."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.endswith("\n"):  # else the process died while writing it, and the next checkpoint writes it again
                yield number, line


def last_in_file(file: Path) -> Checkpoint | None:
    """The last whole line of a checkpoint file; None when there is no file or no line. Raises OSError, ValueError."""
    try:
        with file.open("rb") as stream:
            line = _last_line(stream)[1]
    except FileNotFoundError:
        return None
    return Checkpoint.of_line(line.decode()) if line else None


def _changed_heads(session: Session, last: AuditCheckpoint | None) -> list[list[Any]]:
    """[stream, seq, hash] of each chain with a new head, by stream; found by the index on time."""
    recent = select(AuditEvent.stream, func.max(AuditEvent.seq).label("seq")).group_by(AuditEvent.stream)
    covered: dict[str, list[Any]] = {}
    if last is not None:
        since = last.at - OVERLAP
        recent = recent.where(AuditEvent.at > since)
        for heads in session.scalars(
            select(AuditCheckpoint.heads)
            .where(AuditCheckpoint.number > last.number - _RECENT, AuditCheckpoint.at > since)
            .order_by(AuditCheckpoint.number)
        ):
            covered |= {head[0]: list(head) for head in heads}
    newest = recent.subquery()
    rows = session.execute(
        select(AuditEvent.stream, AuditEvent.seq, AuditEvent.hash).join(
            newest, (AuditEvent.stream == newest.c.stream) & (AuditEvent.seq == newest.c.seq)
        )
    )
    found = [[stream, seq, hash_] for stream, seq, hash_ in rows]
    return sorted(head for head in found if covered.get(str(head[0])) != head)


def _write_after_commit(session: Session, file: Path, newest: AuditCheckpoint) -> None:
    missing = select(AuditCheckpoint).where(AuditCheckpoint.number > _last_number(file))
    lines = {row.number: Checkpoint.of_row(row).line() for row in session.scalars(missing)}
    lines[newest.number] = Checkpoint.of_row(newest).line()

    def write(_session: Session) -> None:
        try:
            _append(file, lines)
        except OSError as problem:
            log.error("audit.checkpoint_file_not_written", file=file.name, reason=problem.strerror)

    event.listen(session, "after_commit", write, once=True)


def _append(file: Path, lines: dict[int, str]) -> None:
    with file.open("ab+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        end, last = _tail(stream)
        stream.truncate(end)  # half a line of a process that died while writing it
        stream.write("".join(f"{line}\n" for number, line in sorted(lines.items()) if number > last).encode())
        stream.flush()
        os.fsync(stream.fileno())


def _last_number(file: Path) -> int:
    try:
        with file.open("rb") as stream:
            return _tail(stream)[1]
    except OSError:
        return 0  # there is none yet, or writing it will say what is wrong


def _tail(stream: IO[bytes]) -> tuple[int, int]:
    """Where the last whole line ends, and the number of its checkpoint (0: there is no line)."""
    end, line = _last_line(stream)
    if not line:
        return end, 0
    try:
        return end, Checkpoint.of_line(line.decode()).number
    except ValueError:
        return end, 0  # a damaged file: verification names the line; all checkpoints are written again behind it


def _last_line(stream: IO[bytes]) -> tuple[int, bytes]:
    """Where the last whole line ends, and that line without its end."""
    size = stream.seek(0, os.SEEK_END)
    length = _TAIL
    while True:
        begin = max(size - length, 0)
        stream.seek(begin)
        block = stream.read(size - begin)
        whole = block[: block.rfind(b"\n") + 1]
        if begin == 0 or whole[:-1].count(b"\n"):
            break
        length *= 4
    return begin + len(whole), whole[:-1].rpartition(b"\n")[2]


def _hash(number: int, at: str, root: str, prev_hash: str) -> str:
    return hashlib.sha256(
        canonical({"at": at, "merkle_root": root, "number": number, "prev_hash": prev_hash})
    ).hexdigest()
