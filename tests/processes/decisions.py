"""Makes packaged decisions in tests."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from engine.dmn import DecisionModel, load
from processes import packaged


@cache
def models() -> Mapping[str, DecisionModel]:
    """The model of every packaged decision, by decision id."""
    loaded = [
        load(content, source=name)
        for process in packaged()
        for name, content in process.resources.items()
        if name.endswith(".dmn")
    ]
    return {decision: model for model in loaded for decision in model.decisions}


def decide(decision: str, **inputs: Any) -> Any:
    """The value of a packaged decision."""
    return models()[decision].evaluate(decision, inputs).value
