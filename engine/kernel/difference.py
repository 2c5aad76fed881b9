"""What changed between two versions of a process: elements added and removed, and attributes that differ.

Compared is what the files say, not how the diagram lies: positions, the tool that wrote the file and the order of
elements are no difference. Attributes without a place of their own (conditions, timers, mappings, extension
properties) are named by their path within the element, such as ``multiInstanceLoopCharacteristics.loopCardinality``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.kernel.dialect import properties, vendor_name
from engine.kernel.graph import FLOW_NODES, Element
from engine.kernel.read import read

_OWN_PLACE = FLOW_NODES | {"sequenceFlow", "lane", "process"}
"""Elements that are compared by themselves; everything else is an attribute of the one around it."""
_TRANSPARENT = frozenset({"laneSet", "childLaneSet"})
_ELSEWHERE = (
    _OWN_PLACE | _TRANSPARENT | {"incoming", "outgoing", "flowNodeRef", "textAnnotation", "association", "group"}
)
"""What says again what others say (flows, and here the attribute ``lane``), or is only drawn."""
_UNTOLD = frozenset({"id"})


class Change(StrEnum):
    """What became of an element, or of one of its attributes."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. ``attribute`` is None when the whole element (of ``kind``, an XML tag) came or went; else
    ``before`` and ``after`` are its texts, None where it is absent.
    """

    change: Change
    element: str
    name: str
    kind: str
    attribute: str | None = None
    before: str | None = None
    after: str | None = None


@dataclass(slots=True)
class _Described:
    """An element: its tag, its name, and its attributes as text by path."""

    kind: str
    name: str
    attributes: dict[str, str] = field(default_factory=dict)


def differences(before: bytes, after: bytes, key: str) -> tuple[Difference, ...]:
    """The differences of process ``key`` between two BPMN files, elements in the order of the later file, those that
    are gone last. Raises `ModelRefused` for what is no BPMN file; a file without the process has no elements.
    """
    old, new = _described(before, key), _described(after, key)
    found: list[Difference] = []
    for element, there in new.items():
        was = old.get(element)
        if was is None or was.kind != there.kind:
            if was is not None:
                found.append(Difference(Change.REMOVED, element, was.name, was.kind))
            found.append(Difference(Change.ADDED, element, there.name, there.kind))
            continue
        found += _changes(element, was, there)
    gone = (element for element in old if element not in new)
    found += (Difference(Change.REMOVED, element, old[element].name, old[element].kind) for element in gone)
    return tuple(found)


def _changes(element: str, was: _Described, there: _Described) -> Iterator[Difference]:
    for attribute in sorted(was.attributes.keys() | there.attributes.keys()):
        before, after = was.attributes.get(attribute), there.attributes.get(attribute)
        if before != after:
            change = Change.ADDED if before is None else Change.REMOVED if after is None else Change.CHANGED
            yield Difference(change, element, there.name, there.kind, attribute, before, after)


def _described(xml: bytes, key: str) -> Mapping[str, _Described]:
    graph = read(xml, file=key)
    named = _names(graph.root)
    found: dict[str, _Described] = {}
    lanes: dict[str, str] = {}
    top = next((element for element in graph.root.all("process") if element.id == key), None)
    stack = [] if top is None else [top]
    while stack:
        at = stack.pop()
        if at.tag == "lane":
            lanes |= dict.fromkeys((member.text.strip() for member in at.all("flowNodeRef")), at.name or at.id)
        described = _Described(at.tag, at.name, dict(_attributes(at, named)))
        found[at.id] = described
        if at.parent is not None and at.parent.tag in FLOW_NODES:
            described.attributes["container"] = at.parent.id
        stack.extend(reversed(list(_parts(at))))
    for element, lane in lanes.items():
        if element in found:
            found[element].attributes["lane"] = lane
    return found


def _parts(element: Element) -> Iterator[Element]:
    """The elements within ``element`` that are compared by themselves."""
    for child in element.children:
        if child.tag in _OWN_PLACE and child.id:
            yield child
        elif child.tag in _TRANSPARENT:
            yield from _parts(child)


def _names(root: Element) -> Mapping[str, str]:
    """Messages, errors and the like by id: a reference says what it refers to."""
    return {
        child.id: " ".join(filter(None, (child.name, child.get("errorCode")))) or child.id
        for child in root.children
        if child.id and child.tag not in ("process", "collaboration")
    }


def _attributes(element: Element, named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The attributes of ``element`` and of what lies in it without a place of its own, by path."""
    stack: list[tuple[str, Element]] = [("", element)]
    counted: Counter[str] = Counter()
    while stack:
        path, at = stack.pop()
        for name, value in at.attributes.items():
            if name not in _UNTOLD:
                # A reference to a message or error counts for what that is called; the XML ids are the tool's.
                told = named.get(value.strip(), value.strip()) if name.endswith("Ref") else value.strip()
                yield f"{path}{_plain(name)}", told
        if at is not element and (text := at.text.strip()):
            yield path.removesuffix("."), text
        yield from ((f"{path}{name}", value) for name, value in properties(at).items())
        inside = []
        for child in at.children:
            if child.tag == "extensionElements":
                inside.append((path, child))
            elif not _is_apart(child):
                label = f"{path}{_label(child)}"
                counted[label] += 1
                inner = label if counted[label] == 1 else f"{label}[{counted[label]}]"
                if not (child.attributes.keys() - _UNTOLD or child.children or child.text.strip()):
                    yield inner, "true"
                inside.append((f"{inner}.", child))
        stack.extend(reversed(inside))


def _is_apart(child: Element) -> bool:
    """Whether ``child`` is compared elsewhere, or is no difference."""
    return child.tag in _ELSEWHERE or vendor_name(child.tag) == "properties"


def _label(child: Element) -> str:
    """What a part is called in a path: its tag, and its name or target where several of a kind stand side by side."""
    apart = child.get("name") or child.get("target") or child.get("sourceExpression")
    tag = _plain(child.tag)
    return f"{tag}({apart})" if apart and vendor_name(child.tag) else tag


def _plain(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
