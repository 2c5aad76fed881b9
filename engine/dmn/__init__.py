"""DMN 1.1 to 1.5: decision tables and requirement graphs on `engine.feel`, parsed and checked when loaded."""

from __future__ import annotations

from engine.dmn.errors import DecisionFailed, DmnError, ModelInvalid, UnknownDecision
from engine.dmn.load import load
from engine.dmn.model import Decision, DecisionModel, DecisionResult
from engine.dmn.table import RuleMatch

__all__ = [
    "Decision",
    "DecisionFailed",
    "DecisionModel",
    "DecisionResult",
    "DmnError",
    "ModelInvalid",
    "RuleMatch",
    "UnknownDecision",
    "load",
]
