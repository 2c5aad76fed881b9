"""What the readers of a model share: its file, its names and types, and the problems found so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from lxml import etree

from engine.dmn.errors import DecisionFailed, DmnError
from engine.dmn.types import ANY, ItemType
from engine.dmn.xml import line_of, nearest_id, text_of
from engine.feel.compiler import compile_tests
from engine.feel.errors import FeelError, FeelSyntaxError
from engine.feel.expression import parse
from engine.feel.names import names_of
from engine.feel.nodes import Tests
from engine.feel.parser import parse_unary
from engine.feel.scope import Closure, Scope
from engine.feel.unary import Match
from engine.feel.values import Value


@dataclass(frozen=True, slots=True)
class Boxed:
    """A piece of decision logic, ready to run. ``free``: names it needs; ``possible``: names that stand in filters,
    where an item's entry may be meant instead.
    """

    closure: Closure
    free: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()

    def without(self, names: Iterable[str]) -> Boxed:
        """The same with some names bound around it."""
        bound = frozenset(names)
        return replace(self, free=self.free - bound, possible=self.possible - bound)


def combined(closure: Closure, parts: Iterable[Boxed]) -> Boxed:
    """Logic made of parts."""
    parts = list(parts)
    free = frozenset().union(*(part.free for part in parts))
    return Boxed(closure, free, frozenset().union(*(part.possible for part in parts)))


NOTHING = Boxed(lambda scope: None)


@dataclass(frozen=True, slots=True)
class Reading:
    """``owner`` is the id of the decision or function being read, ``names`` all names an expression there may use."""

    file: str
    owner: str
    names: frozenset[str]
    find_type: Callable[[str], ItemType | None]
    problems: list[DmnError] = field(default_factory=list)

    def of(self, owner: str) -> Reading:
        """The same for another decision."""
        return replace(self, owner=owner)

    def knowing(self, names: Iterable[str]) -> Reading:
        """The same with more names in scope."""
        return replace(self, names=self.names | frozenset(names))

    def problem(self, message: str, element: etree._Element) -> None:
        """Note something wrong at an element; reading goes on, to find the rest."""
        self.problems.append(DmnError(message, self.file, line_of(element), nearest_id(element) or self.owner))

    def type_of(self, element: etree._Element, reference: str | None) -> ItemType:
        """The type a ``typeRef`` names; any type without one."""
        if not reference:
            return ANY
        found = self.find_type(reference)
        if found is None:
            self.problem(f"unknown type '{reference}'", element)
            return ANY
        return found

    def expression(self, element: etree._Element, what: str, *, optional: bool = False) -> Boxed:
        """The FEEL expression in an element's ``text``; null when it is empty and ``optional``."""
        text = text_of(element)
        if not self._is_feel(element, what):
            return NOTHING
        if not text:
            if not optional:
                self.problem(f"{what} is empty", element)
            return NOTHING
        try:
            found = parse(text, names=self.names)
        except FeelSyntaxError as error:
            self.problem(f"{what}: {error}", element)
            return NOTHING
        return Boxed(self._guarded(found.closure, element, what), found.names, found.possible_names)

    def tests(self, element: etree._Element | None, what: str) -> tuple[tuple[Match, ...], Boxed]:
        """The unary tests in an element's ``text``, one by one and as what they need; none for ``-`` and nothing."""
        text = text_of(element)
        if element is None or not text or not self._is_feel(element, what):
            return (), NOTHING
        try:
            tree = parse_unary(text, self.names)
        except FeelSyntaxError as error:
            self.problem(f"{what}: {error}", element)
            return (), NOTHING
        parts = [tree] if tree.negated else [Tests(tree.at, (item,)) for item in tree.items]
        matches = tuple(self._guarded_match(compile_tests(part, text), element, what) for part in parts)
        names = names_of(tree)
        return matches, Boxed(lambda scope: None, frozenset(names.free), frozenset(names.possible))

    def _is_feel(self, element: etree._Element, what: str) -> bool:
        language = element.get("expressionLanguage") or element.getroottree().getroot().get("expressionLanguage") or ""
        if language and "feel" not in language.lower():
            self.problem(f"{what} is written in '{language}'; only FEEL is executed", element)
            return False
        return True

    def _guarded(self, closure: Closure, element: etree._Element, what: str) -> Closure:
        failure = self._failure(element, what)

        def evaluate(scope: Scope) -> Value:
            try:
                return closure(scope)
            except FeelError as error:
                raise failure(error) from error

        return evaluate

    def _guarded_match(self, match: Match, element: etree._Element, what: str) -> Match:
        failure = self._failure(element, what)

        def evaluate(value: Value, scope: Scope) -> bool | None:
            try:
                return match(value, scope)
            except FeelError as error:
                raise failure(error) from error

        return evaluate

    def _failure(self, element: etree._Element, what: str) -> Callable[[FeelError], DecisionFailed]:
        line, identity = line_of(element), nearest_id(element) or self.owner
        return lambda error: DecisionFailed(f"{what}: {error}", self.file, line, identity)
