"""Expressions that can be read but cannot mean what they should. Runs on compiled definitions; what cannot be read at
all was reported while compiling (rules ``expressions/...``, too).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.kernel.definition import Definition, Kind, Message, Node, Timer
from engine.kernel.findings import Report

_IDENTIFIER = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True)
class _At:
    owner: str
    title: str
    line: int
    column: int


def check(definitions: Iterable[Definition], report: Report) -> None:
    """Rules ``expressions/...`` about whole nodes."""
    for definition in definitions:
        for node in definition.nodes.values():
            _start_timer(node, report)
            _correlation(node, report)


def _at(node: Node) -> _At:
    return _At(node.id, node.name, node.line, node.column)


def _starts_instances(node: Node) -> bool:
    """Not of an event subprocess: when that begins to wait, the variables around it are there."""
    return node.kind is Kind.START_EVENT and node.parent is None


def _start_timer(node: Node, report: Report) -> None:
    if not _starts_instances(node) or not isinstance(node.event, Timer):
        return
    expression = node.event.value.expression
    if expression is not None and expression.names:
        names = ", ".join(sorted(expression.names))
        message = f"the start timer uses {names}, but before the start there are no variables"
        report.error("expressions/start-timer", _at(node), message)


def _correlation(node: Node, report: Report) -> None:
    if not isinstance(node.event, Message) or node.event.correlation_key is None:
        return
    key = node.event.correlation_key
    if key.expression is None and _IDENTIFIER.fullmatch(key.text):
        message = f"the correlation key is the fixed text {key.text!r}, the same for every case"
        report.warning("expressions/fixed-key", _at(node), message, f"write ={key.text} if it is a variable")
    if _starts_instances(node):
        message = "a start event has no variables to compute a correlation key from"
        report.error("expressions/start-key", _at(node), message, "remove correlationKey")
