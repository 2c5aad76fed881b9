"""Extension attributes of Camunda and its relatives, read under neutral names.

The same local names are used in the namespaces of Camunda 7, Operaton, Flowable and Activiti; a model may use any of
them. What we understand, what is harmless and what is refused stands in ``check/extensions.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.graph import Element

VENDORS = (
    "http://camunda.org/schema/1.0/bpmn",
    "http://operaton.org/schema/1.0/bpmn",
    "http://flowable.org/bpmn",
    "http://activiti.org/bpmn",
)
_PREFIXES = tuple(f"{{{vendor}}}" for vendor in VENDORS)
_SYNONYMS = {"asyncBefore": ("asyncBefore", "async"), "asyncAfter": ("asyncAfter", "asyncLeave")}
"""Neutral names with the ones that Camunda, and Flowable with Activiti, have for them."""


def vendor_name(qualified: str) -> str | None:
    """The local name of an attribute or tag in one of the vendors' namespaces, else None."""
    if qualified.startswith("{"):
        namespace, _, local = qualified[1:].partition("}")
        if namespace in VENDORS:
            return local
    return None


def attribute(element: Element, name: str) -> str | None:
    """An extension attribute by its neutral name, stripped; None when absent or blank."""
    for own in _SYNONYMS.get(name, (name,)):
        for prefix in _PREFIXES:
            value = element.get(prefix + own)
            if value is not None:
                return value
    return None


def extensions(element: Element, name: str) -> Iterator[Element]:
    """The vendor elements of that name in the element's ``extensionElements``, in document order."""
    holder = element.child("extensionElements")
    return iter(()) if holder is None else vendor_children(holder, name)


def vendor_children(element: Element, name: str) -> Iterator[Element]:
    """Children of a vendor element with that local name, in any of the vendors' namespaces."""
    return (child for child in element.children if vendor_name(child.tag) == name)


def property_elements(element: Element) -> Iterator[Element]:
    """Each ``property`` of its ``properties`` extension."""
    for group in extensions(element, "properties"):
        yield from vendor_children(group, "property")


def properties(element: Element) -> dict[str, str]:
    """Extension properties by name, stripped. Nameless ones are left out; of duplicates the last counts (the check
    refuses both).
    """
    return {found.name: found.attributes.get("value", "").strip() for found in property_elements(element) if found.name}
