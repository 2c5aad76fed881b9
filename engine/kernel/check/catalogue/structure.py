"""Rules about processes, ids, references, lanes and pools."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error("structure/no-process", "The file must hold an executable process.", "10.2"),
    warning("structure/is-executable", "A process should say whether it is executable.", "10.2"),
    error("structure/duplicate-id", "An id may be used once in a file.", "8.3.1"),
    error("structure/no-id", "Processes, flow nodes and sequence flows need an id.", "8.3.1"),
    error("structure/long-id", "An id must not be longer than can be stored."),
    error("structure/long-name", "A name that the engine stores must not be longer than a column."),
    error("structure/empty", "A process or subprocess must hold something to do.", "10.3.5"),
    error("structure/no-start", "A process or subprocess must have a way to begin.", "13.2"),
    warning("structure/implicit-start", "What has an end event should have a start event.", "10.5.2"),
    warning("structure/no-end", "What has a start event should have an end event.", "10.5.3"),
    error("structure/several-starts", "A subprocess that a token enters has at most one start event.", "13.3.4"),
    warning("structure/several-plain-starts", "A process should have one start event without a trigger.", "10.5.2"),
    error("structure/start-trigger", "The start event of an embedded subprocess has no trigger.", "10.5.2"),
    error("structure/instantiates-inside", "What starts instances must not lie in a subprocess.", "13.2"),
    error("references/dangling", "What is referred to must exist and be of the right kind.", "8.3"),
    warning("references/item", "The type of a message or of data should be in the file.", "8.4.10"),
    warning("references/association", "Both ends of an association should exist.", "8.4.1"),
    warning("references/listed-flow", "The flows that an element lists should be connected to it.", "8.4.13"),
    error("references/no-message", "What waits for or throws a message must name it.", "8.4.11"),
    error("references/no-signal", "A signal event must name its signal.", "10.5.5"),
    error("references/two-lanes", "An element lies in one lane of a lane set.", "10.8"),
    warning("lanes/dangling", "What a lane refers to should be in the process.", "10.8"),
    warning("lanes/two-sets", "An element should lie in the lanes of one lane set: they say who works on it.", "10.8"),
    warning("pools/dangling", "The process of a pool should be in the file.", "9.3"),
    error("pools/same-process", "A process must not be shown in two pools.", "9.3"),
    error("pools/multiplicity", "The number of participants that a pool stands for must be possible.", "9.3"),
    error("messages/source", "A message flow leaves a pool, an activity or an event that sends a message.", "7.6.2"),
    error("messages/target", "A message flow leads to a pool, an activity or an event that waits for one.", "7.6.2"),
    error("messages/same-pool", "A message flow connects two pools, never elements of one.", "9.4"),
    warning("messages/direction", "Send tasks send and receive tasks receive.", "10.3.3"),
)
