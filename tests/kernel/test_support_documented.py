"""The page about BPMN support names everything that the deployment check knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.kernel.build.activities import CLOCKS, RESULT_SHAPES
from engine.kernel.check import unsupported
from engine.kernel.check import vendor_tables as vendor

PAGE = (Path(__file__).parents[2] / "docs" / "bpmn-support.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`]+)`", PAGE))


@pytest.mark.parametrize(
    "names",
    [
        unsupported.EXECUTED,
        unsupported.DOCUMENTS,
        unsupported.REFUSED,
        unsupported.ATTRIBUTES,
        vendor.ATTRIBUTES,
        vendor.ELEMENTS,
        vendor.IGNORED,
        vendor.HOUSE_PROPERTIES,
        CLOCKS,
        RESULT_SHAPES,
    ],
)
def test_every_name_is_documented(names: frozenset[str]) -> None:
    assert sorted(name for name in names if name not in NAMED) == []
