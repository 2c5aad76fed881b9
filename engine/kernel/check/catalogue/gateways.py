"""Rules about gateways."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error("gateways/no-condition", "Where a gateway decides, all flows but the default need a condition.", "10.6.2"),
    warning("gateways/no-default", "A gateway that decides should have a default flow.", "10.6.2"),
    error("gateways/default", "A parallel or event-based gateway has no default flow.", "10.6.4"),
    warning("gateways/pointless", "A gateway should split or join.", "10.6.1"),
    warning("gateways/one-event", "An event-based gateway needs at least two events to choose from.", "10.6.6"),
    error("gateways/no-event", "An event-based gateway must lead to events.", "10.6.6"),
    error("gateways/not-an-event", "An event-based gateway leads to catch events and receive tasks.", "10.6.6"),
    error("gateways/shared-event", "What follows an event-based gateway has no other incoming flow.", "10.6.6"),
    error("gateways/bounded-event", "What follows an event-based gateway has no boundary event and no loop.", "10.6.6"),
)
