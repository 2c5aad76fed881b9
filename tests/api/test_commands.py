"""``sancha user`` and ``sancha audit verify``, as an operator runs them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from api.cli import main
from engine.audit.triggers import install_triggers
from engine.store import WRITE
from migrations import upgrade
from tests.databases import connected

PASSWORD = "Blue-Tuesday-42"


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """The command line sends all logs to the standard error that it finds, which a test replaces."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def installation(empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment of an installation with tables and nobody in it; the database's address."""
    monkeypatch.setenv("SANCHA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SANCHA_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("SANCHA_LOG_LEVEL", "ERROR")
    monkeypatch.setenv("SANCHA_NEW_PASSWORD", PASSWORD)
    with connected(empty_database_url) as engine:
        upgrade(engine)
    return empty_database_url


def test_the_first_administrator(installation: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", "add", "root", "--role", "ADMIN@HQ", "--display-name", "管理员"]) == 0
    assert "root was added as ADMIN@HQ." in capsys.readouterr().out
    assert main(["user", "add", "root"]) == 1
    assert "The name root is taken." in capsys.readouterr().err
    assert main(["user", "password", "root"]) == 0
    assert main(["audit", "verify"]) == 0
    out = capsys.readouterr().out
    assert "intact" in out
    assert PASSWORD not in out


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        (["add", "new-1", "--role", "ADMIN"], PASSWORD, "ADMIN is not ROLE@UNIT"),
        (["add", "new-1", "--role", "KING@HQ"], PASSWORD, "no role 'KING'"),
        (["add", "new-1", "--role", "ADMIN@XX"], PASSWORD, "no unit 'XX'"),
        (["add", "new-1", "--role", "ADMIN@HQ", "--role", "RM@HQ"], PASSWORD, "new-1 holds ADMIN"),
        (["add", "New 1"], PASSWORD, "cannot be a sign-in name"),
        (["add", "new-1"], "short", "fewer than 12"),
        (["password", "new-1"], PASSWORD, "no such user"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"])  # refused by rules that the engine's tests try on both
def test_mistakes_are_named_and_change_nothing(
    installation: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    password: str,
    said: str,
) -> None:
    monkeypatch.setenv("SANCHA_NEW_PASSWORD", password)
    assert main(["user", *arguments]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    with connected(installation) as engine, engine.connect() as connection:
        assert connection.scalar(text('SELECT count(*) FROM "user"')) == 0


def test_verification_names_the_first_bad_row(installation: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("root", "second", "third"):
        assert main(["user", "add", name]) == 0
    with connected(installation) as engine, engine.connect().execution_options(**{WRITE: True}) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            triggers = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for trigger in triggers:
                connection.execute(text(f'DROP TRIGGER "{trigger}"'))
        connection.execute(text("UPDATE audit_event SET actor = 'nobody' WHERE seq = 2"))
        connection.commit()
        if engine.dialect.name == "sqlite":
            install_triggers(connection)
            connection.commit()
    capsys.readouterr()
    assert main(["audit", "verify"]) == 1
    assert "administration #2: edited" in capsys.readouterr().out


def test_a_database_without_tables_is_an_error_not_a_traceback(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANCHA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SANCHA_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("SANCHA_NEW_PASSWORD", PASSWORD)
    for command in (["audit", "verify"], ["user", "add", "root"], ["worker"]):
        assert main(command) == 1
        assert "sancha migrate" in capsys.readouterr().err
