"""Rules about events: positions, triggers, boundary events, links, compensation."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error

RULES: tuple[Rule, ...] = (
    error("events/several", "An event has one event definition where it cannot have several.", "10.5.1"),
    error("events/misplaced", "An event definition must be allowed for the kind of event.", "10.5.5"),
    error("events/no-trigger", "A catch or boundary event must wait for something.", "10.5.4"),
    error("events/boundary-host", "A boundary event belongs on an activity of the same level.", "10.5.4"),
    error("events/error-interrupts", "A boundary error event always interrupts.", "10.5.4"),
    error("events/no-error-code", "An error that is thrown or named by a catcher needs a code.", "8.4.3"),
    error("events/same-error", "An activity catches each error once.", "10.5.6"),
    error("events/same-message", "A process has one start event for each message.", "10.5.2"),
    error("events/message", "A message needs a fixed name to be correlated by.", "8.4.11"),
    error("events/timer", "A timer needs exactly one date, duration or cycle, and a known zone.", "10.5.5"),
    error("events/calendar", "A business calendar counts durations only."),
)
