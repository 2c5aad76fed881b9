"""Data mappings: inputOutput of activities, in and out of call activities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.kernel.build.values import Values
from engine.kernel.definition import DataMapping, Value
from engine.kernel.dialect import extensions, vendor_children, vendor_name
from engine.kernel.graph import Element


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
    """``camunda:in`` or ``camunda:out`` elements of a call activity."""
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
