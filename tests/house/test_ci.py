"""What `.ci/run` installs, and that it runs the tests, on machines pretended by a PATH of stand-ins."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOGGED = '#!/bin/sh\necho "$(basename "$0") $*"\n'
STANDS = "#!/bin/sh\nexit 0\n"
LACKS = "#!/bin/sh\nexit 1\n"
HAS_CHINESE = "#!/bin/sh\n[ \"$1\" = :lang=zh ] && echo 'NotoSansCJK-Regular.ttc: Noto Sans CJK SC'\n"
HAS_LATIN_ONLY = "#!/bin/sh\nexit 0\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a folder with nothing but the shell's own tools and an apt-get that tells what it is asked."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "sh", "dirname", "basename", "env"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    _stand_in(tools, "apt-get", LOGGED)
    _stand_in(tools, "sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    return tools


def _stand_in(tools: Path, name: str, script: str) -> None:
    (tools / name).write_text(script)
    (tools / name).chmod(0o755)


def _run(tools: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"exec bash '{ROOT / '.ci' / 'run'}' <&-"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def _has_everything(tools: Path) -> None:
    _stand_in(tools, "python3", STANDS)
    _stand_in(tools, "make", LOGGED)
    _stand_in(tools, "chromium", STANDS)
    _stand_in(tools, "fc-list", HAS_CHINESE)


def test_a_machine_that_has_everything_only_runs_the_tests(machine: Path) -> None:
    _has_everything(machine)
    done = _run(machine)
    assert (done.returncode, done.stdout) == (0, "make test\n")


def test_what_is_missing_is_installed_first(machine: Path) -> None:
    _stand_in(machine, "python3", LACKS)
    _stand_in(machine, "make", LOGGED)
    done = _run(machine)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "apt-get update -qq",
        "apt-get install -y -qq --no-install-recommends python3 python3-venv chromium fontconfig fonts-noto-cjk",
        "make test",
    ]


def test_a_machine_with_fonts_but_no_chinese_ones_gets_them(machine: Path) -> None:
    _has_everything(machine)
    _stand_in(machine, "fc-list", HAS_LATIN_ONLY)
    assert "apt-get install -y -qq --no-install-recommends fontconfig fonts-noto-cjk" in _run(machine).stdout


def test_without_apt_the_missing_tools_are_named(machine: Path) -> None:
    _has_everything(machine)
    (machine / "make").unlink()
    (machine / "apt-get").unlink()
    done = _run(machine)
    assert done.returncode == 1
    assert done.stderr == "Missing: make; without apt-get they must be installed by hand.\n"


def test_a_failed_test_run_fails_the_script(machine: Path) -> None:
    _has_everything(machine)
    _stand_in(machine, "make", "#!/bin/sh\nexit 2\n")
    assert _run(machine).returncode == 2
