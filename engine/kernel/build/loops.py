"""Loops of activities: multi-instance, standard loop, ad-hoc."""

from __future__ import annotations

from engine.kernel.build.data import association_end, data_name
from engine.kernel.build.events import thrown_event
from engine.kernel.build.values import Values
from engine.kernel.definition import (
    AdHoc,
    Behavior,
    Escalation,
    ImplicitThrow,
    Message,
    MultiInstance,
    Signal,
    StandardLoop,
    Value,
)
from engine.kernel.dialect import attribute, properties
from engine.kernel.graph import Element, Graph, local_part

_REFERENCE = {Behavior.NONE: "noneBehaviorEventRef", Behavior.ONE: "oneBehaviorEventRef"}


def loop_of(element: Element, graph: Graph, values: Values) -> MultiInstance | StandardLoop | None:
    """The loop of an activity; None when it has none."""
    found = element.child("multiInstanceLoopCharacteristics")
    if found is not None:
        return _multi_instance(element, found, graph, values)
    found = element.child("standardLoopCharacteristics")
    return None if found is None else _standard_loop(found, values)


def ad_hoc(element: Element, values: Values) -> AdHoc:
    """What an ad-hoc subprocess does with its activities."""
    completion = _expression(element, "completionCondition", values)
    return AdHoc(
        sequential=element.get("ordering") == "Sequential",
        completion=None if completion is None else completion.expression,
        cancel_remaining=element.flag("cancelRemainingInstances", default=True),
    )


def _standard_loop(loop: Element, values: Values) -> StandardLoop:
    condition = _expression(loop, "loopCondition", values)
    maximum = values.integer(loop, loop.get("loopMaximum"), "loopMaximum")
    if maximum == 0:
        values.report.error("loops/maximum", loop, "a loopMaximum of 0 would never run it", "give it at least 1")
    if condition is None and maximum is None:
        message = "the loop has neither a loopCondition nor a loopMaximum and would never end"
        values.report.error("loops/endless", loop, message, "give it one of them")
    expression = None if condition is None else condition.expression
    return StandardLoop(expression, maximum, loop.flag("testBefore"))


def _multi_instance(element: Element, loop: Element, graph: Graph, values: Values) -> MultiInstance:
    given = properties(element) | properties(loop)
    collection = attribute(loop, "collection") or _data_name(element, loop, "loopDataInputRef", graph)
    item = attribute(loop, "elementVariable") or _item_name(loop.child("inputDataItem"), graph)
    gathered = given.get("outputCollection") or _data_name(element, loop, "loopDataOutputRef", graph)
    produced = given.get("outputElement") or _item_name(loop.child("outputDataItem"), graph)
    cardinality = _expression(loop, "loopCardinality", values)
    completion = _expression(loop, "completionCondition", values)
    if (collection is None) == (cardinality is None):
        message = "multi-instance needs either a collection or a loopCardinality"
        values.report.error("execution/multi-instance", loop, message)
    if item is not None and collection is None:
        values.report.error("execution/multi-instance", loop, "an element variable needs a collection")
    if (gathered is None) != (produced is None):
        message = "outputCollection and outputElement belong together"
        values.report.error("execution/multi-instance", loop, message)
    behavior = Behavior(loop.get("behavior") or Behavior.ALL)
    return MultiInstance(
        sequential=loop.flag("isSequential"),
        collection=None if collection is None else values.reference(loop, collection, "collection"),
        cardinality=cardinality,
        element_variable=values.variable(loop, item, "element variable"),
        output_collection=values.variable(loop, gathered, "output collection"),
        output_element=None if produced is None else values.reference(loop, produced, "output element"),
        completion=None if completion is None else completion.expression,
        behavior=behavior,
        thrown=_thrown(loop, behavior, graph, values),
    )


def _thrown(loop: Element, behavior: Behavior, graph: Graph, values: Values) -> tuple[ImplicitThrow, ...]:
    """The events that ending items throw (BPMN 2.0.2, tables 10.29 and 10.31)."""
    if behavior in _REFERENCE:
        reference = loop.get(_REFERENCE[behavior])
        definition = None if reference is None else graph.definitions.get(local_part(reference))
        return (ImplicitThrow(_throwable(loop, definition, graph, values)),)
    thrown: list[ImplicitThrow] = []
    if behavior is Behavior.COMPLEX:
        for complex_one in loop.all("complexBehaviorDefinition"):
            condition = _expression(complex_one, "condition", values)
            event = complex_one.child("event")
            for definition in () if event is None else event.children:
                if definition.tag == "eventDefinitionRef":
                    definition = graph.definitions.get(local_part(definition.text)) or definition
                if definition.tag.endswith("EventDefinition"):
                    expression = None if condition is None else condition.expression
                    thrown.append(ImplicitThrow(_throwable(complex_one, definition, graph, values), expression))
    return tuple(thrown)


def _throwable(
    place: Element, definition: Element | None, graph: Graph, values: Values
) -> Signal | Message | Escalation | None:
    if definition is None:
        return None
    event = thrown_event(place, definition, graph, values)
    if isinstance(event, Signal | Message | Escalation):
        return event
    message = f"multi-instance cannot throw a {definition.tag.removesuffix('EventDefinition')} event"
    values.report.error("loops/behavior", place, message, "use a signal, message or escalation event")
    return None


def _expression(element: Element, tag: str, values: Values) -> Value | None:
    found = element.child(tag)
    if found is None:
        return None
    values.language(found, found.text)
    return Value(found.text.strip(), values.feel(found, found.text, tag))


def _data_name(element: Element, loop: Element, tag: str, graph: Graph) -> str | None:
    """The variable that a data reference means: what feeds the data input, or what the data output feeds, or the data
    element's own name, or else the text itself.
    """
    found = loop.child(tag)
    if found is None or not found.text.strip():
        return None
    return association_end(element, local_part(found.text), graph)


def _item_name(item: Element | None, graph: Graph) -> str | None:
    return None if item is None else data_name(item, graph) or None
