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
    """Return a folder with the Makefile and what its stamps depend on, but no virtual environment and no bundles."""
    for name in (
        *("Makefile", "pyproject.toml", "requirements.lock", "requirements-test.lock"),
        *("api/web/package.json", "api/web/package-lock.json", "api/web/src/app.js", "api/translations/zh/frame.po"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tmp_path / name)
        else:
            (tmp_path / name).touch()
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
    # What builds the pages is installed first, and the project itself last.
    steps = [planned.stdout.index(step) for step in ("-r requirements.lock", "-m api.web.build", "--editable .")]
    assert steps == sorted(steps)


@pytest.fixture
def set_up(copy: Path) -> Path:
    """Return a folder where everything was installed and built a moment ago."""
    python = copy / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/bin/true")
    (copy / "api/web/dist").mkdir()
    for age, stamp in enumerate(
        (".venv/.locked", "api/web/dist/inputs.sha256", ".venv/.installed", ".venv/.installed-test")
    ):
        (copy / stamp).touch()
        os.utime(copy / stamp, (3e9 + age, 3e9 + age))
    return copy


def test_a_second_run_installs_and_builds_nothing(set_up: Path) -> None:
    for target in ("demo", "test", "bench"):
        planned = _make(set_up, "-n", target).stdout
        assert "pip install" not in planned
        assert "api.web.build" not in planned


def test_a_new_lock_of_the_tests_concerns_the_tests_alone(set_up: Path) -> None:
    os.utime(set_up / "requirements-test.lock", (4e9, 4e9))
    assert "pip install" not in _make(set_up, "-n", "demo").stdout
    assert "-r requirements-test.lock" in _make(set_up, "-n", "bench").stdout


@pytest.mark.parametrize(
    "source", ["api/web/package-lock.json", "api/web/src/app.js", "api/translations/zh/frame.po", "requirements.lock"]
)
@pytest.mark.parametrize("target", ["demo", "test", "bench"])
def test_changed_pages_are_built_again(set_up: Path, target: str, source: str) -> None:
    os.utime(set_up / source, (4e9, 4e9))
    assert "-m api.web.build" in _make(set_up, "-n", target).stdout
