"""Compares an expression with the FEEL source of what it should be worth."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.feel import DEFAULT, parse
from engine.feel.builtins.conversions import render
from engine.feel.limits import Run

NOW = datetime(2026, 3, 31, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def shown(text: str) -> str:
    """The value of an expression by the standard, as FEEL source."""
    return render(parse(text).evaluate({}, now=NOW, standard=True), Run(None, DEFAULT))
