"""Damaged models: whatever is cut, moved or overwritten, only errors of DMN come out. The seed is printed."""

from __future__ import annotations

import copy
import random

from lxml import etree

from engine.dmn import DmnError, Knowledge, load
from tests.dmn.models import decision, definitions, function, input_data, literal, table

SEED = 20260331
TEXTS = ["", "a b", "-", "not(", "1..", '"a"', "f(1)", "9**9**9", "[1..5]", "grade"]
VALUES = ["", "a", "#a", "COLLECT", "ANY", "SUM", "true", "number", "tGrade", "grade"]
WHOLE = definitions(
    '<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"A", "B"</text></allowedValues>'
    "</itemDefinition>"
    + input_data("a", "number")
    + function("f", {"x": "number"}, literal("x + 1"))
    + decision("grade", table("PRIORITY", ["a"], ['g|"A", "B"|"B"', "n"], [["> 1", '"A"', "1"], ["-", '"B"', "f(a)"]]))
    + decision("sum", f"<context><contextEntry><variable name='v'/>{literal('f(a)')}</contextEntry></context>", "k:f")
    + decision("all", literal("[grade, sum.v]"), "d:grade", "d:sum", "i:a")
)


def damage(root: etree._Element, random_: random.Random) -> None:
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    element = random_.choice(elements)
    parent = element.getparent()
    match random_.randrange(5):
        case 0 if parent is not None:
            parent.remove(element)
        case 1 if element.attrib:
            del element.attrib[random_.choice(sorted(map(str, element.attrib)))]
        case 2 if element.attrib:
            element.set(random_.choice(sorted(map(str, element.attrib))), random_.choice(VALUES))
        case 3:
            element.append(copy.deepcopy(random_.choice(elements)))
        case _:
            element.text = random_.choice(TEXTS)


def test_damaged_models_raise_nothing_but_errors_of_dmn() -> None:
    print(f"seed {SEED}")
    random_ = random.Random(SEED)
    outcomes = dict.fromkeys(("refused", "failed", "made"), 0)
    for _ in range(600):
        root = etree.fromstring(WHOLE)
        for _ in range(random_.randint(1, 3)):
            damage(root, random_)
        model = load(etree.tostring(root))
        outcomes["refused"] += bool(model.problems)
        for each in model.targets():
            names = each.parameters if isinstance(each, Knowledge) else each.input_names
            for strict in (False, True):
                try:
                    model.evaluate(each.id, dict.fromkeys(names, 2), strict=strict)
                    outcomes["made"] += 1
                except DmnError:
                    outcomes["failed"] += 1
    print(outcomes)
    assert min(outcomes.values()) > 10, "the damage is too small or too great to show anything"
