"""Every rule that a finding can name, in one place: ``sancha lint`` documents and describes findings from it.

A rule is declared in one module of the catalogue and reported by the code that checks it; a test holds the two
together.
"""

from __future__ import annotations

from engine.kernel.check.catalogue import (
    activities,
    data,
    decisions,
    events,
    execution,
    files,
    flows,
    forms,
    gateways,
    structure,
)
from engine.kernel.check.catalogue.rule import Rule

__all__ = ["RULES", "RULES_BY_ID", "Rule"]

RULES: tuple[Rule, ...] = (
    *files.RULES,
    *structure.RULES,
    *flows.RULES,
    *gateways.RULES,
    *events.RULES,
    *activities.RULES,
    *data.RULES,
    *execution.RULES,
    *decisions.RULES,
    *forms.RULES,
)
"""In the order in which the check looks: the file, the structure, what can be executed."""

RULES_BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}
