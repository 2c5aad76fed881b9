"""Reading DMN files safely, and the names of their elements in all versions from 1.1 to 1.5."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.dmn.errors import DmnError

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
"""XML namespace of the model to DMN version."""

MAX_BYTES = 10_000_000
MAX_DEPTH = 100


def parse(xml: bytes, file: str) -> etree._Element:
    """The ``definitions`` element.

    Raises `DmnError` for XML that is malformed, larger than `MAX_BYTES`, deeper than `MAX_DEPTH`, or has a document
    type or entities, and for a root that is not DMN 1.1 to 1.5.
    """
    if len(xml) > MAX_BYTES:
        raise DmnError(f"the model is larger than {MAX_BYTES} bytes", file)
    reader = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, reader)
    except etree.XMLSyntaxError as error:
        raise DmnError(f"malformed XML: {error.msg}", file, error.lineno) from None
    except ValueError as error:
        raise DmnError(f"malformed XML: {error}", file) from None
    information: Any = root.getroottree().docinfo
    if information.doctype or information.internalDTD is not None:
        raise DmnError("a document type declaration is not allowed", file, 1)
    _check_depth(root, file)
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise DmnError(f"not a DMN 1.1 to 1.5 model: the root element is {root.tag}", file, line_of(root))
    return root


def _check_depth(root: etree._Element, file: str) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise DmnError(f"the XML is nested more than {MAX_DEPTH} levels deep", file, line_of(element))


def kind(element: etree._Element) -> str:
    """The element's name without namespace; empty for one that is not DMN's (an extension)."""
    name = etree.QName(element)
    return name.localname if name.namespace in NAMESPACES else ""


def children(element: etree._Element, *kinds: str) -> Iterator[etree._Element]:
    """The DMN elements directly below, of some kinds or of all."""
    for child in element:
        name = kind(child)
        if name and (not kinds or name in kinds):
            yield child


def child(element: etree._Element, *kinds: str) -> etree._Element | None:
    """The first of `children`."""
    return next(children(element, *kinds), None)


def text_of(element: etree._Element | None) -> str:
    """The content of the ``text`` element below, stripped; empty without one."""
    text = None if element is None else child(element, "text")
    return "" if text is None else (text.text or "").strip()


def line_of(element: etree._Element) -> int | None:
    """The line an element starts on, from 1; None when the parser lost count."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def nearest_id(element: etree._Element | None) -> str | None:
    """The id of the element or of the closest one around it that has one."""
    while element is not None:
        identity = element.get("id")
        if identity:
            return identity
        element = element.getparent()
    return None


def spaced(name: str | None) -> str:
    """A name with one space wherever there is white space, as FEEL compares them."""
    return " ".join((name or "").split())


def name_of(element: etree._Element) -> str:
    """The name expressions use: that of the element's variable, else its own."""
    variable = child(element, "variable")
    name = (None if variable is None else variable.get("name")) or element.get("name") or element.get("id") or ""
    return spaced(name)


def local_tag(element: etree._Element) -> str:
    """The element's name without namespace, whoever's it is."""
    return etree.QName(element).localname
