"""Types that cannot fit: expressions of a model that could only be null, told before they are ever evaluated.

Only what is surely wrong is told. Looked at are literal expressions and the cells of decision tables that are the whole
logic of a decision, with the declared types of what the decision requires; what names of its own a boxed expression
brings along is not followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.dmn.elements import Decision
from engine.dmn.model import DecisionModel
from engine.dmn.xml import child, children, line_of, nearest_id, parse, text_of
from engine.feel.errors import FeelSyntaxError
from engine.feel.types import ANY, FeelType
from engine.feel.typing_check import TypeProblem, check, check_tests, infer

MAX_FINDINGS = 50
"""Findings of one file."""


@dataclass(frozen=True, slots=True)
class TypeFinding:
    """``line`` of the file, from 1; ``element`` the id of the nearest element that has one."""

    line: int | None
    element: str
    message: str


def misfits(xml: bytes, model: DecisionModel, file: str) -> list[TypeFinding]:
    """What cannot fit in a file that could be loaded as ``model``."""
    found: list[TypeFinding] = []
    for element in children(parse(xml, file), "decision"):
        decision = model.decisions.get(element.get("id") or "")
        if decision is not None and not decision.problems:
            found += _Scope(decision, _types(decision), _names(model)).look(element)
    return found[:MAX_FINDINGS]


def _types(decision: Decision) -> dict[str, FeelType]:
    """The types of what the decision reads, by name; without those that are not declared."""
    given = [(path, each.type) for path, each in decision.own_inputs]
    given += [(path, each.type) for path, each in decision.required]
    return {path[-1]: kind.feel for path, kind in given if len(path) == 1 and kind.feel != ANY}


def _names(model: DecisionModel) -> list[str]:
    names = [each.name for each in model.decisions.values()]
    names += [each.name for each in model.input_data.values()]
    names += [each.name for each in model.functions.values()]
    return names + [each.name for each in model.services.values()]


@dataclass(frozen=True, slots=True)
class _Scope:
    decision: Decision
    types: Mapping[str, FeelType]
    names: list[str]
    found: list[TypeFinding] = field(default_factory=list)

    def look(self, element: etree._Element) -> list[TypeFinding]:
        literal, table = child(element, "literalExpression"), child(element, "decisionTable")
        if literal is not None:
            self._expression(literal)
        if table is not None:
            self._table(table)
        return self.found

    def _table(self, table: etree._Element) -> None:
        columns: list[FeelType] = []
        for column in children(table, "input"):
            asked = child(column, "inputExpression")
            columns.append(ANY if asked is None else self._expression(asked))
        for rule in children(table, "rule"):
            for cell, kind in zip(children(rule, "inputEntry"), columns, strict=False):
                if kind != ANY:
                    self._tell(cell, self._tests(text_of(cell), kind))
            for cell in children(rule, "outputEntry"):
                self._expression(cell)

    def _expression(self, element: etree._Element) -> FeelType:
        """Looks at an expression; its type."""
        text = text_of(element)
        if not text or text == "-" or (element.get("expressionLanguage") or "feel").lower().find("feel") < 0:
            return ANY
        try:
            self._tell(element, check(text, self.types, names=self.names))
            return infer(text, self.types, names=self.names)
        except (FeelSyntaxError, RecursionError):
            return ANY  # reading the model tells mistakes of the language; a type's name is not known here

    def _tests(self, text: str, kind: FeelType) -> list[TypeProblem]:
        if not text or text == "-":
            return []
        try:
            return check_tests(text, kind, self.types, names=self.names)
        except (FeelSyntaxError, RecursionError):
            return []

    def _tell(self, element: etree._Element, problems: list[TypeProblem]) -> None:
        where = self.decision.label or self.decision.name
        for problem in problems:
            text = f"decision '{where}': {problem.message} in '{' '.join(text_of(element).split())[:80]}'"
            self.found.append(TypeFinding(line_of(element), nearest_id(element) or self.decision.id, text))
