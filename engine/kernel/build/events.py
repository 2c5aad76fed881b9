"""Event definitions: timers, messages, errors, terminate."""

from __future__ import annotations

from engine.kernel.build.data import Mappings
from engine.kernel.build.values import Values
from engine.kernel.definition import (
    HOUSE_ZONE,
    Error,
    EventDefinition,
    Message,
    Terminate,
    Timer,
    TimerKind,
    Value,
)
from engine.kernel.dialect import attribute, properties
from engine.kernel.findings import Place
from engine.kernel.graph import Element, FlowNode, Graph
from engine.kernel.timers import TimerSyntaxError, parse_timer, zone_named

_CATCH_UP = ("once", "all")


def event_of(node: FlowNode, graph: Graph, values: Values, mapped: Mappings) -> EventDefinition | None:
    """What a node reacts to or does; None for a none event. Tasks that send or receive have their message here."""
    element = node.element
    if node.kind in ("sendTask", "receiveTask"):
        reference = element.get("messageRef")
        return None if reference is None else _message(element, element, graph, values, mapped, node.kind == "sendTask")
    definitions = node.event_definitions
    if len(definitions) != 1:
        return None
    definition = definitions[0]
    throws = node.kind in ("intermediateThrowEvent", "endEvent")
    if definition.tag == "timerEventDefinition":
        return _timer(element, definition, values)
    if definition.tag == "messageEventDefinition":
        return _message(element, definition, graph, values, mapped, throws)
    if definition.tag == "errorEventDefinition":
        return _error(definition, graph, values)
    return Terminate() if definition.tag == "terminateEventDefinition" else None


def _timer(element: Element, definition: Element, values: Values) -> Timer | None:
    given = properties(element) | properties(definition)
    zone = given.get("zone") or HOUSE_ZONE
    catch_up = given.get("catchUp") or "once"
    report = values.report
    try:
        zone_named(zone)
    except TimerSyntaxError as problem:
        report.error("events/timer", element, str(problem))
        zone = HOUSE_ZONE
    if catch_up not in _CATCH_UP:
        report.error("events/timer", element, f"catchUp is {catch_up!r}; it can be 'once' or 'all'")
    found = [child for child in definition.children if child.tag in tuple(TimerKind)]
    if len(found) != 1:
        report.error("events/timer", element, "a timer needs exactly one of timeDate, timeDuration, timeCycle")
        return None
    kind = TimerKind(found[0].tag)
    values.language(found[0], found[0].text)
    value = values.value(found[0], found[0].text, kind.value)
    calendar = given.get("calendar") or None
    if value is None:
        report.error("events/timer", found[0], f"the {kind.value} is empty")
        return None
    timer_literal(found[0], (kind,), value, values, zone)
    if calendar is not None:
        if kind is not TimerKind.DURATION:
            report.error("events/calendar", element, f"a calendar counts durations, not a {kind.value}")
        else:
            working_time(found[0], value, values)
    return Timer(kind, value, calendar, catch_up, zone)


def timer_literal(
    place: Place, kinds: tuple[TimerKind, ...], value: Value, values: Values, zone: str = HOUSE_ZONE
) -> None:
    """Reports a literal that is none of these kinds of ISO 8601 time; expressions show it when they are evaluated."""
    if value.expression is not None:
        return
    problem = ""
    for kind in kinds:
        try:
            parse_timer(kind, value.text, zone=zone)
        except TimerSyntaxError as found:
            problem = problem or str(found)
        else:
            return
    values.report.error("expressions/time", place, problem, "ISO 8601, or an expression that begins with '='")


def working_time(place: Place, value: Value, values: Values) -> None:
    """Reports a literal working time with months or years: those have no number of working hours."""
    if value.expression is not None:
        return
    try:
        parsed = parse_timer(TimerKind.DURATION, value.text)
    except TimerSyntaxError as problem:
        values.report.error("expressions/time", place, str(problem), "working time such as PT16H or P10D")
        return
    if parsed.period.months:
        message = f"{value.text!r} is no working time: months and years have no number of working hours"
        values.report.error("expressions/time", place, message, "working time such as PT16H or P10D")


def _message(
    element: Element, definition: Element, graph: Graph, values: Values, mapped: Mappings, throws: bool
) -> Message | None:
    found = graph.referred(definition.get("messageRef"), "message")
    if found is None:
        return None  # check/references.py reports it
    if not found.name:
        values.report.error("events/message", found, "the message has no name; events correlate by it")
    if found.name.startswith("=") or "{" in found.name:
        values.report.error("events/message", found, f"the message name {found.name!r} is an expression; it is fixed")
    given = properties(element) | properties(definition)
    key = values.value(element, given.get("correlationKey"), "correlationKey")
    return Message(found.name, key, mapped.inputs if throws else ())


def _error(definition: Element, graph: Graph, values: Values) -> Error:
    found = graph.referred(definition.get("errorRef"), "error")
    return Error(
        found.get("errorCode") if found is not None else None,
        values.variable(definition, attribute(definition, "errorCodeVariable"), "errorCodeVariable"),
        values.variable(definition, attribute(definition, "errorMessageVariable"), "errorMessageVariable"),
    )
