"""What is wrong with decision tables that can be executed: rules that overlap, gaps, rules that never count.

The conditions of a table cut the space of its inputs into boxes (see `engine.dmn.dimensions`), and the rules are
compared box by box, so that what is reported comes with an example. Cells that are not constant, and columns that
depend on each other, are left out of what they would only make likely: nothing is reported that might not be so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.dmn.dimensions import Dimension
from engine.dmn.model import DecisionModel
from engine.dmn.space import Space, space_of
from engine.dmn.table import SINGLE_HIT, DecisionTable, Rule
from engine.feel.limits import DEFAULT, Run
from engine.feel.values import equal

MAX_FINDINGS = 20
"""Findings of one kind about one table."""

MAX_GAPS = 3
MAX_RULES = 2_000
_BUDGET = 20_000
"""Boxes that are looked at for one question; beyond it there is no answer."""


@dataclass(frozen=True, slots=True)
class TableFinding:
    """``rule`` is the stable name of what was found; ``element`` the id of the rule or table, ``line`` from 1."""

    rule: str
    file: str
    line: int | None
    element: str
    message: str
    advice: str


def analyse(model: DecisionModel) -> Iterator[TableFinding]:
    """The findings about all tables of a model."""
    for table in model.tables:
        if 0 < len(table.rules) <= MAX_RULES and table.decision_id in (*model.decisions, *model.functions):
            space = space_of(table, model)
            yield from _impossible(space)
            yield from _overlaps(space)
            yield from _gaps(space)
            yield from _masked(space)


def _finding(space: Space, name: str, rule: Rule | None, message: str, advice: str) -> TableFinding:
    table = space.table
    element = (rule.id if rule is not None else None) or table.id or table.decision_id
    line = rule.line if rule is not None else table.line
    return TableFinding(name, table.file, line, element, f"{table.what}: {message}", advice)


def _impossible(space: Space) -> Iterator[TableFinding]:
    for rule, column in space.impossible[:MAX_FINDINGS]:
        text = f"rule {_named(rule)} never matches: no value of input '{column}' is in its range"
        advice = "correct the range, or the type or allowed values of the input"
        yield _finding(space, "dmn/impossible-range", rule, text, advice)


def _overlaps(space: Space) -> Iterator[TableFinding]:
    """Rules of UNIQUE that match together, and rules of ANY that match together and disagree."""
    policy = space.table.hit_policy
    if policy not in ("UNIQUE", "ANY") or not space.independent:
        return
    told = 0
    for first, second, box in _pairs(space):
        if policy == "ANY" and not _disagree(space, first, second):
            continue
        pair = f"rules {_named(first)} and {_named(second)} both match when {space.shown(box)}"
        if policy == "UNIQUE":
            advice = "make the conditions exclude each other, or choose the hit policy FIRST or PRIORITY"
            yield _finding(space, "dmn/overlap", second, pair, advice)
        else:
            advice = "let them conclude the same, or make the conditions exclude each other"
            yield _finding(space, "dmn/any-conflict", second, f"{pair}, and conclude differently", advice)
        told += 1
        if told == MAX_FINDINGS:
            return


def _pairs(space: Space) -> Iterator[tuple[Rule, Rule, tuple[int, ...]]]:
    rules = space.table.rules
    known = sum(1 << place for place, box in enumerate(space.surely) if box is not None)
    for place, box in enumerate(space.surely):
        if box is None:
            continue
        others = known & ~((2 << place) - 1)
        for number, bits in enumerate(box):
            others &= space.touching(number, bits)
        while others:
            other = (others & -others).bit_length() - 1
            others &= others - 1
            second = space.surely[other]
            if second is not None:
                yield rules[place], rules[other], tuple(one & two for one, two in zip(box, second, strict=True))


def _disagree(space: Space, first: Rule, second: Rule) -> bool:
    for one, two in zip(first.constants, second.constants, strict=True):
        if one is not None and two is not None and equal(one[0], two[0], Run(None, DEFAULT)) is not True:
            return True
    return False


def _gaps(space: Space) -> Iterator[TableFinding]:
    table = space.table
    has_default = any(output.default is not None for output in table.outputs)
    if table.hit_policy not in SINGLE_HIT or has_default or not space.independent:
        return
    if not all(dimension.certain for dimension in space.dimensions):
        return
    domain = tuple(dimension.domain for dimension in space.dimensions)
    found = uncovered(space, domain, (1 << len(table.rules)) - 1, space.possibly, MAX_GAPS)
    for box in found or ():
        text = f"no rule matches when {space.shown(box)}"
        yield _finding(
            space, "dmn/gap", None, text, "add a rule, or a default output if nothing is what should come out"
        )


def _masked(space: Space) -> Iterator[TableFinding]:
    """Rules of FIRST and PRIORITY that never count, because what they match others decide before them."""
    table = space.table
    if table.hit_policy not in ("FIRST", "PRIORITY"):
        return
    told = 0
    unreachable = {rule.index for rule, _ in space.impossible}
    for place, rule in enumerate(table.rules):
        before = _decided_before(space, place)
        if not before or rule.index in unreachable or told == MAX_FINDINGS:
            continue
        left = uncovered(space, space.possibly[place], before, space.surely, 1)
        if left == []:
            how = "earlier rules match" if table.hit_policy == "FIRST" else "rules of a higher priority match"
            text = f"rule {_named(rule)} never counts: {how} whenever it does"
            advice = "move it up, narrow the others, or delete it"
            yield _finding(space, "dmn/masked-rule", rule, text, advice)
            told += 1


def _decided_before(space: Space, place: int) -> int:
    """The bits of the rules that win over the one at ``place``."""
    known = [other for other, box in enumerate(space.surely) if box is not None and other != place]
    if space.table.hit_policy == "FIRST":
        return sum(1 << other for other in known if other < place)
    ranks = [_rank(space.table, rule) for rule in space.table.rules]
    own = ranks[place]
    if own is None:
        return 0
    won = [other for other in known if (rank := ranks[other]) is not None and (rank, other) < (own, place)]
    return sum(1 << other for other in won)


def _rank(table: DecisionTable, rule: Rule) -> tuple[int, ...] | None:
    found = []
    for output, value in zip(table.outputs, rule.constants, strict=True):
        if not output.allowed:
            found.append(0)
            continue
        if output.values is None or value is None or value[0] not in output.values:
            return None
        found.append(output.values.index(value[0]))
    return tuple(found)


def uncovered(
    space: Space, region: tuple[int, ...], rules: int, boxes: tuple[tuple[int, ...] | None, ...], most: int
) -> list[tuple[int, ...]] | None:
    """Up to ``most`` boxes of ``region`` that none of ``rules`` (bits) covers; None when it takes too long to know."""
    search = _Search(space.dimensions, region, boxes, most)
    try:
        search.look(0, rules, ())
    except _TooMuchError:
        return search.found or None
    return search.found


class _TooMuchError(Exception):
    """The budget is spent."""


class _Search:
    """Goes through the atoms of one dimension after the other, with the rules that still cover; atoms that the same
    rules cover are one, and what was found covered is not looked at again.
    """

    def __init__(
        self,
        dimensions: tuple[Dimension, ...],
        region: tuple[int, ...],
        boxes: tuple[tuple[int, ...] | None, ...],
        most: int,
    ) -> None:
        self.region = region
        self.most = most
        self.found: list[tuple[int, ...]] = []
        self._budget = _BUDGET
        self._covered: set[tuple[int, int]] = set()
        self._covering = [
            [
                (1 << place, sum(1 << rule for rule, box in enumerate(boxes) if box and box[number] >> place & 1))
                for place in range(len(dimension.atoms) + 1)
                if region[number] >> place & 1
            ]
            for number, dimension in enumerate(dimensions)
        ]

    def look(self, number: int, rules: int, chosen: tuple[int, ...]) -> bool:
        """Whether ``rules`` cover everything from dimension ``number`` on. Raises `_TooMuchError`."""
        if not rules:
            if all(self.region[number:]):
                self.found.append((*chosen, *self.region[number:]))
            return False
        if number == len(self.region):
            return True
        if (number, rules) in self._covered:
            return True
        self._budget -= 1
        if self._budget < 0:
            raise _TooMuchError
        together: dict[int, int] = {}
        for bit, covering in self._covering[number]:
            together[rules & covering] = together.get(rules & covering, 0) | bit
        whole = True
        for left, bits in together.items():
            whole = self.look(number + 1, left, (*chosen, bits)) and whole
            if len(self.found) >= self.most:
                return False
        if whole:
            self._covered.add((number, rules))
        return whole


def _named(rule: Rule) -> str:
    return f"{rule.index} ({rule.id})" if rule.id else str(rule.index)
