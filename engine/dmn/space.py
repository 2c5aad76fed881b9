"""The space of a decision table's inputs, and the boxes that its rules are in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.dmn.cells import Cell
from engine.dmn.dimensions import NULL, Dimension, cut
from engine.dmn.elements import Decision, InputData
from engine.dmn.model import DecisionModel
from engine.dmn.table import DecisionTable, Input, Rule
from engine.dmn.types import ANY, ItemType
from engine.feel.names import names_of
from engine.feel.nodes import Comparison, Logic, Name, Node, Path
from engine.feel.types import BASIC


@dataclass(slots=True)
class Space:
    """``surely``: for each rule the box that it matches at least (bits for each dimension), None when that is not
    known; ``possibly``: the box that it matches at most. ``impossible``: rules whose cell in a column nothing matches.
    ``independent``: every combination of values can occur.
    """

    table: DecisionTable
    dimensions: tuple[Dimension, ...]
    surely: tuple[tuple[int, ...] | None, ...]
    possibly: tuple[tuple[int, ...], ...]
    impossible: list[tuple[Rule, str]]
    independent: bool
    _touching: dict[tuple[int, int], int] = field(default_factory=dict)

    def touching(self, number: int, bits: int) -> int:
        """The rules (as bits) whose box shares an atom with ``bits`` in a dimension."""
        found = self._touching.get((number, bits))
        if found is None:
            found = sum(1 << rule for rule, box in enumerate(self.surely) if box is not None and box[number] & bits)
            self._touching[number, bits] = found
        return found

    def shown(self, box: tuple[int, ...]) -> str:
        """An example of the values in a box, for people: the inputs that matter with a value each."""
        parts = []
        for dimension, bits in zip(self.dimensions, box, strict=True):
            if len(dimension.atoms) > 1 or bits == NULL:
                shown = bits & dimension.domain or bits & ~NULL or bits
                parts.append(f"{dimension.label} = {dimension.example(shown)}")
        return ", ".join(parts) or "whatever the inputs are"


def space_of(table: DecisionTable, model: DecisionModel) -> Space:
    """Cut the inputs of a table. Columns that ask the same are one dimension."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, column in enumerate(table.inputs):
        groups.setdefault(_asked(column.node) or (f"column {number}",), []).append(number)
    dimensions: list[Dimension] = []
    known: list[bool] = []
    impossible: list[tuple[Rule, str]] = []
    boxes: list[tuple[list[int | None], list[int]]] = [([], []) for _ in table.rules]
    for columns in groups.values():
        dimension = _dimension(table, columns, model)
        known.append(dimension is not None)
        used = dimension or Dimension(table.inputs[columns[0]].label, (), 0, certain=False)
        dimensions.append(used)
        for rule, (least, most) in zip(table.rules, boxes, strict=True):
            lower, upper = _bits(rule, columns, dimension, used)
            least.append(lower)
            most.append(upper)
            if dimension is not None and not upper & (dimension.domain | NULL):
                impossible.append((rule, dimension.label))
    return Space(
        table,
        tuple(dimensions),
        tuple(None if None in least else tuple(bits or 0 for bits in least) for least, _ in boxes),
        tuple(tuple(most) for _, most in boxes),
        impossible,
        _independent(table, model),
    )


def _bits(rule: Rule, columns: list[int], dimension: Dimension | None, used: Dimension) -> tuple[int | None, int]:
    """What a rule matches at least (None: not known) and at most in the columns of one dimension."""
    lower: int | None = used.everything
    upper = used.everything
    for number in columns:
        if rule.conditions[number] is None:
            continue
        cell = rule.cells[number]
        bits = None if cell is None or dimension is None else dimension.bits(cell)
        if bits is not None:
            bits &= used.domain | NULL
        lower = None if bits is None or lower is None else lower & bits
        upper = upper if bits is None else upper & bits
    return lower, upper


def _dimension(table: DecisionTable, columns: list[int], model: DecisionModel) -> Dimension | None:
    column = table.inputs[columns[0]]
    path = _asked(column.node)
    boolean = isinstance(column.node, Comparison | Logic)
    if path is None and not boolean:
        return None
    kind = _type(column, path, model)
    if kind.collection or kind.components:
        return None
    cells = [cell for rule in table.rules for number in columns if (cell := rule.cells[number]) is not None]
    domains: list[Cell] = []
    certain = path is not None and not _is_decision(path, table, model)
    for given in (*kind.values, *((column.values,) if column.allowed else ())):
        if given is None:
            certain = False  # what is allowed cannot be listed
        else:
            domains.append(given)
            certain = True
    if boolean:
        certain = False
    declared = bool if boolean else _basic(kind)
    if declared is None and not domains and any(str in cell.kinds for cell in cells):
        certain = False  # what other texts there can be, nobody said
    return cut(column.label, declared, cells, domains, certain=certain, whole=kind.whole)


def _basic(kind: ItemType) -> type | None:
    return BASIC.get(kind.basic.name) if kind.basic is not None else None


def _type(column: Input, path: tuple[str, ...] | None, model: DecisionModel) -> ItemType:
    """The type of a column: its own, or that of the input or decision that it names."""
    if column.kind is not ANY or path is None:
        return column.kind
    elements: tuple[InputData | Decision, ...] = (*model.input_data.values(), *model.decisions.values())
    kind = next((each.type for each in elements if each.name == path[0]), ANY)
    for name in path[1:]:
        kind = dict(kind.components).get(name, ANY) if not kind.collection else ANY
    return kind


def _asked(node: Node | None) -> tuple[str, ...] | None:
    """The names of a path such as ``client.age``; None for any other expression."""
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Path):
        target = _asked(node.target)
        return None if target is None else (*target, node.name)
    return None


def _is_decision(path: tuple[str, ...], table: DecisionTable, model: DecisionModel) -> bool:
    """Whether a name means what another decision gives, or a parameter or import, of which nothing is known here."""
    if table.decision_id not in model.decisions:
        return False
    decision = model.decisions[table.decision_id]
    return any(needed[0] == path[0] for needed, _ in decision.required)


def _independent(table: DecisionTable, model: DecisionModel) -> bool:
    """Whether no column says something about another one: each asks its own input, or a decision of its own inputs."""
    decision = model.decisions.get(table.decision_id)
    required = {} if decision is None else {path[0]: each.input_names for path, each in decision.required}
    paths: list[tuple[str, ...]] = []
    sources: list[frozenset[tuple[str, ...]]] = []
    for column in table.inputs:
        if column.node is None:
            continue
        path = _asked(column.node)
        names: set[tuple[str, ...]]
        if path is None:
            names = {(name,) for name in names_of(column.node).free | names_of(column.node).possible}
        elif path[0] in required:
            names = {(name,) for name in required[path[0]]} | {path[:1]}
        else:
            names = {path}
        if path is not None and path in paths:
            continue
        if path is not None:
            paths.append(path)
        sources.append(frozenset(names))
    for place, one in enumerate(sources):
        for other in sources[place + 1 :]:
            if any(a[: len(b)] == b[: len(a)] for a in one for b in other):
                return False
    return True
