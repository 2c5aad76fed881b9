"""Global tasks as processes of their own: a start, the task, an end (BPMN 2.0.2, section 10.3.6).

A call activity calls them like any process, from the same file or another deployment; nobody else starts them.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.graph import Element

GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
"""Tags of global tasks, with those of the tasks that they are."""

_RENAMED = {"scriptLanguage": "scriptFormat"}


def called_tasks(root: Element) -> Iterator[Element]:
    """A process element for each global task of a file, in document order, with the key and name of the task; all its
    elements have the task's place. The task keeps its id, and everything in it.
    """
    taken = {element.id for element in root.walk()}
    for element in root.children:
        if element.tag in GLOBAL_TASKS:
            yield _process(element, root, taken)


def _process(element: Element, root: Element, taken: set[str]) -> Element:
    process = Element(
        "process", {"id": element.id, "name": element.name}, element.line, element.column, root
    )  # fmt: skip
    start, end, enter, leave = (
        _free(f"{element.id}_{suffix}", taken) for suffix in ("start", "end", "enter", "leave")
    )  # fmt: skip
    task = _copied(element, process)
    task.tag = GLOBAL_TASKS[element.tag]
    task.attributes = {_RENAMED.get(name, name): value for name, value in element.attributes.items()}
    process.children = [
        _made("startEvent", {"id": start}, process),
        task,
        _made("endEvent", {"id": end}, process),
        _made("sequenceFlow", {"id": enter, "sourceRef": start, "targetRef": element.id}, process),
        _made("sequenceFlow", {"id": leave, "sourceRef": element.id, "targetRef": end}, process),
    ]
    return process


def _free(id: str, taken: set[str]) -> str:
    while id in taken:
        id += "_"
    return id


def _made(tag: str, attributes: dict[str, str], process: Element) -> Element:
    return Element(tag, attributes, process.line, process.column, process)


def _copied(element: Element, parent: Element) -> Element:
    """The element with everything in it, below ``parent``; without recursion."""
    top = Element(element.tag, element.attributes, element.line, element.column, parent, element.text)
    waiting = [(element, top)]
    while waiting:
        source, copy = waiting.pop()
        for child in source.children:
            made = Element(child.tag, child.attributes, child.line, child.column, copy, child.text)
            copy.children.append(made)
            waiting.append((child, made))
    return top
