"""What a BPMN file says to people beside its execution: the drawing in a language, and what the process is for."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.kernel.dialect import VENDORS
from engine.kernel.graph import BPMN

_BPMN = f"{{{BPMN}}}"
_PROPERTY = tuple(f"{{{vendor}}}property" for vendor in VENDORS)
_UNDRAWN = (f"{_BPMN}extensionElements", f"{_BPMN}documentation")
_FALSE = ("false", "0")


@dataclass(frozen=True, slots=True)
class About:
    """What a process says about itself; "" where it says nothing. ``offered``: whether it is shown to people as one
    to start (``isStartableInTasklist``), which processes are that only others call are not.
    """

    documentation: str
    documentation_en: str
    offered: bool


def about(xml: bytes, key: str) -> About:
    """What the process ``key`` of a deployed file says about itself. KeyError when the file has no such process."""
    for process in _parsed(xml).iter(f"{_BPMN}process"):
        if process.get("id") == key:
            flags = [process.get(f"{{{vendor}}}isStartableInTasklist", "true").strip() for vendor in VENDORS]
            return About(
                (process.findtext(f"{_BPMN}documentation") or "").strip(),
                _properties(process).get("documentation.en", ""),
                not any(flag in _FALSE for flag in flags),
            )
    raise KeyError(key)


def drawing(xml: bytes, language: str) -> str:
    """The file as it is drawn in ``language`` (zh or en): names only, without what is executed or documented.

    In English an element is called by its property ``name.en``, a pool by that of its process; what has none keeps
    its name.
    """
    root = _parsed(xml)
    if language == "en":
        english = {element.get("id", ""): _properties(element).get("name.en") for element in root.iter(f"{_BPMN}*")}
        for element in root.iter(f"{_BPMN}*"):
            name = english.get(element.get("id", "")) or english.get(element.get("processRef", "-"))
            if name:
                element.set("name", name)
    for element in list(root.iter(*_UNDRAWN)):
        above = element.getparent()
        if above is not None:
            above.remove(element)
    return etree.tostring(root, encoding="unicode")


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
