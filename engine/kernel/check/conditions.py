"""Conditions of gateways that can be seen to be never true, or never asked. Runs on compiled definitions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.kernel.check.paths import At
from engine.kernel.definition import Definition, Flow, Kind, Node
from engine.kernel.findings import Report

_SPACE = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')


def check(definitions: Iterable[Definition], report: Report) -> None:
    """Rules ``execution/never-taken`` and ``execution/same-condition``."""
    for definition in definitions:
        for node in definition.nodes.values():
            _conditions(node, report)


def _conditions(node: Node, report: Report) -> None:
    first_wins = node.kind is Kind.EXCLUSIVE_GATEWAY
    asked: dict[str, Flow] = {}
    always: Flow | None = None
    for flow in node.outgoing:
        if flow.condition is None:
            continue
        text = _SPACE.sub(lambda found: found[1] or " ", flow.condition.text).strip()
        if text == "false":
            message = "the condition is always false, so this flow is never taken"
            report.warning("execution/never-taken", _at(flow), message, "remove the flow, or write its condition")
        elif first_wins and always is not None:
            message = f"the flow {always.id!r} before it is always taken, so this one never is"
            report.warning("execution/never-taken", _at(flow), message, f"write a condition on {always.id!r}")
        elif first_wins and text in asked:
            message = f"the flow {asked[text].id!r} before it has the same condition, so this one is never taken"
            report.warning("execution/same-condition", _at(flow), message, "change one of the two conditions")
        asked.setdefault(text, flow)
        if text == "true" and always is None:
            always = flow
    default = next((flow for flow in node.outgoing if flow.id == node.default), None)
    if always is not None and default is not None:
        message = f"the condition of {always.id!r} is always true, so the default flow is never taken"
        report.warning("execution/never-taken", _at(default), message, f"write a condition on {always.id!r}")


def _at(flow: Flow) -> At:
    return At(flow.id, flow.name, flow.line, flow.column)
