"""The packaged BPMN files: compiled, and as XML for what only the drawing says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from lxml import etree

from engine.kernel.compile import compile_model
from engine.kernel.definition import Definition, Kind, Node
from processes import packaged

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"


@cache
def files() -> Mapping[str, bytes]:
    """Every packaged BPMN file by name."""
    return {
        name: content for process in packaged() for name, content in process.resources.items() if name.endswith(".bpmn")
    }


@cache
def definitions() -> Mapping[str, Definition]:
    """Every packaged process by key."""
    return {definition.key: definition for name, xml in files().items() for definition in compile_model(xml, file=name)}


def nodes(*kinds: Kind) -> Iterator[tuple[Definition, Node]]:
    """The nodes of these kinds (all, when none is named) of every packaged process."""
    for definition in definitions().values():
        for node in definition.nodes.values():
            if not kinds or node.kind in kinds:
                yield definition, node


def xml(name: str) -> etree._Element:
    """The file's root element."""
    return etree.fromstring(files()[name])
