"""What `make` offers, and what it says on a machine with the wrong Python."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with the Makefile and what its stamps depend on, but no virtual environment."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-test.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _pretend_python(folder: Path, version: str) -> Path:
    """Make a stand-in for an interpreter that is too old: it fails every check and tells its version."""
    python = folder / "old-python"
    python.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "Python {version}" && exit 0\nexit 1\n')
    python.chmod(0o755)
    return python


def test_help_is_the_default_and_lists_every_target(copy: Path) -> None:
    shown = _make(copy)
    assert shown.returncode == 0
    for target in ("help", "demo", "test", "lint", "bench", "clean", "lock"):
        assert f"  make {target} " in shown.stdout


def test_an_old_python_is_named(copy: Path) -> None:
    refused = _make(copy, "lint", f"PYTHON={_pretend_python(copy, '3.9.2')}")
    assert refused.returncode != 0
    assert "Sancha needs Python 3.11 or later;" in refused.stderr
    assert "is Python 3.9.2." in refused.stderr
    assert not (copy / ".venv").exists()


def test_a_missing_python_is_said(copy: Path) -> None:
    refused = _make(copy, "demo", "PYTHON=")
    assert refused.returncode != 0
    assert "there is none on the PATH" in refused.stderr


def test_demo_takes_port_and_folder(copy: Path) -> None:
    planned = _make(copy, "-n", "demo", "PORT=9123", "SANCHA_HOME=elsewhere")
    assert "SANCHA_HOME='elsewhere' exec .venv/bin/sancha demo --port 9123" in planned.stdout
    assert "--require-hashes" in planned.stdout


def test_a_second_run_installs_nothing(copy: Path) -> None:
    python = copy / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/bin/true")
    for stamp in (".installed", ".installed-test"):
        (copy / ".venv" / stamp).touch()
    assert "pip install" not in _make(copy, "-n", "demo").stdout
    assert "pip install" not in _make(copy, "-n", "bench").stdout
    os.utime(copy / "requirements-test.lock", (4e9, 4e9))
    assert "pip install" not in _make(copy, "-n", "demo").stdout
    assert "-r requirements-test.lock" in _make(copy, "-n", "bench").stdout
