"""A designer's own folder: its models are played, in place of packaged ones of the same name."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli import main
from tests.factories import one_task

SCENARIO = """\
name: my own process
starts_at: 2026-05-11T09:00:00+08:00
steps:
  - start: {process: KEY, by: rm-1}
  - expect: {status: active, history: {s: 1}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A process folder with one scenario and no model yet."""
    monkeypatch.setenv("SANCHA_HOME", str(tmp_path / "home"))
    scenarios = tmp_path / "mine" / "scenarios"
    scenarios.mkdir(parents=True)
    return scenarios.parent


def play(folder: Path, key: str) -> int:
    (folder / "scenarios" / "first.yaml").write_text(SCENARIO.replace("KEY", key), encoding="utf-8")
    return main(["test", str(folder)])


def test_a_model_beside_the_scenarios_is_played(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert play(folder, "mine") == 1
    assert "not-found" in capsys.readouterr().out
    (folder / "mine.bpmn").write_bytes(one_task(key="mine"))
    assert play(folder, "mine") == 0
    assert "1 passed, 0 failed" in capsys.readouterr().out


def test_a_model_that_cannot_run_fails_its_scenario_with_the_reason(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mine.bpmn").write_bytes(one_task(key="mine").replace(b"userTask", b"serviceTask"))
    assert play(folder, "mine") == 1
    told = capsys.readouterr().out
    assert "mine.bpmn" in told
    assert "0 passed, 1 failed" in told
