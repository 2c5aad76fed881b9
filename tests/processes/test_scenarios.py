"""Every packaged scenario holds on the real engine, and together they visit every element of every process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import processes
from engine.model.incident import Incident
from engine.model.instance import Step
from engine.store import connect
from processes.scenario.run import find, run_script
from processes.scenario.script import load
from tests.processes.models import nodes

FILES = find([Path(processes.__file__).parent])


@cache
def visited(file: Path) -> frozenset[str]:
    """The elements that the scenario's cases left again; playing it must hold and leave no incident behind."""
    with TemporaryDirectory() as folder:
        run_script(load(file), Path(folder))
        database = connect(f"sqlite:///{Path(folder) / 'scenario.sqlite3'}")
        with Session(database) as session:
            assert session.scalars(select(Incident.message)).all() == []
            found = frozenset(session.scalars(select(Step.element).where(Step.outcome.is_not(None)).distinct()))
        database.dispose()
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_scenario(file: Path) -> None:
    assert visited(file)


def test_the_acceptance_scenarios_are_there() -> None:
    assert {"1-wind-farm", "2-steel-rejected", "4-committee-tie", "4-committee-veto"} <= {file.stem for file in FILES}


@pytest.mark.slow
def test_no_element_is_left_out() -> None:
    everywhere = frozenset().union(*(visited(file) for file in FILES))
    assert {node.id for _, node in nodes()} - everywhere == set()
