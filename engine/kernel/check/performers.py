"""Resource roles stand where a person works; who they name is read by ``build/performers.py``."""

from __future__ import annotations

from engine.kernel.build.performers import ROLES
from engine.kernel.findings import Report
from engine.kernel.graph import Graph

_PEOPLE = ("userTask", "manualTask")


def check(graph: Graph, report: Report) -> None:
    """Rule ``execution/performer``."""
    for process in graph.processes:
        for element in process.element.walk():
            if element.tag == "resourceRole":
                message = "a resourceRole does not say which part it plays"
                report.error("execution/performer", element, message, "use potentialOwner or humanPerformer")
            elif element.tag in ROLES and (element.parent is None or element.parent.tag not in _PEOPLE):
                place = "root" if element.parent is None else element.parent.tag
                message = f"a {element.tag} has no effect on a {place}: no person works there"
                report.error("execution/performer", element, message, "remove it, or use a user task")
