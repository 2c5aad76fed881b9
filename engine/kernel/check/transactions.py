"""Transactions and what cancels them (BPMN 2.0.2, section 10.3.5)."""

from __future__ import annotations

from engine.kernel.check.levels import a, subprocess_around, tags
from engine.kernel.findings import Report
from engine.kernel.graph import FlowNode, Graph, Process

_CANCEL = "cancelEventDefinition"


def check(graph: Graph, report: Report) -> None:
    """Rules ``transactions/...``."""
    for process in graph.processes:
        cancelled: dict[str, str] = {}
        for node in process.nodes.values():
            if node.kind == "endEvent" and _CANCEL in tags(node, graph):
                transaction = _around(node, process)
                if transaction is None:
                    message = "the cancel end event lies in no transaction that it could cancel"
                    report.error("transactions/outside", node.element, message, "put it into a transaction")
                else:
                    cancelled.setdefault(transaction.id, node.id)
        for node in process.nodes.values():
            catchers = [boundary for boundary in node.boundary if _CANCEL in tags(boundary, graph)]
            _catchers(node, catchers, report)
            if node.kind == "transaction":
                _both(node, catchers, cancelled.get(node.id), report)


def _around(node: FlowNode, process: Process) -> FlowNode | None:
    at = subprocess_around(node, process)
    while at is not None and at.kind != "transaction":
        at = subprocess_around(at, process)
    return at


def _catchers(node: FlowNode, catchers: list[FlowNode], report: Report) -> None:
    if node.kind != "transaction":
        for catcher in catchers:
            message = f"it catches the cancellation of {node.id!r}, which is {a(node.kind)} and no transaction"
            report.error("transactions/not-a-transaction", catcher.element, message, "use an error event")
    for catcher in catchers[1:]:
        message = f"{catchers[0].id!r} already catches the cancellation of {node.id!r}"
        report.error("transactions/two-catchers", catcher.element, message, "keep one cancel boundary event")


def _both(node: FlowNode, catchers: list[FlowNode], thrower: str | None, report: Report) -> None:
    if thrower is not None and not catchers:
        message = f"{thrower!r} cancels the transaction {node.id!r}, and nothing says what follows then"
        report.error("transactions/no-catcher", node.element, message, "attach a cancel boundary event")
    if thrower is None and catchers:
        message = f"nothing in the transaction {node.id!r} cancels it, so this event never happens"
        report.warning("transactions/never-cancelled", catchers[0].element, message, "draw a cancel end event inside")
