"""What the readers of a model share: its file, its names and types, and the problems found so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from lxml import etree

from engine.dmn.errors import DecisionFailed, DmnError
from engine.dmn.trace import Remark, trace_of
from engine.dmn.types import ANY, ItemType
from engine.dmn.xml import line_of, nearest_id, text_of
from engine.feel.compiler import compile_node, compile_tests
from engine.feel.errors import FeelError, FeelLimitExceeded, FeelSyntaxError
from engine.feel.names import names_of
from engine.feel.nodes import Node, Tests
from engine.feel.parser import parse_expression, parse_unary
from engine.feel.scope import Closure, Scope
from engine.feel.types import FeelType
from engine.feel.unary import Match
from engine.feel.values import Value


@dataclass(frozen=True, slots=True)
class Boxed:
    """A piece of decision logic, ready to run. ``free``: names it needs; ``possible``: names that stand in filters,
    where an item's entry may be meant instead. ``node``: the tree of a literal expression; ``table``: the columns and
    rules of a decision table, for its analysis.
    """

    closure: Closure
    free: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()
    node: Node | None = None
    table: object = None

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
class Tested:
    """Unary tests, ready to run: one match for each of them, none when any value will do. ``tree`` is what was read."""

    matches: tuple[Match, ...] = ()
    needs: Boxed = NOTHING
    tree: Tests | None = None

    @property
    def match(self) -> Match | None:
        """Whether a value passes any of the tests; None where any value will do."""
        matches = self.matches
        if len(matches) < 2:
            return matches[0] if matches else None
        return lambda value, scope: any(match(value, scope) is True for match in matches)


@dataclass(frozen=True, slots=True)
class Reading:
    """``owner`` is the id of the decision or function being read, ``names`` all names an expression there may use.

    ``problems`` are all that were found; ``broken`` those that keep a decision or function from being executed, by its
    id. Other problems refuse a deployment, but the rest of the model shows what it can do.
    """

    file: str
    owner: str
    names: frozenset[str]
    find_type: Callable[[str], ItemType | None]
    problems: list[DmnError] = field(default_factory=list)
    broken: dict[str, list[DmnError]] = field(default_factory=dict)
    tables: list[object] = field(default_factory=list)

    def of(self, owner: str) -> Reading:
        """The same for another decision."""
        return replace(self, owner=owner)

    def knowing(self, names: Iterable[str]) -> Reading:
        """The same with more names in scope."""
        return replace(self, names=self.names | frozenset(names))

    def problem(self, message: str, element: etree._Element) -> None:
        """Note something that keeps the owner from being executed; reading goes on, to find the rest."""
        self.doubt(message, element)
        self.broken.setdefault(self.owner, []).append(self.problems[-1])

    def doubt(self, message: str, element: etree._Element) -> None:
        """Note something wrong that need not change any value."""
        self.problems.append(DmnError(message, self.file, line_of(element), nearest_id(element) or self.owner))

    def type_of(self, element: etree._Element, reference: str | None) -> ItemType:
        """The type a ``typeRef`` names; any type without one."""
        if not reference or not reference.strip():
            return ANY
        found = self.find_type(reference)
        if found is None:
            self.doubt(f"unknown type '{reference}'", element)
            return ANY
        return found

    def _feel_type(self, reference: str) -> FeelType | None:
        """A type of the model for ``instance of`` and the parameters of functions."""
        found = self.find_type(reference)
        return None if found is None else found.feel

    def expression(self, element: etree._Element, what: str, *, optional: bool = False) -> Boxed:
        """The FEEL expression in an element's ``text``; null when it is empty (or a dash) and ``optional``."""
        text = text_of(element)
        if not self._is_feel(element, what):
            return NOTHING
        if not text or (optional and text == "-"):
            if not optional:
                self.problem(f"{what} is empty", element)
            return NOTHING
        try:
            node = parse_expression(text, self.names, self._feel_type)
            closure = compile_node(node, text)
        except FeelSyntaxError as error:
            self.problem(f"{what}: {error}", element)
            return NOTHING
        except RecursionError:
            self.problem(f"{what} is nested too deeply", element)
            return NOTHING
        names = names_of(node)
        guarded = self._guarded(closure, element, what)
        return Boxed(guarded, frozenset(names.free), frozenset(names.possible), node)

    def tests(self, element: etree._Element | None, what: str) -> Tested:
        """The unary tests in an element's ``text``; none for ``-`` and nothing."""
        text = text_of(element)
        if element is None or not text or not self._is_feel(element, what):
            return Tested()
        try:
            tree = parse_unary(text, self.names, self._feel_type)
            parts = [tree] if tree.negated else [Tests(tree.at, (item,)) for item in tree.items]
            compiled = [compile_tests(part, text) for part in parts]
        except FeelSyntaxError as error:
            self.problem(f"{what}: {error}", element)
            return Tested()
        except RecursionError:
            self.problem(f"{what} is nested too deeply", element)
            return Tested()
        matches = tuple(self._guarded_match(match, element, what) for match in compiled)
        names = names_of(tree)
        needs = Boxed(NOTHING.closure, frozenset(names.free), frozenset(names.possible))
        return Tested(matches, needs, tree)

    def failure(self, element: etree._Element, what: str) -> Callable[[Scope, str], None]:
        """What to call when ``what`` goes wrong: raises `DecisionFailed` in strict mode, else leaves a remark."""
        file, line, identity = self.file, line_of(element), nearest_id(element) or self.owner

        def report(scope: Scope, message: str) -> None:
            trace = trace_of(scope.run)
            if trace.strict:
                raise DecisionFailed(f"{what}: {message}" if what else message, file, line, identity)
            trace.remark(Remark(f"{what}: {message}" if what else message, file, line, identity))

        return report

    def _is_feel(self, element: etree._Element, what: str) -> bool:
        language = element.get("expressionLanguage") or element.getroottree().getroot().get("expressionLanguage") or ""
        if language and "feel" not in language.lower():
            self.problem(f"{what} is written in '{language}'; only FEEL is executed", element)
            return False
        return True

    def _guarded(self, closure: Closure, element: etree._Element, what: str) -> Closure:
        file, line, identity = self.file, line_of(element), nearest_id(element) or self.owner

        def evaluate(scope: Scope) -> Value:
            try:
                return closure(scope)
            except FeelError as error:
                _failed(error, scope, f"{what}: {error}", file, line, identity)
                return None

        return evaluate

    def _guarded_match(self, match: Match, element: etree._Element, what: str) -> Match:
        file, line, identity = self.file, line_of(element), nearest_id(element) or self.owner

        def evaluate(value: Value, scope: Scope) -> bool | None:
            try:
                return match(value, scope)
            except FeelError as error:
                _failed(error, scope, f"{what}: {error}", file, line, identity)
                return None

        return evaluate


def _failed(error: FeelError, scope: Scope, message: str, file: str, line: int | None, identity: str) -> None:
    """Null and a remark in standard mode. Raises `DecisionFailed` in strict mode, and always for a limit reached."""
    trace = trace_of(scope.run)
    if trace.strict or isinstance(error, FeelLimitExceeded):
        raise DecisionFailed(message, file, line, identity) from error
    trace.remark(Remark(message, file, line, identity))
