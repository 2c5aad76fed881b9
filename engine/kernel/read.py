"""Reads a BPMN file: hostile XML is refused, the schema is checked, the rest becomes a `Graph` with places."""

from __future__ import annotations

from lxml import etree

from engine.kernel.findings import Finding, ModelRefused, Severity
from engine.kernel.global_tasks import called_tasks
from engine.kernel.graph import BPMN, Element, Graph, executable_processes
from engine.kernel.hostile import MAX_BYTES, positions
from engine.kernel.spiff.xsd import schema_violations

MAX_NODES = 10_000
"""Flow nodes of one file; checking and compiling as many takes about two seconds."""

_PREFIX = f"{{{BPMN}}}"


def read(xml: bytes, *, file: str, max_bytes: int = MAX_BYTES) -> Graph:
    """The graph of a BPMN 2.0 file; ``file`` is the name that findings show.

    Raises `ModelRefused` for hostile or malformed XML and for what SpiffWorkflow's schema check finds. Nothing here
    recurses: a model may be as long as it likes.
    """
    places = positions(xml, file=file, max_bytes=max_bytes)
    tree = _parse(xml, file)
    root = _elements(tree, places)
    violations = schema_violations(tree)
    if root.tag != "definitions":
        raise ModelRefused(
            (_finding(file, root, "xml/not-bpmn", f"this is not a BPMN 2.0 file: its root is {root.tag!r}"),)
        )
    if violations:
        at = dict(zip(tree.iter(etree.Element), root.walk(), strict=True))
        raise ModelRefused(
            _finding(file, root if found.element is None else at.get(found.element, root), "xml/schema", found.message)
            for found in violations
        )
    definitions = {child.id: child for child in reversed(root.children) if child.id}
    elements: dict[str, Element] = {}
    for element in root.walk():
        if element.id:
            elements.setdefault(element.id, element)
    processes = tuple(executable_processes(root, called_tasks(root)))
    if sum(len(process.nodes) for process in processes) > MAX_NODES:
        message = f"the file has more than {MAX_NODES:,} activities, events and gateways"
        raise ModelRefused((_finding(file, root, "xml/too-many", message),))
    return Graph(file, xml, root, processes, definitions, elements)


def _parse(xml: bytes, file: str) -> etree._ElementTree:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.ElementTree(etree.fromstring(xml, parser))
    except etree.XMLSyntaxError as problem:
        line, column = problem.position
        message = f"the file is not well-formed XML: {problem.msg}"
        raise ModelRefused((Finding("xml/malformed", Severity.ERROR, file, line, column, "", "", message),)) from None


def _elements(tree: etree._ElementTree, places: list[tuple[int, int]]) -> Element:
    """The same tree as `Element`, built in document order."""
    made: dict[etree._Element, Element] = {}
    root: Element | None = None
    for node, (line, column) in zip(tree.iter(etree.Element), places, strict=True):
        above = node.getparent()
        parent = None if above is None else made[above]
        attributes = {_plain(str(name)): str(value) for name, value in node.attrib.items()}
        element = Element(_plain(str(node.tag)), attributes, line, column, parent, node.text or "")
        made[node] = element
        if parent is None:
            root = element
        else:
            parent.children.append(element)
    assert root is not None  # noqa: S101 - well-formed XML has a root
    return root


def _plain(name: str) -> str:
    return name.removeprefix(_PREFIX)


def _finding(file: str, element: Element, rule: str, message: str) -> Finding:
    return Finding(rule, Severity.ERROR, file, element.line, element.column, element.owner, element.title, message)
