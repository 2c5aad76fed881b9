"""A rule of the deployment check, a model that breaks it, and the nearest legal model that does not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.kernel.check import Finding, Severity, check
from engine.kernel.check.rules import RULES_BY_ID
from tests.kernel.bpmn import model
from tests.kernel.cases import ROOTS

STRUCTURAL = frozenset(
    {
        "structure", "references", "flows", "gateways", "events", "links", "transactions", "compensation",
        "subprocesses", "activities", "loops", "data", "lanes", "pools", "messages", "xml",
    }
)  # fmt: skip
MORE_ROOTS = (
    ROOTS
    + '<escalation id="quiet"/><signal id="sig2" name="T"/><message id="m2" name="N"/>'
    + '<signalEventDefinition id="shared" signalRef="sig"/><timerEventDefinition id="sharedTimer">'
    + "<timeDuration>PT1H</timeDuration></timerEventDefinition>"
)

_ARTIFACT = re.compile(r"<association[^>]*/>|<textAnnotation[^>]*(?:/>|>.*?</textAnnotation>)")


@dataclass(frozen=True)
class RuleCase:
    """``element`` is where the broken model's finding points; ``roots`` are further root elements of both models."""

    rule: str
    element: str
    broken: str
    legal: str
    roots: str = ""
    legal_roots: str | None = None

    def __str__(self) -> str:
        return f"{self.rule}-{self.element}"


def examined(body: str, roots: str = "") -> tuple[Finding, ...]:
    """All findings about a model with one process. Associations and annotations may stand anywhere in ``body``: the
    schema wants them last.
    """
    artifacts = "".join(found[0] for found in _ARTIFACT.finditer(body))
    return check(model(_ARTIFACT.sub("", body) + artifacts, root=MORE_ROOTS + roots), file="test.bpmn")


def holds(case: RuleCase) -> None:
    """The rule tells of the broken model where and how gravely it should, and nothing structural of the legal one."""
    broken = [found for found in examined(case.broken, case.roots) if found.rule == case.rule]
    assert case.element in {found.element for found in broken}, examined(case.broken, case.roots)
    for found in broken:
        assert found.severity is RULES_BY_ID[case.rule].severity
        assert found.advice, "every finding says what to do"
    roots = case.roots if case.legal_roots is None else case.legal_roots
    wrong = [found for found in examined(case.legal, roots) if found.rule.partition("/")[0] in STRUCTURAL]
    assert [str(found) for found in wrong if found.severity is Severity.ERROR or found.rule == case.rule] == []
