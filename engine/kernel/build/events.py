"""Event definitions."""

from __future__ import annotations

from engine.kernel.build.correlation import drawn_key
from engine.kernel.build.data import Mappings, call_mappings
from engine.kernel.build.values import Values
from engine.kernel.definition import (
    HOUSE_ZONE,
    Cancel,
    Compensate,
    Conditional,
    DataMapping,
    Error,
    Escalation,
    EventDefinition,
    Link,
    Message,
    Signal,
    Terminate,
    Timer,
    TimerKind,
    Value,
)
from engine.kernel.dialect import attribute, extensions, properties
from engine.kernel.findings import Place
from engine.kernel.graph import Element, FlowNode, Graph, definitions_of, local_part
from engine.kernel.timers import TimerSyntaxError, parse_timer, zone_named

_CATCH_UP = ("once", "all")


def events_of(node: FlowNode, graph: Graph, values: Values, mapped: Mappings) -> tuple[EventDefinition, ...]:
    """What a node reacts to or does, in document order; empty for a none event. Tasks that send or receive have their
    message here.
    """
    element = node.element
    if node.kind in ("sendTask", "receiveTask"):
        if element.get("messageRef") is None:
            return ()
        found = _message(element, element, graph, values, mapped.inputs if node.kind == "sendTask" else ())
        return () if found is None else (found,)
    payload = mapped.inputs if node.kind in ("intermediateThrowEvent", "endEvent") else ()
    definitions = definitions_of(node, graph)
    events = (_event(element, definition, graph, values, payload) for definition in definitions)
    return tuple(event for event in events if event is not None)


def thrown_event(place: Element, definition: Element, graph: Graph, values: Values) -> EventDefinition | None:
    """The event that a definition outside any event throws; None when it cannot be read, which is reported."""
    return _event(place, definition, graph, values, ())


def _event(
    element: Element, definition: Element, graph: Graph, values: Values, payload: tuple[DataMapping, ...]
) -> EventDefinition | None:
    match definition.tag:
        case "timerEventDefinition":
            return _timer(element, definition, values)
        case "messageEventDefinition":
            return _message(element, definition, graph, values, payload)
        case "signalEventDefinition":
            return _signal(definition, graph, values, payload)
        case "errorEventDefinition":
            return _error(definition, graph, values)
        case "escalationEventDefinition":
            return _escalation(definition, graph, values)
        case "conditionalEventDefinition":
            return _conditional(definition, values)
        case "linkEventDefinition":
            return Link(definition.name or element.name)
        case "compensateEventDefinition":
            activity = definition.get("activityRef")
            wait = definition.flag("waitForCompletion", default=True)
            return Compensate(None if activity is None else local_part(activity), wait)
        case "cancelEventDefinition":
            return Cancel()
        case "terminateEventDefinition":
            return Terminate()
    return None


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
    element: Element, definition: Element, graph: Graph, values: Values, payload: tuple[DataMapping, ...]
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
    key = key or drawn_key(element, found, graph, values, payload)
    return Message(found.name, key, payload)


def _error(definition: Element, graph: Graph, values: Values) -> Error:
    found = graph.referred(definition.get("errorRef"), "error")
    return Error(
        found.get("errorCode") if found is not None else None,
        values.variable(definition, attribute(definition, "errorCodeVariable"), "errorCodeVariable"),
        values.variable(definition, attribute(definition, "errorMessageVariable"), "errorMessageVariable"),
    )


def _signal(definition: Element, graph: Graph, values: Values, payload: tuple[DataMapping, ...]) -> Signal | None:
    found = graph.referred(definition.get("signalRef"), "signal")
    if found is None:
        return None  # check/references.py reports it
    name = values.value(found, found.name, "signal name")
    if name is None:
        values.report.error("events/signal", found, "the signal has no name; events listen to it by that", "name it")
        return None
    carried = call_mappings(extensions(definition, "in"), values)
    return Signal(name, (*payload, *carried))


def _escalation(definition: Element, graph: Graph, values: Values) -> Escalation:
    found = graph.referred(definition.get("escalationRef"), "escalation")
    variable = values.variable(definition, attribute(definition, "escalationCodeVariable"), "escalationCodeVariable")
    return Escalation(None if found is None else found.get("escalationCode"), variable)


def _conditional(definition: Element, values: Values) -> Conditional | None:
    condition = definition.child("condition")
    if condition is None:
        return None  # the schema check has refused it
    values.language(condition, condition.text)
    variable = values.variable(definition, attribute(definition, "variableName"), "variableName")
    return Conditional(values.feel(condition, condition.text, "condition"), variable)
