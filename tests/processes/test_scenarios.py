"""Every packaged scenario holds on the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

import processes
from processes.scenario.run import find, run_script
from processes.scenario.script import load

FILES = find([Path(processes.__file__).parent])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_scenario(file: Path, tmp_path: Path) -> None:
    assert run_script(load(file), tmp_path).cases


def test_the_acceptance_scenarios_are_there() -> None:
    assert {"1-wind-farm", "2-steel-rejected", "4-committee-tie", "4-committee-veto"} <= {file.stem for file in FILES}
