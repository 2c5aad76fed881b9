"""Data mappings: inputOutput of activities, in and out of call activities, the standard's data associations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.kernel.build.values import Values
from engine.kernel.definition import DataMapping, Value
from engine.kernel.dialect import extensions, vendor_children, vendor_name
from engine.kernel.graph import Element, Graph, local_part

_NAME = re.compile(r"[^\W\d]\w*")
PLACEHOLDER = "__targetRef_placeholder"
"""What bpmn.io writes as the target of an association that is only drawn."""


@dataclass(frozen=True, slots=True)
class Mappings:
    """Data into and out of an element; empty when it maps nothing."""

    inputs: tuple[DataMapping, ...] = ()
    outputs: tuple[DataMapping, ...] = ()


def input_output(element: Element, values: Values) -> Mappings:
    """``inputOutput`` with its ``inputParameter`` and ``outputParameter`` elements."""
    inputs: list[DataMapping] = []
    outputs: list[DataMapping] = []
    for group in extensions(element, "inputOutput"):
        inputs += [_parameter(found, values) for found in vendor_children(group, "inputParameter")]
        outputs += [_parameter(found, values) for found in vendor_children(group, "outputParameter")]
    return Mappings(tuple(inputs), tuple(outputs))


def _parameter(element: Element, values: Values) -> DataMapping:
    target = values.variable(element, element.name, "parameter name") or ""
    script = next((child for child in element.children if vendor_name(child.tag) == "script"), None)
    if script is not None:
        values.language(script, script.text, "scriptFormat")
        return DataMapping(target, Value(script.text.strip(), values.feel(script, script.text, "parameter script")))
    if element.children:
        values.report.error(
            "expressions/parameter",
            element,
            f"the parameter {element.name!r} has a nested value",
            "write a FEEL list or context: =[1, 2] or ={a: 1}",
        )
    return DataMapping(target, values.value(element, element.text, f"parameter {element.name!r}") or Value(""))


def call_mappings(elements: Iterable[Element], values: Values) -> tuple[DataMapping, ...]:
    """``camunda:in`` or ``camunda:out`` elements of a call activity or of a thrown signal."""
    return tuple(mapping for element in elements if (mapping := _call_mapping(element, values)) is not None)


def _call_mapping(element: Element, values: Values) -> DataMapping | None:
    business_key = element.get("businessKey")
    if business_key is not None:
        return DataMapping("", values.value(element, business_key, "business key"), business_key=True)
    everything = element.get("variables")
    if everything is not None:
        if everything != "all":
            values.report.error(
                "expressions/mapping", element, f"variables={everything!r} is not understood; use 'all'"
            )
        return DataMapping("", None, everything=True)
    target = values.variable(element, element.get("target"), "target")
    source, expression = element.get("source"), element.get("sourceExpression")
    if target is None or (source is None) == (expression is None):
        message = "a mapping needs a target, and either source or sourceExpression"
        values.report.error("expressions/mapping", element, message)
        return None
    if source is not None:
        return DataMapping(target, values.reference(element, source, "source"))
    return DataMapping(target, values.value(element, expression, "sourceExpression"))


# Data objects and associations (BPMN 2.0.2, section 10.4)


def declared_names(container: Element, graph: Graph) -> frozenset[str]:
    """Names of the variables that a process or subprocess declares: its data objects and properties."""
    found = (child for child in container.children if child.tag in ("dataObject", "property"))
    return frozenset(data_name(child, graph) for child in found if child.name != PLACEHOLDER)


def data_name(element: Element, graph: Graph) -> str:
    """The variable that a data object, a reference to one, a property, a data input or a data output is."""
    if element.tag == "dataObjectReference":
        shared = graph.elements.get(local_part(element.get("dataObjectRef") or ""))
        return _usable(element) if shared is None else data_name(shared, graph)
    if element.tag == "dataObject" and not _NAME.fullmatch(element.name) and element.parent is not None:
        # Modelers name the references and leave the object without a name.
        for other in element.parent.all("dataObjectReference"):
            if other.get("dataObjectRef") == element.id and _NAME.fullmatch(other.name):
                return other.name
    return _usable(element)


def _usable(element: Element) -> str:
    return element.name if _NAME.fullmatch(element.name) else element.id


def store_name(element: Element, graph: Graph) -> str:
    """The name of the data store that a ``dataStoreReference`` means."""
    shared = graph.elements.get(local_part(element.get("dataStoreRef") or ""))
    return element.name or element.id if shared is None else shared.name or shared.id


def data_inputs(element: Element, graph: Graph, values: Values) -> tuple[DataMapping, ...]:
    """The executed data input associations of an activity or throwing event."""
    found: list[DataMapping] = []
    whole = _of_the_loop(element, "loopDataInputRef")
    for association in element.all("dataInputAssociation"):
        target = association.child("targetRef")
        if target is None or local_part(target.text) not in whole:
            found += _mappings(association, graph, values)
    return tuple(found)


def data_outputs(element: Element, graph: Graph, values: Values) -> tuple[DataMapping, ...]:
    """The executed data output associations of an activity or catching event."""
    found: list[DataMapping] = []
    whole = _of_the_loop(element, "loopDataOutputRef")
    for association in element.all("dataOutputAssociation"):
        if whole.isdisjoint(local_part(source.text) for source in association.all("sourceRef")):
            found += _mappings(association, graph, values)
    return tuple(found)


def _of_the_loop(element: Element, tag: str) -> frozenset[str]:
    """Ids of the data input or output that a multi-instance loop takes apart or puts together: its association moves
    the whole collection, once, and not with each item.
    """
    loops = element.all("multiInstanceLoopCharacteristics")
    return frozenset(local_part(found.text) for loop in loops for found in loop.all(tag))


def produced_names(element: Element, graph: Graph) -> frozenset[str]:
    """Names of the data outputs that an association carries out of the element."""
    sources = {local_part(ref.text) for found in element.all("dataOutputAssociation") for ref in found.all("sourceRef")}
    return frozenset(data_name(output, graph) for output in _own(element, "dataOutput") if output.id in sources)


def association_end(element: Element, reference: str, graph: Graph) -> str:
    """The variable outside ``element`` that its data input or output ``reference`` is connected with; else the name of
    the data element itself, or the reference.
    """
    for tag, near, far in (
        ("dataInputAssociation", "targetRef", "sourceRef"),
        ("dataOutputAssociation", "sourceRef", "targetRef"),
    ):
        for association in element.all(tag):
            other = association.child(far)
            if reference in (local_part(found.text) for found in association.all(near)) and other is not None:
                outside = graph.elements.get(local_part(other.text))
                if outside is not None:
                    return data_name(outside, graph)
    found = graph.elements.get(reference)
    return reference if found is None else data_name(found, graph)


def _own(element: Element, tag: str) -> Iterator[Element]:
    """The data inputs or outputs of an activity (in its ioSpecification) or of an event (in itself)."""
    yield from element.all(tag)
    for specification in element.all("ioSpecification"):
        yield from specification.all(tag)


def _mappings(association: Element, graph: Graph, values: Values) -> Iterator[DataMapping]:
    sources = [found for ref in association.all("sourceRef") if (found := _end(ref, graph)) is not None]
    target_ref = association.child("targetRef")
    target = None if target_ref is None else _end(target_ref, graph)
    assignments = list(association.all("assignment"))
    transformation = association.child("transformation")
    if not assignments and transformation is None and (not sources or target is None):
        return  # drawn for the reader: it says nothing about what goes where
    store = next((store_name(source, graph) for source in sources if source.tag == "dataStoreReference"), None)
    for assignment in assignments:
        yield from _assignment(assignment, target, store, graph, values)
    if assignments:
        return
    value = None
    if transformation is not None:
        values.language(transformation, transformation.text)
        value = Value(transformation.text.strip(), values.feel(transformation, transformation.text, "transformation"))
    elif store is None:
        name = data_name(sources[0], graph)
        value = values.reference(association, name, "source")
    if target is None:
        message = "the data association has a transformation and no target"
        values.report.error("data/association", association, message, "give it a targetRef")
        return
    yield _to(target, value, store, graph)


def _assignment(
    assignment: Element, target: Element | None, store: str | None, graph: Graph, values: Values
) -> Iterator[DataMapping]:
    source, to = assignment.child("from"), assignment.child("to")
    if source is None or to is None:
        return  # the schema check has refused it
    values.language(source, source.text)
    value = Value(source.text.strip(), values.feel(source, source.text, "assignment"))
    name = to.text.strip().removeprefix("=").strip()
    if target is not None and name in (target.id, target.name, data_name(target, graph)):
        yield _to(target, value, store, graph)
        return
    named = graph.elements.get(name)
    if named is not None and named.tag in _DATA:
        yield _to(named, value, store, graph)
    elif (variable := values.variable(to, name, "target of the assignment")) is not None:
        yield DataMapping(variable, value, from_store=store)


def _to(target: Element, value: Value | None, store: str | None, graph: Graph) -> DataMapping:
    if target.tag == "dataStoreReference":
        return DataMapping("", value, from_store=store, to_store=store_name(target, graph))
    return DataMapping(data_name(target, graph), value, from_store=store)


_DATA = frozenset(
    {
        "dataObject", "dataObjectReference", "property", "dataInput", "dataOutput", "dataStoreReference",
        "inputDataItem", "outputDataItem",
    }
)  # fmt: skip


def _end(reference: Element, graph: Graph) -> Element | None:
    """The data element at an end of an association; None for one that only a drawing needs."""
    found = graph.elements.get(local_part(reference.text))
    return found if found is not None and found.tag in _DATA and found.name != PLACEHOLDER else None
