"""The wind-farm case over real HTTP by many people, on real processes of which some are killed with SIGKILL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import Postgres

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 400


def drive(*arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SANCHA_")}
    done = subprocess.run(
        [sys.executable, "-m", "demo.drive", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    print(done.stdout, done.stderr)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_the_wind_farm_survives_two_kills_of_the_server_on_sqlite() -> None:
    told = drive("--tamper", "--seed", "1")
    assert "Killed with SIGKILL: 2" in told
    assert ": intact" in told
    assert "1 findings" in told


@pytest.mark.slow
def test_the_wind_farm_survives_kills_of_server_and_worker_on_postgresql(postgres: Postgres, worker_name: str) -> None:
    url = postgres.create(f"sancha_{worker_name}_drive")
    told = drive("--database-url", url, "--workers", "2", "--tamper", "--seed", "2")
    assert "Killed with SIGKILL: 3" in told
    assert ": intact" in told
    assert "1 findings" in told
