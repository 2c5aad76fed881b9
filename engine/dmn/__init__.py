"""DMN 1.1 to 1.5: decision tables and requirement graphs on `engine.feel`, parsed and checked when loaded."""

from __future__ import annotations

from engine.dmn.elements import Decision, InputData, Knowledge, Service
from engine.dmn.errors import DecisionFailed, DmnError, ModelInvalid, UnknownDecision
from engine.dmn.load import load
from engine.dmn.model import DecisionModel, DecisionResult
from engine.dmn.trace import DecisionTrace, Remark, RuleMatch, TableTrace

__all__ = [
    "Decision",
    "DecisionFailed",
    "DecisionModel",
    "DecisionResult",
    "DecisionTrace",
    "DmnError",
    "InputData",
    "Knowledge",
    "ModelInvalid",
    "Remark",
    "RuleMatch",
    "Service",
    "TableTrace",
    "UnknownDecision",
    "load",
]
