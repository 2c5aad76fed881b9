"""Extension attributes and elements: understood, harmless, ignored with a warning, or refused; unknown is refused."""

from __future__ import annotations

from engine.kernel.check.vendor_refused import DEFAULTS, REFUSED
from engine.kernel.check.vendor_tables import (
    ATTRIBUTES,
    ELEMENTS,
    EXECUTING_NAMESPACES,
    HARMLESS,
    HOUSE_PROPERTIES,
    IGNORED,
)
from engine.kernel.dialect import property_elements, vendor_name
from engine.kernel.findings import Report
from engine.kernel.global_tasks import GLOBAL_TASKS
from engine.kernel.graph import Element, Graph

_FLAGS = frozenset({"asyncBefore", "asyncAfter", "async", "asyncLeave"})
_THROWING = frozenset({"intermediateThrowEvent", "endEvent"})
_MAPPING = frozenset({"source", "sourceExpression", "target", "variables", "businessKey", "local"})
_OWN_ATTRIBUTES = {
    "in": _MAPPING,
    "out": _MAPPING,
    "inputOutput": frozenset[str](),
    "inputParameter": frozenset({"name"}),
    "outputParameter": frozenset({"name"}),
    "script": frozenset({"scriptFormat"}),
    "failedJobRetryTimeCycle": frozenset[str](),
}
"""Attributes that the compiler reads; others say nothing only when they are false."""
_READ_ELSEWHERE = frozenset({"process", *GLOBAL_TASKS})
"""Root elements that are looked at as far as they are executed, as ``graph.processes``."""


def check(graph: Graph, report: Report) -> None:
    """Rules ``extensions/...``."""
    foreign: dict[str, Element] = {}
    _attributes(graph.root, report, foreign)
    tops = [process.element for process in graph.processes]
    tops += [
        found for found in graph.root.children if found.tag not in _READ_ELSEWHERE and not found.tag.startswith("{")
    ]
    for top in tops:
        waiting = [top]
        while waiting:
            element = waiting.pop()
            _attributes(element, report, foreign)
            if element.tag == "extensionElements":
                _elements(element, report, foreign)
            else:
                _properties(element, report)
                waiting.extend(reversed(element.children))
    for namespace, element in foreign.items():
        message = f"extensions in the namespace {namespace!r} are not read"
        report.warning("extensions/foreign", element, message)


def _attributes(element: Element, report: Report, foreign: dict[str, Element]) -> None:
    for qualified, value in element.attributes.items():
        name = vendor_name(qualified)
        if name is None:
            _foreign(qualified, element, report, foreign)
        elif name in ATTRIBUTES:
            if element.tag in ATTRIBUTES[name]:
                _value(name, value.strip(), element, report)
            else:
                _misplaced(f"the attribute {name!r}", name, element, element.tag, report)
        else:
            _judge(f"the attribute {name!r}", name, element, report, value.strip())


def _value(name: str, value: str, element: Element, report: Report) -> None:
    """Reports a value that the compiler would pass over."""
    if name in _FLAGS and value not in ("true", "false"):
        report.error("extensions/refused", element, f"{name}={value!r} is neither true nor false")
    if name in ("variableEvents", "variableEvent"):
        kinds = {kind.strip() for kind in value.split(",") if kind.strip()}
        if not kinds <= {"create", "update"}:
            message = f"{name}={value!r}: a conditional event happens when its condition becomes true"
            report.error("extensions/refused", element, message, "name create and update only, or remove it")


def _misplaced(what: str, name: str, place: Element, tag: str, report: Report) -> None:
    if name in IGNORED:
        report.warning("extensions/ignored", place, f"{what} has no effect on a {tag}: {IGNORED[name]}")
    else:
        report.error("extensions/misplaced", place, f"{what} has no effect on a {tag}")


def _elements(holder: Element, report: Report, foreign: dict[str, Element]) -> None:
    for child in holder.children:
        owner = holder.parent or holder
        name = vendor_name(child.tag)
        if name is None:
            _foreign(child.tag, child, report, foreign)
        elif name in ELEMENTS:
            allowed = ELEMENTS[name]
            if allowed and owner.tag not in allowed:
                _misplaced(repr(name), name, child, owner.tag, report)
            _inside(child, name, report)
            if name == "in" and owner.tag == "signalEventDefinition":
                _signal_payload(child, owner, report)
        else:
            _judge(f"the extension {name!r}", name, child, report)


