"""Rules about gateways."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error("gateways/direction", "A gateway must not split or join against its direction.", "8.4.9"),
    warning("gateways/direction-unmet", "A gateway should split or join as its direction says.", "8.4.9"),
    error("gateways/no-condition", "Of an exclusive split, all flows but the default need a condition.", "10.6.2"),
    warning(
        "gateways/always-taken", "Of an inclusive split, all flows but the default should be conditional.", "10.6.3"
    ),
    warning("gateways/no-default", "A gateway that decides should have a default flow.", "10.6.2"),
    error("gateways/default", "A parallel or event-based gateway has no default flow.", "10.6.4"),
    warning("gateways/pointless", "A gateway should split or join.", "10.6.1"),
    error("gateways/no-activation", "A complex gateway that joins must say what it waits for.", "10.6.5"),
    error("gateways/one-event", "An event-based gateway needs at least two events to choose from.", "10.6.6"),
    error("gateways/no-event", "An event-based gateway must lead to events.", "10.6.6"),
    error("gateways/not-an-event", "An event-based gateway leads to catch events and receive tasks.", "10.6.6"),
    error("gateways/shared-event", "What follows an event-based gateway has no other incoming flow.", "10.6.6"),
    error("gateways/bounded-event", "What follows an event-based gateway has no boundary event and no loop.", "10.6.6"),
    error("gateways/mixed-receivers", "Message events and receive tasks never follow the same gateway.", "10.6.6"),
    warning("gateways/same-event", "An event-based gateway should wait for a message or signal once.", "10.6.6"),
    error("gateways/parallel-events", "Only a gateway that starts instances waits for all its events.", "10.6.6"),
    error("gateways/instantiate", "A gateway that starts instances has no incoming flow.", "10.6.6"),
    error("gateways/instantiate-target", "Behind a gateway that starts instances stand messages or signals.", "10.6.6"),
)
