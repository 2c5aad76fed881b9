"""Small BPMN files for the tests of the kernel's front end."""

from __future__ import annotations

_OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:operaton="http://operaton.org/schema/1.0/bpmn"'
    ' xmlns:flowable="http://flowable.org/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:test" id="definitions">\n'
)


def model(body: str, *, root: str = "", process: str = 'id="p" isExecutable="true"') -> bytes:
    """A file with one process; the body begins in line 4. ``bpmn:`` is added to tags without a prefix."""
    text = f"<process {process}>\n{body}\n</process>\n{root}\n"
    return (_OPEN + prefixed(text) + "</bpmn:definitions>\n").encode()


def prefixed(text: str) -> str:
    """``<task/>`` becomes ``<bpmn:task/>``; tags that have a prefix keep it."""
    parts = text.split("<")
    done = [parts[0]]
    for part in parts[1:]:
        slash = "/" if part.startswith("/") else ""
        name = part[len(slash) :].split(">")[0].split()[0].rstrip("/")
        plain = ":" not in name and not name.startswith(("!", "?"))
        done.append(f"<{slash}{'bpmn:' if plain else ''}{part[len(slash) :]}")
    return "".join(done)


def flow(source: str, target: str, condition: str = "", *, id: str = "", attributes: str = "") -> str:
    """A sequence flow, by default with the id ``source_target``."""
    expression = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    ref = f'id="{id or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}"'
    return f"<sequenceFlow {ref} {attributes}>{expression}</sequenceFlow>\n"


def around(element: str, id: str = "x") -> str:
    """A start event, the element, an end event, in a row."""
    return f'<startEvent id="s"/>\n{element}\n<endEvent id="e"/>\n' + flow("s", id) + flow(id, "e")


def extended(*extensions: str) -> str:
    """An extensionElements element."""
    return f"<extensionElements>{''.join(extensions)}</extensionElements>"


def props(**values: str) -> str:
    """An extensionElements element with Camunda properties; ``name_en`` stands for ``name.en``."""
    found = "".join(
        f'<camunda:property name="{name.replace("_", ".")}" value="{value}"/>' for name, value in values.items()
    )
    return extended(f"<camunda:properties>{found}</camunda:properties>")
