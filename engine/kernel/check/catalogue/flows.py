"""Rules about sequence flows."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error("flows/crosses-pool", "A sequence flow must not leave its pool.", "7.6.1"),
    error("flows/crosses-border", "A sequence flow must not cross the border of a subprocess.", "7.6.1"),
    error("flows/misplaced", "A sequence flow must lie in the process or subprocess of its ends.", "8.4.13"),
    error("flows/into-start", "A start event has no incoming sequence flow.", "10.5.2"),
    error("flows/out-of-end", "An end event has no outgoing sequence flow.", "10.5.3"),
    error("flows/into-boundary", "A boundary event has no incoming sequence flow.", "10.5.4"),
    error("flows/self-loop", "A gateway must not lead straight back to itself.", "10.6.1"),
    error("flows/default-condition", "A default flow has no condition.", "8.4.13"),
    error("flows/ignored-condition", "Only flows out of activities and deciding gateways have conditions.", "8.4.13"),
    warning("flows/default-never", "A default flow is useful beside conditional flows only.", "8.4.13"),
    warning("flows/no-default", "An activity whose flows are all conditional should have a default flow.", "13.3.2"),
    warning("flows/twice", "Two elements should not be connected twice in the same way.", "8.4.13"),
    warning("flows/dead-end", "A path should end in an end event.", "10.5.3"),
)
