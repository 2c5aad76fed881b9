"""Decision tables from XML, every cell parsed. The orientation is a matter of drawing: rules are stored alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from engine.dmn.cells import Cell, cell_of, constant, quick
from engine.dmn.reading import NOTHING, Boxed, Reading, combined
from engine.dmn.table import AGGREGATIONS, MULTIPLE_HIT, SINGLE_HIT, DecisionTable, Index, Input, Output, Rule
from engine.dmn.types import ANY, ItemType
from engine.dmn.xml import child, children, line_of, spaced, text_of
from engine.feel.values import Value


def decision_table(element: etree._Element, reading: Reading, what: str) -> Boxed:
    """Compile a table. A rule's empty input entry is ``-``, its empty output entry null."""
    needs: list[Boxed] = []
    inputs = tuple(_input(each, reading, what, needs) for each in children(element, "input"))
    outputs = _outputs(element, reading, what, needs)
    policy = element.get("hitPolicy", "UNIQUE")
    aggregation = element.get("aggregation")
    if policy not in SINGLE_HIT + MULTIPLE_HIT:
        reading.problem(f"{what}: unknown hit policy '{policy}'", element)
    if aggregation is not None and (aggregation not in AGGREGATIONS or policy != "COLLECT"):
        reading.problem(f"{what}: aggregation '{aggregation}' does not go with hit policy {policy}", element)
    if aggregation is not None and len(outputs) != 1:
        reading.problem(f"{what}: aggregation needs exactly one output", element)
    if policy in ("PRIORITY", "OUTPUT ORDER") and not any(output.allowed for output in outputs):
        reading.problem(f"{what}: hit policy {policy} needs output values in the order of their priority", element)
    rules = tuple(
        _rule(rule, index, inputs, outputs, reading, what, needs)
        for index, rule in enumerate(children(element, "rule"), 1)
    )
    table = DecisionTable(
        reading.owner,
        element.get("id"),
        reading.file,
        line_of(element),
        policy,
        aggregation if aggregation in AGGREGATIONS else None,
        inputs,
        outputs,
        rules,
        what,
        Index.of(rules),
    )
    reading.tables.append(table)
    return combined(table, needs)


def _input(element: etree._Element, reading: Reading, what: str, needs: list[Boxed]) -> Input:
    holder = child(element, "inputExpression")
    label = spaced(element.get("label")) or spaced(text_of(holder))
    where = f"{what}, input '{label}'"
    if holder is None:
        reading.problem(f"{where} has no expression", element)
        return Input(label, NOTHING.closure, ANY, ())
    boxed = reading.expression(holder, where)
    tested = reading.tests(child(element, "inputValues"), f"{where}, allowed values")
    needs += [boxed, tested.needs]
    kind = reading.type_of(holder, holder.get("typeRef"))
    return Input(label, boxed.closure, kind, tested.matches, boxed.node, cell_of(tested.tree))


def _outputs(table: etree._Element, reading: Reading, what: str, needs: list[Boxed]) -> tuple[Output, ...]:
    elements = list(children(table, "output"))
    if not elements:
        reading.problem(f"{what}: a decision table needs an output", table)
    outputs: list[Output] = []
    whole = _declared(table, reading)
    components = dict(whole.components)
    for element in elements:
        name = spaced(element.get("name") or element.get("label"))
        if len(elements) > 1 and (not name or name in [output.name for output in outputs]):
            reading.problem(f"{what}: every output needs a name of its own", element)
        declared = components.get(name, ANY) if len(elements) > 1 else whole
        written = element.get("typeRef")
        kind = reading.type_of(element, written) if written else declared
        where = f"{what}, output '{name}'"
        tested = reading.tests(child(element, "outputValues"), f"{where}, allowed values")
        holder = child(element, "defaultOutputEntry")
        default = None if holder is None else reading.expression(holder, f"{where}, default", optional=True)
        needs += [tested.needs, default or NOTHING]
        groups = (tested.matches, *declared.allowed, *kind.allowed)
        outputs.append(
            Output(
                name,
                _cell_type(kind, table),
                next((group for group in groups if group), ()),
                None if default is None else default.closure,
                _listed(cell_of(tested.tree)),
            )
        )
    return tuple(outputs)


def _listed(cell: Cell | None) -> tuple[Value, ...] | None:
    return None if cell is None else cell.constants


def _declared(table: etree._Element, reading: Reading) -> ItemType:
    """The type of the table's result as its variable declares it: it may hold the priorities of the outputs."""
    around = table.getparent()
    variable = None if around is None else child(around, "variable")
    reference = table.get("typeRef") or (None if variable is None else variable.get("typeRef"))
    return ANY if not reference else reading.find_type(reference) or ANY


def _cell_type(kind: ItemType, table: etree._Element) -> ItemType:
    """The type of one cell: of an item when the rules together make up a declared list."""
    several = table.get("hitPolicy") in MULTIPLE_HIT and table.get("aggregation") is None
    if several and kind.collection:
        return kind.item
    if table.get("aggregation") is not None:
        # What is declared may be the type of the aggregate: a count of texts, the sum of what is limited one by one.
        return ANY if table.get("aggregation") == "COUNT" else replace(kind, allowed=())
    return kind


def _rule(
    element: etree._Element,
    index: int,
    inputs: tuple[Input, ...],
    outputs: tuple[Output, ...],
    reading: Reading,
    what: str,
    needs: list[Boxed],
) -> Rule:
    entries, results = list(children(element, "inputEntry")), list(children(element, "outputEntry"))
    where = f"{what}, rule {index}"
    if len(entries) != len(inputs) or len(results) != len(outputs):
        found = f"{len(entries)} input and {len(results)} output entries"
        reading.problem(f"{where} has {found} for {len(inputs)} inputs and {len(outputs)} outputs", element)
    tested = [
        reading.tests(entry, f"{where}, input '{column.label}'") for entry, column in zip(entries, inputs, strict=False)
    ]
    cells = tuple(cell_of(each.tree) for each in tested)
    boxed = [
        reading.expression(entry, f"{where}, output '{output.name}'", optional=True)
        for entry, output in zip(results, outputs, strict=False)
    ]
    needs += [*(each.needs for each in tested), *boxed]
    return Rule(
        element.get("id"),
        index,
        tuple(quick(cell, each.match) for cell, each in zip(cells, tested, strict=True)),
        tuple(each.closure for each in boxed),
        cells,
        tuple(_concluded(results, boxed)),
        line_of(element),
    )


def _concluded(entries: list[etree._Element], boxed: list[Boxed]) -> Iterator[tuple[Value] | None]:
    for entry, each in zip(entries, boxed, strict=False):
        yield (None,) if text_of(entry) in ("", "-") else constant(each.node)
