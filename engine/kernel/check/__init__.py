"""The deployment check: what the kernel cannot execute correctly is refused, with the place and the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.kernel.build.process import build
from engine.kernel.check import (
    activities,
    boundary,
    compensation,
    data,
    event_gateways,
    events,
    execution,
    expressions,
    extensions,
    flows,
    gateways,
    lanes,
    lengths,
    links,
    performers,
    pools,
    references,
    soundness,
    structure,
    subprocesses,
    transactions,
    triggers,
    unsupported,
)
from engine.kernel.check.advice import advised
from engine.kernel.definition import Definition
from engine.kernel.findings import Finding, ModelRefused, Report, Severity
from engine.kernel.graph import Graph
from engine.kernel.hostile import MAX_BYTES
from engine.kernel.read import read
from engine.kernel.spiff import refusals

__all__ = ["Examined", "Finding", "ModelRefused", "Severity", "check", "examine"]

FAMILIES: tuple[Callable[[Graph, Report], None], ...] = (
    structure.check,
    references.check,
    flows.check,
    gateways.check,
    event_gateways.check,
    events.check,
    triggers.check,
    boundary.check,
    links.check,
    subprocesses.check,
    transactions.check,
    compensation.check,
    activities.check,
    data.check,
    lanes.check,
    pools.check,
    performers.check,
    execution.check,
    unsupported.check,
    extensions.check,
)
"""Rules on the graph, one module each; `expressions` and `lengths` look at the compiled definitions."""


KERNELS = ("machine", "spiffworkflow")


@dataclass(frozen=True, slots=True)
class Examined:
    """``definitions`` are sound only when the model is not ``refused``."""

    definitions: tuple[Definition, ...]
    findings: tuple[Finding, ...]
    refused: bool


def check(xml: bytes, *, file: str, kernel: str = "machine", max_bytes: int = MAX_BYTES) -> tuple[Finding, ...]:
    """Every finding about a model, in the order of the file; never raises for what the model says."""
    return examine(xml, file=file, kernel=kernel, max_bytes=max_bytes).findings


def examine(xml: bytes, *, file: str, kernel: str = "machine", max_bytes: int = MAX_BYTES) -> Examined:
    """Reads, checks and compiles a model. Raises `ValueError` for a kernel that does not exist."""
    if kernel not in KERNELS:
        raise ValueError(f"there is no kernel {kernel!r}; it can be {', '.join(KERNELS)}")
    try:
        graph = read(xml, file=file, max_bytes=max_bytes)
    except ModelRefused as refusal:
        return Examined((), tuple(map(advised, refusal.findings)), refused=True)
    report = Report(file)
    for family in FAMILIES:
        family(graph, report)
    definitions = build(graph, report, kernel=kernel)
    expressions.check(definitions, report)
    lengths.check(definitions, report)
    soundness.check(definitions, report)
    if kernel == "spiffworkflow":
        refusals.check(definitions, report)
    return Examined(definitions, tuple(map(advised, report.findings)), report.refused)
