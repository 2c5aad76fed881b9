"""The public conformance cases of the DMN TCK, as they lie beside the project."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from lxml import etree

from engine.dmn import DecisionModel, DmnError, load
from engine.feel import parse_any

TCK = Path(__file__).resolve().parents[3] / "shared" / "dmn-tck-level-2"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def cases() -> Iterator[object]:
    if not TCK.is_dir():
        reason = f"the DMN TCK is not at ../shared/{TCK.name} beside the project"
        print(reason)
        yield pytest.param(None, None, id="absent", marks=pytest.mark.skip(reason=reason))
        return
    for file in sorted(TCK.glob("*/*-test-*.xml")):
        for case in etree.parse(file).iter("{*}testCase"):
            for node in case.iter("{*}resultNode"):
                yield pytest.param(file, (case, node), id=f"{file.stem}-{case.get('id')}-{node.get('name')}")


@lru_cache
def model(file: Path) -> DecisionModel:
    name = etree.parse(file).findtext("{*}modelName") or ""
    beside = {each.name: each.read_bytes() for each in file.parent.glob("*.dmn") if each.name != name}
    return load((file.parent / name).read_bytes(), source=name, files=beside)


def value_of(element: etree._Element) -> object:
    """A valueType of ``testCases.xsd`` as FEEL value."""
    components = element.findall("{*}component")
    if components:
        return {each.get("name"): value_of(each) for each in components}
    items = element.find("{*}list")
    if items is not None:
        return None if items.get(NIL) == "true" else [value_of(each) for each in items.findall("{*}item")]
    value = element.find("{*}value")
    if value is None or value.get(NIL) == "true":
        return None
    text = value.text or ""
    kind = (value.get(TYPE) or "xsd:string").rpartition(":")[2]
    if kind in ("decimal", "double", "float", "integer", "int", "long"):
        return Decimal(text)
    if kind == "boolean":
        return text == "true"
    return text if kind == "string" else parse_any(text)


def same(actual: object, expected: object) -> bool:
    """Equal, with numbers compared to the 8 places that the kit's own results are written with."""
    if isinstance(actual, Decimal) and isinstance(expected, Decimal):
        return abs(actual - expected) < Decimal("1e-8")
    if isinstance(actual, list) and isinstance(expected, list):
        return len(actual) == len(expected) and all(map(same, actual, expected))
    if isinstance(actual, dict) and isinstance(expected, dict):
        return actual.keys() == expected.keys() and all(same(actual[key], expected[key]) for key in actual)
    return type(actual) is type(expected) and actual == expected


@pytest.mark.parametrize(("file", "case"), list(cases()))
def test_the_decision_is_as_the_kit_expects(file: Path, case: tuple[etree._Element, etree._Element]) -> None:
    test, node = case
    inputs = {each.get("name") or "": value_of(each) for each in test.findall("{*}inputNode")}
    expected = value_of(node.find("{*}expected"))
    asked, name = test.get("invocableName") or "", node.get("name") or ""
    try:
        actual = model(file).evaluate(asked or name, inputs, now=NOW).value
    except DmnError:
        assert node.get("errorResult") == "true"
        return
    if test.get("type") == "decisionService" and isinstance(actual, dict) and name in actual:
        actual = actual[name]
    assert same(actual, expected)
