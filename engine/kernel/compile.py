"""From BPMN XML to compiled definitions."""

from __future__ import annotations

from engine.kernel.check import examine
from engine.kernel.definition import Definition
from engine.kernel.findings import ModelRefused
from engine.kernel.hostile import MAX_BYTES


def compile_model(
    xml: bytes, *, file: str, kernel: str = "machine", max_bytes: int = MAX_BYTES
) -> tuple[Definition, ...]:
    """One `Definition` per executable process of the file, in document order; ``ref`` is the key until the engine sets
    the version (``dataclasses.replace``).

    ``kernel``: ``machine`` or ``spiffworkflow``. Raises `ModelRefused` with all findings when one is an error.
    """
    examined = examine(xml, file=file, kernel=kernel, max_bytes=max_bytes)
    if examined.refused:
        raise ModelRefused(examined.findings)
    return examined.definitions
