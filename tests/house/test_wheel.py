"""The product installed from its wheel works from any folder, without the source beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.house.source import SKIPPED, files

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "forms", "processes", "api", "migrations", "demo")
WEB = ROOT / "api" / "web"
# The bundles and the catalogs are packed, what they are built from is not.
STAYS_BEHIND = (".npmrc", "package.json", "package-lock.json")

# Building and installing takes seconds: the tests share one wheel, so one worker runs them all.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

LIST_PACKAGE_DATA = """
import importlib, importlib.resources, sys

def walk(folder):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from walk(entry)
        else:
            yield entry.name

for package in sys.argv[1:]:
    print(importlib.import_module(package).__file__)
    for name in sorted(walk(importlib.resources.files(package))):
        print(package, name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with what is installed, so that nothing is fetched."""
    out = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)], out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a virtual environment that holds the wheel and borrows the dependencies of the running one."""
    venv = tmp_path_factory.mktemp("venv")
    _run([sys.executable, "-m", "venv", "--without-pip", str(venv)], venv)
    python = venv / "bin" / "python"
    _run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--quiet",
            "--no-index",
            "--no-deps",
            str(wheel),
        ],
        venv,
    )
    # Python does not follow the .pth files of a folder that a .pth file names: the source stays out of sight.
    (packages,) = venv.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return venv


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    source = {path for package in PACKAGES for path in files(ROOT / package, SKIPPED)}
    built = {*(WEB / "dist").iterdir(), *(ROOT / "api" / "translations").glob("*/LC_MESSAGES/messages.mo")}
    expected = {path.relative_to(ROOT).as_posix() for path in built | source if not _stays_behind(path)}
    assert sorted(expected - held) == []
    assert sorted(held - expected) == []


def _stays_behind(path: Path) -> bool:
    return (
        path.suffix == ".po" or path.is_relative_to(WEB / "src") or (path.parent == WEB and path.name in STAYS_BEHIND)
    )


def test_the_wheel_holds_the_built_pages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
        bundles = json.loads(archive.read("api/web/dist/manifest.json"))
    assert {f"{name}.{kind}" for name in ("app", "form", "diagram") for kind in ("js", "css")} <= set(bundles)
    assert {f"api/web/dist/{name}" for name in bundles.values()} <= held
    assert "api/web/dist/licences.txt" in held
    languages = [path.parent.name for path in (ROOT / "api" / "translations").glob("*/frame.po")]
    assert languages
    assert {f"api/translations/{language}/LC_MESSAGES/messages.mo" for language in languages} <= held
    assert [name for name in held if "node_modules" in name] == []


def test_the_command_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    answer = _run([str(installed / "bin" / "sancha"), "--version"], tmp_path)
    metadata = _run(
        [str(installed / "bin" / "python"), "-c", "import importlib.metadata as m; print(m.version('sancha'))"],
        tmp_path,
    )
    assert metadata.strip() in answer
    assert list(tmp_path.iterdir()) == []


def test_package_data_is_found_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    found = _run(
        [str(installed / "bin" / "python"), "-c", LIST_PACKAGE_DATA, "processes", "forms", "migrations"], tmp_path
    ).splitlines()
    origins = [line for line in found if line.endswith("__init__.py") and os.sep in line]
    assert len(origins) == 3
    assert all(Path(line).is_relative_to(installed) for line in origins)
    for package, ending in (("processes", ".bpmn"), ("processes", ".dmn"), ("processes", ".yaml"), ("forms", ".form")):
        assert any(line.startswith(package + " ") and line.endswith(ending) for line in found), (package, ending)


def _run(command: list[str], folder: Path) -> str:
    """Run a command in a folder, without this run's import path and settings, and return what it prints."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SANCHA_", "COVERAGE"))
    }
    done = subprocess.run(command, cwd=folder, env=inherited, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
