"""Correlation as the standard draws it (BPMN 2.0.2, section 8.4.2), read as the key of a message.

A correlation property says how a value is read from each message (``messagePath``, FEEL over its payload), and a
process's correlation subscription what that value is in a case (``dataPath``, FEEL over its variables). So a message
that is thrown has the first as its key, and what waits for it listens under the second. The property
``correlationKey`` of an event comes before both.
"""

from __future__ import annotations

from engine.kernel.build.values import Values
from engine.kernel.definition import DataMapping, Value
from engine.kernel.graph import Element, Graph, local_part

_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
_RULE = "events/correlation"
_ADVICE = "or set the property correlationKey on the event"


def drawn_key(
    element: Element, message: Element, graph: Graph, values: Values, payload: tuple[DataMapping, ...]
) -> Value | None:
    """The key of ``message`` at the event or task ``element``; None where the model draws none, and at what starts
    instances: there are no variables yet.
    """
    retrievals = [
        (found, retrieval)
        for found in graph.root.all("correlationProperty")
        for retrieval in found.all("correlationPropertyRetrievalExpression")
        if local_part(retrieval.get("messageRef") or "") == message.id
    ]
    if not retrievals or _instantiates(element):
        return None
    if len(retrievals) > 1:
        text = f"the message {message.name!r} has several correlation properties; a key is one value"
        values.report.error(_RULE, element, text, f"keep one of them, {_ADVICE}")
        return None
    prop, retrieval = retrievals[0]
    if element.tag in _CATCHING:
        return _subscribed(element, prop, values)
    return _retrieved(element, retrieval, values, payload)


def _instantiates(element: Element) -> bool:
    outside = element.parent is None or not element.parent.flag("triggeredByEvent")
    return (element.tag == "startEvent" and outside) or element.flag("instantiate")


def _subscribed(element: Element, prop: Element, values: Values) -> Value | None:
    process = element
    while process.tag != "process" and process.parent is not None:
        process = process.parent
    paths = [
        path
        for subscription in process.all("correlationSubscription")
        for binding in subscription.all("correlationPropertyBinding")
        if local_part(binding.get("correlationPropertyRef") or "") == prop.id
        for path in binding.all("dataPath")
    ]
    if len(paths) != 1:
        many = "no correlation subscription" if not paths else "several correlation subscriptions"
        text = f"the message is correlated by {prop.name or prop.id!r}, but the process has {many} for it"
        values.report.error(_RULE, element, text, f"give it one with a dataPath, {_ADVICE}")
        return None
    values.language(paths[0], paths[0].text)
    return Value(paths[0].text.strip(), values.feel(paths[0], paths[0].text, "dataPath"))


def _retrieved(element: Element, retrieval: Element, values: Values, payload: tuple[DataMapping, ...]) -> Value | None:
    path = retrieval.child("messagePath")
    if path is None:
        return None  # the schema check has refused it
    values.language(path, path.text)
    wanted = values.feel(path, path.text, "messagePath")
    given = {mapping.target: mapping.source for mapping in payload if mapping.source is not None}
    missing = sorted(wanted.names - given.keys())
    if missing:
        text = f"the messagePath reads {', '.join(missing)}, which the message does not carry"
        values.report.error(_RULE, element, text, f"map it with an inputParameter, {_ADVICE}")
        return None
    names = sorted(wanted.names)
    sources = ", ".join(_source(given[name]) for name in names)
    # The path sees the payload and nothing else: its names are parameters, given what the payload is made from.
    feel = f"(function({', '.join(names)}) {wanted.text})({sources})"
    return Value("=" + feel, values.feel(path, feel, "messagePath"))


def _source(value: Value) -> str:
    if value.expression is not None:
        return value.expression.text
    return '"' + value.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
