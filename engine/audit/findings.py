"""What verification of the audit trail finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong; see `engine.audit.verify`."""

    EDITED = "edited"
    MOVED = "moved"
    DELETED = "deleted"
    UNLINKED = "unlinked"
    TAIL_CUT = "tail-cut"
    SURPLUS = "surplus"
    MISSING_CHAIN = "missing-chain"
    UNOWNED_CHAIN = "unowned-chain"
    REWRITTEN = "rewritten"
    PAYLOAD_EDITED = "payload-edited"
    PAYLOAD_SURPLUS = "payload-surplus"
    CHECKPOINT_EDITED = "checkpoint-edited"
    CHECKPOINT_MISSING = "checkpoint-missing"
    CHECKPOINT_FILE = "checkpoint-file"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first bad row of a chain: ``stream`` and ``seq`` name it (for a checkpoint: ``checkpoint``, number)."""

    fault: Fault
    stream: str
    seq: int | None
    message: str

    def __str__(self) -> str:
        place = self.stream if self.seq is None else f"{self.stream} #{self.seq}"
        return f"{place}: {self.fault}: {self.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a verification. ``findings`` is empty when all is well; iterating gives them.

    ``erased`` counts payloads that are gone or whose key is (allowed by retention, so no finding); ``notes`` say what
    could not be checked.
    """

    findings: tuple[Finding, ...]
    chains: int
    events: int
    payloads: int
    erased: int
    checkpoints: int
    notes: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)
