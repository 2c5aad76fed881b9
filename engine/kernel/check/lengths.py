"""Names of a model that become columns: longer ones would stop a case in the middle. Runs on compiled definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.kernel.definition import Definition, Message, Node
from engine.kernel.findings import Report

LONGEST = 255
"""Characters of a message name, topic, role, form, calendar, policy or English name. Ids have less: `structure`."""


@dataclass(frozen=True, slots=True)
class _At:
    owner: str
    title: str
    line: int
    column: int


def check(definitions: Iterable[Definition], report: Report) -> None:
    """Rule ``structure/long-name``."""
    for definition in definitions:
        for node in definition.nodes.values():
            for what, text in _names(node):
                if len(text) > LONGEST:
                    at = _At(node.id, node.name, node.line, node.column)
                    message = f"the {what} has {len(text)} characters; at most {LONGEST} can be stored"
                    report.error("structure/long-name", at, message)


def _names(node: Node) -> Iterator[tuple[str, str]]:
    if isinstance(node.event, Message):
        yield "message name", node.event.name
    if node.service is not None:
        yield "topic", node.service.topic
    yield "role", node.role or ""
    yield "English name", node.properties.get("name.en", "")
    if node.human is not None:
        yield "form", node.human.form or ""
        yield "calendar", node.human.calendar or ""
        yield "escalation", node.human.escalation or ""
