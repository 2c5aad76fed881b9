"""Mistakes on the command line: one line that names the thing, a non-zero exit code, nothing changed."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from api.cli import main
from api.home_lock import exclusive


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation on SQLite, still empty."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("SANCHA_HOME", str(folder))
    monkeypatch.delenv("SANCHA_DATABASE_URL", raising=False)
    monkeypatch.setenv("SANCHA_LOG_LEVEL", "ERROR")
    return folder


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 1) -> str:
    """The one line that the command answers on standard error."""
    assert main(arguments) == code
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("sancha: ")
    return lines[0]


@pytest.mark.parametrize(
    "arguments", [("audit", "verify"), ("worker",), ("deploy", __file__)], ids=lambda given: given[0]
)
def test_a_missing_database_is_named_and_not_made(
    home: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, *arguments)
    assert f"There is no database at sqlite:///{home / 'sancha.sqlite3'}. Run `sancha migrate`." in said
    assert not list(home.glob("*.sqlite3"))


@pytest.mark.parametrize("arguments", [("audit", "verify"), ("worker",), ("migrate",), ("serve",)], ids=" ".join)
def test_an_unreachable_database_is_named_without_its_password(
    home: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert home.is_dir()
    monkeypatch.setenv("SANCHA_DATABASE_URL", "postgresql://sancha:Blue-Tuesday@127.0.0.1:1/bank")
    said = refused(capsys, *arguments)
    assert "sancha:***@127.0.0.1:1/bank" in said
    assert "Blue-Tuesday" not in said


def test_a_database_in_a_folder_that_does_not_exist(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANCHA_DATABASE_URL", f"sqlite:///{home}/nowhere/bank.sqlite3")
    assert f"{home}/nowhere/bank.sqlite3" in refused(capsys, "serve")


def test_a_worker_does_not_run_beside_another_process_on_the_same_file_whatever_its_data_folder(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate"]) == 0
    file = home / "sancha.sqlite3"
    (tmp_path / "link").symlink_to(home)
    capsys.readouterr()
    with exclusive(f"sqlite:///{file}", "sancha serve"):
        for url in (f"sqlite:///{file}", f"sqlite:///{tmp_path / 'link' / file.name}"):
            monkeypatch.setenv("SANCHA_DATABASE_URL", url)
            monkeypatch.setenv("SANCHA_HOME", str(tmp_path / "other"))
            for command in ("worker", "serve"):
                assert f"{file} is in use by sancha serve" in refused(capsys, command)


def test_a_port_in_use_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert home.is_dir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Cannot listen on 127.0.0.1:{port}" in refused(capsys, "serve", "--port", str(port))
    assert not list(home.glob("*.sqlite3")), "nothing was prepared"


@pytest.mark.parametrize("port", ["99999", "-1", "8o8o", "65536"])
def test_a_port_that_does_not_exist_is_refused(home: Path, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["serve", f"--port={port}"])
    assert stopped.value.code == 2
    assert f"expected a whole number from 0 to 65535, not '{port}'" in capsys.readouterr().err
    assert not list(home.iterdir())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (None, "there is no such file or folder"),
        (b"a: [1", "while parsing a flow sequence"),
        (b"\xff\xfe", "the file is not UTF-8 text"),
        (b"name: x", "starts_at is missing"),
    ],
)
def test_a_scenario_that_cannot_be_read(
    home: Path, body: bytes | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "case.yaml"
    if body is not None:
        file.write_bytes(body)
    line = refused(capsys, "test", str(file), code=2)
    assert line.startswith(f"sancha: {file}: {said}")


def test_a_folder_without_scenarios(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"no scenario files or decision suites were found in {home}" in refused(capsys, "test", str(home), code=2)