def _signal_payload(extension: Element, definition: Element, report: Report) -> None:
    event = definition.parent
    if event is not None and event.tag.endswith("Event") and event.tag not in _THROWING:
        report.error("extensions/misplaced", extension, f"'in' has no effect on a signal that a {event.tag} catches")
    if extension.get("businessKey") is not None:
        message = "a signal carries variables and no business key"
        report.error("extensions/refused", extension, message, "map it to a variable")


def _inside(extension: Element, name: str, report: Report) -> None:
    known = {
        "properties": {"property"},
        "inputOutput": {"inputParameter", "outputParameter", "script"},
        "in": set[str](),
        "out": set[str](),
        "failedJobRetryTimeCycle": set[str](),
    }[name]
    for inner in extension.walk():
        _own_attributes(inner, vendor_name(inner.tag) or "", report)
        if inner is extension or (vendor_name(inner.tag) or "") in known:
            continue
        tag = vendor_name(inner.tag) or inner.tag
        if tag not in ("list", "map", "entry", "value"):  # the compiler reports nested values
            report.error("extensions/unknown", inner, f"{tag!r} inside {name!r} is not understood")
    if name in ("in", "out") and extension.flag("local"):
        report.error("extensions/refused", extension, "local='true' mappings are not executed")


def _own_attributes(extension: Element, name: str, report: Report) -> None:
    known = _OWN_ATTRIBUTES.get(name)
    for attribute, value in extension.attributes.items():
        plain = vendor_name(attribute) or attribute
        if known is None or attribute in known or plain.startswith("{") or value.strip() == "false":
            continue
        if plain == "resource":
            message, advice = "scripts in other files are not read", "write the script in the model"
            report.error("extensions/refused", extension, message, advice)
        else:
            message = f"the attribute {plain!r} of {name!r} is not understood"
            report.error("extensions/unknown", extension, message, "remove it")


def _judge(what: str, name: str, element: Element, report: Report, value: str | None = None) -> None:
    if name in HARMLESS or value in DEFAULTS.get(name, ()):
        return
    if name in IGNORED:
        report.warning("extensions/ignored", element, f"{what} has no effect: {IGNORED[name]}")
    elif name in REFUSED:
        reason, advice = REFUSED[name]
        report.error("extensions/refused", element, f"{what} is not executed: {reason}", advice)
    else:
        report.error("extensions/unknown", element, f"{what} is not understood", "remove it")


def _foreign(qualified: str, element: Element, report: Report, foreign: dict[str, Element]) -> None:
    if not qualified.startswith("{"):
        return
    namespace, _, name = qualified[1:].partition("}")
    if namespace in EXECUTING_NAMESPACES:
        message = f"{name!r} is an instruction for {EXECUTING_NAMESPACES[namespace]} and is not executed"
        report.error("extensions/refused", element, message, "use the attributes of the Camunda 7 dialect")
    elif namespace not in HARMLESS:
        foreign.setdefault(namespace, element)


def _properties(element: Element, report: Report) -> None:
    seen: set[str] = set()
    by_lower = {name.lower(): name for name in HOUSE_PROPERTIES}
    for found in property_elements(element):
        name = found.name
        if not name:
            report.error("extensions/property", found, "the extension property has no name")
        elif name in seen:
            report.error("extensions/property", found, f"the extension property {name!r} is given twice")
        seen.add(name)
        tags = HOUSE_PROPERTIES.get(name)
        if tags is not None and element.tag not in tags:
            message = f"the property {name!r} has no effect on a {element.tag}"
            report.warning("extensions/property", found, message, f"it belongs on: {', '.join(sorted(tags))}")
        elif tags is None and name.lower() in by_lower:
            report.warning(
                "extensions/property", found, f"the property {name!r} is not read", f"write {by_lower[name.lower()]}"
            )
