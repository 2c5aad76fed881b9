"""Extension attributes and elements: understood, harmless, ignored with a warning, or refused; unknown is refused."""

from __future__ import annotations

from engine.kernel.check.vendor_tables import (
    ATTRIBUTES,
    ELEMENTS,
    EXECUTING_NAMESPACES,
    HARMLESS,
    HOUSE_PROPERTIES,
    IGNORED,
    REFUSED,
)
from engine.kernel.dialect import property_elements, vendor_name
from engine.kernel.findings import Report
from engine.kernel.graph import Element, Graph


def check(graph: Graph, report: Report) -> None:
    """Rules ``extensions/...``."""
    foreign: dict[str, Element] = {}
    tops = [process.element for process in graph.processes]
    tops += [element for element in graph.root.children if element.tag in ("message", "error", "collaboration")]
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
    for qualified in element.attributes:
        name = vendor_name(qualified)
        if name is None:
            _foreign(qualified, element, report, foreign)
        elif name in ATTRIBUTES:
            if element.tag not in ATTRIBUTES[name]:
                report.error(
                    "extensions/misplaced", element, f"the attribute {name!r} has no effect on a {element.tag}"
                )
        else:
            _judge(f"the attribute {name!r}", name, element, report)


def _elements(holder: Element, report: Report, foreign: dict[str, Element]) -> None:
    for child in holder.children:
        owner = holder.parent or holder
        name = vendor_name(child.tag)
        if name is None:
            _foreign(child.tag, child, report, foreign)
        elif name in ELEMENTS:
            allowed = ELEMENTS[name]
            if allowed and owner.tag not in allowed:
                report.error("extensions/misplaced", child, f"{name!r} has no effect on a {owner.tag}")
            _inside(child, name, report)
        else:
            _judge(f"the extension {name!r}", name, child, report)


def _inside(extension: Element, name: str, report: Report) -> None:
    known = {
        "properties": {"property"},
        "inputOutput": {"inputParameter", "outputParameter", "script"},
        "in": set[str](),
        "out": set[str](),
    }[name]
    for inner in extension.walk():
        if inner is extension or (vendor_name(inner.tag) or "") in known:
            continue
        tag = vendor_name(inner.tag) or inner.tag
        if tag not in ("list", "map", "entry", "value"):  # the compiler reports nested values
            report.error("extensions/unknown", inner, f"{tag!r} inside {name!r} is not understood")
    if name in ("in", "out") and extension.flag("local"):
        report.error("extensions/refused", extension, "local='true' mappings are not executed")


def _judge(what: str, name: str, element: Element, report: Report) -> None:
    if name in HARMLESS:
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
