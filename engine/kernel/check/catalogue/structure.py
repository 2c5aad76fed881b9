"""Rules about processes, ids, references, lanes and pools."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error("structure/no-process", "The file must hold an executable process.", "10.2"),
    error("structure/duplicate-id", "An id may be used once in a file.", "8.3.1"),
    error("structure/no-id", "Processes, flow nodes and sequence flows need an id.", "8.3.1"),
    error("structure/long-id", "An id must not be longer than can be stored."),
    error("structure/long-name", "A name that the engine stores must not be longer than a column."),
    error("structure/no-start", "A process or subprocess must have a way to start.", "10.5.2"),
    error("structure/several-starts", "A subprocess has at most one start event without a trigger.", "10.5.2"),
    error("structure/start-trigger", "The start event of an embedded subprocess has no trigger.", "10.5.2"),
    warning("structure/unreachable", "Every element should be reachable from a start.", "10.5.2"),
    error("references/dangling", "What is referred to must exist and be of the right kind.", "8.3"),
    warning("references/listed-flow", "Incoming and outgoing flows that an element lists should be connected to it."),
    error("references/no-message", "What sends or receives a message must name it.", "8.4.11"),
    error("references/two-lanes", "An element lies in one lane of a lane set.", "10.8"),
)
