"""Data: references, associations, inputs and outputs (BPMN 2.0.2, section 10.4)."""

from __future__ import annotations

from engine.kernel.check.levels import a
from engine.kernel.findings import Report
from engine.kernel.graph import Element, Graph

_ITEMS = frozenset(
    {
        "dataObject", "dataObjectReference", "dataStoreReference", "property", "dataInput", "dataOutput",
        "inputDataItem", "outputDataItem",
    }
)  # fmt: skip
_SCOPED = frozenset({"dataObject", "dataObjectReference", "property"})
_SETS = {
    "inputSet": (
        ("dataInputRefs", "dataInput"), ("optionalInputRefs", "dataInput"), ("whileExecutingInputRefs", "dataInput"),
        ("outputSetRefs", "outputSet"),
    ),
    "outputSet": (
        ("dataOutputRefs", "dataOutput"), ("optionalOutputRefs", "dataOutput"),
        ("whileExecutingOutputRefs", "dataOutput"), ("inputSetRefs", "inputSet"),
    ),
}  # fmt: skip
_COMPOSED = ("subProcess", "transaction", "adHocSubProcess")
_NO_IDREF = "correct the reference"


def check(graph: Graph, report: Report) -> None:
    """Rules ``data/...``."""
    for process in graph.processes:
        for element in process.element.walk():
            if element.tag == "dataObjectReference":
                _object_reference(element, graph, report)
            elif element.tag == "dataStoreReference":
                _store_reference(element, graph, report)
            elif element.tag in ("dataInputAssociation", "dataOutputAssociation"):
                _association(element, graph, report)
            elif element.tag in _SETS:
                _set(element, report)
            elif element.tag == "ioSpecification":
                _specification(element, report)


def _object_reference(element: Element, graph: Graph, report: Report) -> None:
    reference = element.get("dataObjectRef")
    if reference is None:
        message = "the data object reference refers to no data object"
        report.warning("data/no-object", element, message, "set dataObjectRef")
        return
    found = graph.elements.get(reference)
    if found is None or found.tag != "dataObject":
        message = f"there is no data object {reference!r} in the file"
        report.error("references/dangling", element, message, "correct dataObjectRef")
    elif not _around(found.parent, element):
        message = f"the data object {reference!r} lies in another process or subprocess and cannot be seen here"
        report.error("data/not-visible", element, message, "move the data object to a level around it")


def _store_reference(element: Element, graph: Graph, report: Report) -> None:
    reference = element.get("dataStoreRef")
    if reference is not None and ":" not in reference and graph.referred(reference, "dataStore") is None:
        message = f"there is no data store {reference!r} in the file"
        report.error("references/dangling", element, message, "correct dataStoreRef, or remove it")


def _association(element: Element, graph: Graph, report: Report) -> None:
    into = element.tag == "dataInputAssociation"
    sources = [found for found in element.all("sourceRef") if found.text.strip()]
    for end in (*sources, *element.all("targetRef")):
        id = end.text.strip()
        found = graph.elements.get(id)
        if found is None:
            message = f"the data association refers to {id!r}, which is not in the file"
            report.error("references/dangling", element, message, "connect it to data")
        elif found is element.parent:
            continue  # some editors name the activity itself where they have no input or output
        elif found.tag not in _ITEMS:
            message = f"the data association refers to {id!r}, {a(found.tag)}, which holds no data"
            report.error("data/association-end", element, message, "connect it to a data object, store or property")
        elif found.tag in _SCOPED and not _around(found.parent, element):
            message = f"{id!r} lies in another process or subprocess and cannot be seen here"
            report.error("data/not-visible", element, message, "move it to a level around the activity")
        elif end.tag == "targetRef" and found.tag == ("dataOutput" if into else "dataInput"):
            message = f"the {element.tag} leads to {id!r}, {a(found.tag)}"
            report.error("data/association-end", element, message, "turn the association round")
    computed = element.child("transformation") is not None or element.child("assignment") is not None
    if len(sources) > 1 and not computed:
        message = f"the data association has {len(sources)} sources and does not say how they become one value"
        report.error("data/several-sources", element, message, "add a transformation, or draw one for each source")


def _around(holder: Element | None, element: Element) -> bool:
    at: Element | None = element
    while at is not None and at is not holder:
        at = at.parent
    return at is holder


def _set(element: Element, report: Report) -> None:
    specification = element.parent
    if specification is None:
        return
    for tag, wanted in _SETS[element.tag]:
        known = {child.id for child in specification.all(wanted)}
        for reference in element.all(tag):
            if reference.text.strip() not in known:
                message = f"the {element.tag} names {reference.text.strip()!r}, which is no {wanted} beside it"
                report.error("references/dangling", element, message, _NO_IDREF)


def _specification(element: Element, report: Report) -> None:
    if element.parent is not None and element.parent.tag in _COMPOSED:
        message = "an embedded subprocess has no inputs and outputs of its own: it sees the data around it"
        report.warning("data/subprocess-io", element, message, "remove the ioSpecification")
    for tag, holder, names in (
        ("dataInput", "inputSet", ("dataInputRefs", "optionalInputRefs", "whileExecutingInputRefs")),
        ("dataOutput", "outputSet", ("dataOutputRefs", "optionalOutputRefs", "whileExecutingOutputRefs")),
    ):
        used = {ref.text.strip() for each in element.all(holder) for name in names for ref in each.all(name)}
        for item in element.all(tag):
            if item.id not in used:
                message = f"the {tag} {item.id!r} is in no {holder}"
                report.warning("data/in-no-set", item, message, f"add it to an {holder}")
