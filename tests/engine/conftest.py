"""Fixtures of the engine's tests."""

from __future__ import annotations

import pytest

from engine.runtime import Sancha
from tests.cast import Cast
from tests.factories import House


@pytest.fixture
def house(sancha: Sancha, cast: Cast) -> House:
    """A wired engine with the cast, on each database."""
    return House(sancha, cast)
