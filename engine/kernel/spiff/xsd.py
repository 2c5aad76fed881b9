"""SpiffWorkflow's BPMN schema check: the first thing that every model must pass."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cache

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

_NAMESPACE = re.compile(r"\{[^{}]*\}")
_LIMIT = 50
_lock = threading.Lock()  # a libxml2 schema keeps the errors of its last run


@dataclass(frozen=True, slots=True)
class SchemaViolation:
    """``element`` is the offending one where the schema names it; ``line`` counts from 1."""

    message: str
    line: int
    element: etree._Element | None


@cache
def _validator() -> BpmnValidator:
    return BpmnValidator()


def schema_violations(tree: etree._ElementTree) -> list[SchemaViolation]:
    """What the BPMN 2.0 schema that SpiffWorkflow bundles finds in ``tree``, at most 50; empty when it is valid.

    SpiffWorkflow's validator first renames ``formalExpression`` inside ``correlationPropertyRetrievalExpression`` to
    ``messagePath`` in the tree itself, to accept what bpmn-js writes.
    """
    with _lock:
        validator = _validator()
        try:
            validator.validate(tree)
        except ValidationException:
            return [_violation(entry, tree) for entry in list(validator.validator.error_log)[:_LIMIT]]
        return []


def _violation(entry: etree._LogEntry, tree: etree._ElementTree) -> SchemaViolation:
    namespaces = {prefix: uri for prefix, uri in tree.getroot().nsmap.items() if prefix}
    try:
        found = tree.xpath(entry.path, namespaces=namespaces) if entry.path else []
    except etree.XPathError:  # a prefix declared further inside
        found = []
    element = found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else None
    return SchemaViolation(_NAMESPACE.sub("", entry.message), entry.line, element)
