"""Pieces of models with compensation handlers, which the tests of compensation and transactions share."""

from __future__ import annotations

import re
from itertools import pairwise

from tests.kernel.bpmn import flow, model

_ASSOCIATION = re.compile(r"<association [^>]*/>")
ERRORS = '<error id="bad" errorCode="BAD"/>'
CANCEL_END = '<endEvent id="cancel"><cancelEventDefinition/></endEvent>'


def process(body: str, *, root: str = ERRORS, attributes: str = 'id="p" isExecutable="true"') -> bytes:
    """A file with one process; associations come last, as the schema wants them."""
    return model(_ASSOCIATION.sub("", body) + "".join(_ASSOCIATION.findall(body)), root=root, process=attributes)


def row(*elements: str) -> str:
    """Ids in a row, connected: ``row("s", "a", "e")``."""
    return "".join(flow(a, b) for a, b in pairwise(elements))


def tasks(*ids: str) -> str:
    """User tasks."""
    return "".join(f'<userTask id="{id}"/>' for id in ids)


def handled(activity: str, id: str, handler: str) -> str:
    """``activity`` (the XML of an activity with that id), compensated by ``handler``, an activity ``undo_<id>``."""
    return (
        f'{activity}<boundaryEvent id="c_{id}" attachedToRef="{id}"><compensateEventDefinition/></boundaryEvent>'
        f'{handler}<association id="as_{id}" sourceRef="c_{id}" targetRef="undo_{id}"/>'
    )


def logging(id: str, entry: str = "") -> str:
    """A handler that appends ``entry`` (FEEL; default: the id as text) to the list ``log``."""
    text = entry or f'"{id}"'
    return (
        f'<scriptTask id="undo_{id}" isForCompensation="true" camunda:resultVariable="log">'
        f"<script>append(log, {text})</script></scriptTask>"
    )


def logged(*ids: str) -> str:
    """User tasks, each with a handler that logs its id."""
    return "".join(handled(tasks(id), id, logging(id)) for id in ids)


def asking(id: str) -> str:
    """A handler that asks a person."""
    return f'<userTask id="undo_{id}" isForCompensation="true"/>'


def throw(id: str, activity: str = "", wait: str = "", tag: str = "intermediateThrowEvent") -> str:
    """An event that throws compensation, for one activity or all of its scope."""
    ref = f'activityRef="{activity}"' if activity else ""
    flag = f'waitForCompletion="{wait}"' if wait else ""
    return f'<{tag} id="{id}"><compensateEventDefinition {ref} {flag}/></{tag}>'


def sub(id: str, body: str, tag: str = "subProcess") -> str:
    """A subprocess."""
    return f'<{tag} id="{id}">{body}</{tag}>'


def event_sub(id: str, event: str, body: str, first: str, attributes: str = "") -> str:
    """An event subprocess; its start event ``<id>_s`` leads to ``first``."""
    start = f'<startEvent id="{id}_s" {attributes}>{event}</startEvent>'
    return f'<subProcess id="{id}" triggeredByEvent="true">{start}{body}{flow(f"{id}_s", first)}</subProcess>'


def script(id: str, variable: str, text: str) -> str:
    """A script task that writes one variable."""
    return f'<scriptTask id="{id}" camunda:resultVariable="{variable}"><script>{text}</script></scriptTask>'


def transaction(id: str, body: str) -> str:
    """A transaction, and a task ``cancelled`` behind its cancel boundary event ``tc``."""
    boundary = f'<boundaryEvent id="tc" attachedToRef="{id}"><cancelEventDefinition/></boundaryEvent>'
    return f'<transaction id="{id}">{body}</transaction>{boundary}{tasks("cancelled")}{flow("tc", "cancelled")}'
