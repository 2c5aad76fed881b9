"""The shapes in which a decision's output becomes a variable (``mapDecisionResult``)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure


def shaped(output: object, shape: str | None) -> object:
    """``output`` in the wanted shape. Raises `StepFailure` when it does not fit.

    None: as it is. ``singleEntry``: the one value of the one rule, ``singleResult``: the entries of the one rule (both
    null when no rule matched), ``collectEntries``: a list with one value per rule, ``resultList``: a list with the
    entries of each rule.
    """
    if shape is None:
        return output
    rules = output if isinstance(output, list) else [] if output is None else [output]
    if shape == "resultList":
        return rules
    if shape == "collectEntries":
        return [_entry(rule) for rule in rules]
    if len(rules) > 1:
        raise StepFailure(Code.DECISION, f"{len(rules)} rules matched, and {shape} takes one")
    if not rules:
        return None
    return _entry(rules[0]) if shape == "singleEntry" else rules[0]


def _entry(rule: object) -> object:
    if not isinstance(rule, Mapping):
        return rule
    if len(rule) != 1:
        raise StepFailure(Code.DECISION, f"a rule gives {len(rule)} entries, where one value is wanted")
    return next(iter(rule.values()))
