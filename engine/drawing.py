"""What a BPMN file says to people beside its execution: the drawing in a language, and what the process is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from engine.kernel.dialect import VENDORS
from engine.kernel.global_tasks import GLOBAL_TASKS
from engine.kernel.graph import BPMN

_BPMN = f"{{{BPMN}}}"
_PROPERTY = tuple(f"{{{vendor}}}property" for vendor in VENDORS)
_UNDRAWN = (f"{_BPMN}extensionElements", f"{_BPMN}documentation")
_GLOBAL_TASKS = tuple(f"{_BPMN}{tag}" for tag in GLOBAL_TASKS)
_FALSE = ("false", "0")
_BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_LETTER, _WIDEST_LABEL = 7, 90
"""Pixels of a letter of a label, and of a label before it takes a second line."""


@dataclass(frozen=True, slots=True)
class About:
    """What a process says about itself; "" where it says nothing. ``offered``: whether it is shown to people as one
    to start (``isStartableInTasklist``), which processes are that only others call are not.
    """

    documentation: str
    documentation_en: str
    offered: bool


def about(xml: bytes, key: str) -> About:
    """What the process ``key`` of a deployed file says about itself. KeyError when the file has no such process.

    A global task is a process that is never offered: only call activities start it.
    """
    for process in _parsed(xml).iter(f"{_BPMN}process", *_GLOBAL_TASKS):
        if process.get("id") == key:
            flags = [process.get(f"{{{vendor}}}isStartableInTasklist", "true").strip() for vendor in VENDORS]
            return About(
                (process.findtext(f"{_BPMN}documentation") or "").strip(),
                _properties(process).get("documentation.en", ""),
                process.tag not in _GLOBAL_TASKS and not any(flag in _FALSE for flag in flags),
            )
    raise KeyError(key)


def drawing(xml: bytes, language: str) -> str:
    """The file as it is drawn in ``language`` (zh or en): names only, without what is executed or documented.

    In English an element is called by its property ``name.en``, a pool by that of its process; what has none keeps
    its name.
    """
    root = _parsed(xml)
    if language == "en":
        named: dict[str, str] = {}
        english = {element.get("id", ""): _properties(element).get("name.en") for element in root.iter(f"{_BPMN}*")}
        for element in root.iter(f"{_BPMN}*"):
            name = english.get(element.get("id", "")) or english.get(element.get("processRef", "-"))
            if name:
                element.set("name", name)
                named[element.get("id", "")] = name
        _make_room(root, named)
    for element in list(root.iter(*_UNDRAWN)):
        above = element.getparent()
        if above is not None:
            above.remove(element)
    return etree.tostring(root, encoding="unicode")


def _make_room(root: etree._Element, names: Mapping[str, str]) -> None:
    """Widen the labels beside elements, drawn for the Chinese name, to what ``names`` need: away from the element."""
    for drawn in root.iter(f"{_BPMNDI}BPMNShape", f"{_BPMNDI}BPMNEdge"):
        bounds = drawn.find(f"{_BPMNDI}BPMNLabel/{_DC}Bounds")
        name = names.get(drawn.get("bpmnElement", ""))
        if bounds is None or name is None:
            continue
        left, width = _across(bounds)
        wanted = max(width, min(_WIDEST_LABEL, _LETTER * len(name)), _LETTER * max(map(len, name.split())))
        bounds.set("x", f"{left - (wanted - width) * _leftward(drawn, left + width / 2):.0f}")
        bounds.set("width", f"{wanted:.0f}")


def _leftward(drawn: etree._Element, middle: float) -> float:
    """Which part of a label's growth goes to the left: none for one on the right, as those of flows are."""
    shape = drawn.find(f"{_DC}Bounds")
    if shape is None:
        return 0
    left, width = _across(shape)
    return 0 if middle > left + width else 1 if middle < left else 0.5


def _across(bounds: etree._Element) -> tuple[float, float]:
    return float(bounds.get("x", "0")), float(bounds.get("width", "0"))


def _properties(element: etree._Element) -> dict[str, str]:
    holder = element.find(f"{_BPMN}extensionElements")
    if holder is None:
        return {}
    return {found.get("name", ""): found.get("value", "").strip() for found in holder.iter(*_PROPERTY)}


def _parsed(xml: bytes) -> etree._Element:
    """The deployment check has read the file before; this only keeps to its rules."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(xml, parser)
