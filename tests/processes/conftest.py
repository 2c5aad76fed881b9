"""Fixtures of the process tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

import processes.registers
from engine.model.base import Base
from engine.store import connect


@pytest.fixture
def session() -> Iterator[Session]:
    """A session on an empty SQLite database in memory, with the store's own settings (foreign keys on)."""
    assert processes.registers.__all__
    database = connect("sqlite://")
    Base.metadata.create_all(database)
    with Session(database) as opened:
        yield opened
    database.dispose()
