"""Logs: JSON lines in UTC with bound ids and without personal data."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import structlog
import time_machine

from api.logging import REDACTED, WITHHELD, bound, configure_logging, log


class Lines:
    """What was logged, line by line."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def only(self) -> dict[str, Any]:
        (line,) = self.read()
        return line


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    structlog.contextvars.clear_contextvars()  # what an earlier test's request bound
    found = Lines()
    configure_logging("INFO", found.stream)
    yield found
    structlog.configure(**before)
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


@time_machine.travel(datetime(2026, 3, 2, 9, 30, tzinfo=UTC), tick=False)
def test_a_line_is_json_with_a_utc_time_and_the_bound_ids(lines: Lines) -> None:
    with bound(case="c-1", task="t-2"):
        log("api.test").info("task completed", amount=Decimal("1.50"))
    log("api.test").info("idle")
    assert lines.read() == [
        {
            "at": "2026-03-02T09:30:00Z",
            "level": "info",
            "logger": "api.test",
            "event": "task completed",
            "case": "c-1",
            "task": "t-2",
            "amount": "1.50",
        },
        {"at": "2026-03-02T09:30:00Z", "level": "info", "logger": "api.test", "event": "idle"},
    ]


def test_standard_library_records_take_the_same_way(lines: Lines) -> None:
    with bound(case="c-1"):
        logging.getLogger("waitress").warning("listening on %s", "port 1", extra={"phone": "13800000000"})
    line = lines.only()
    assert (line["event"], line["logger"], line["case"]) == ("listening on port 1", "waitress", "c-1")
    assert line["phone"] == REDACTED


PERSONAL = ("name", "full_name", "Phone", "e-mail", "variables", "payload", "form_data", "comment", "body")
SECRET = (
    "password",
    "new_password",
    "Set-Cookie",
    "Authorization",
    "session_token",
    "callback_signature",
    "SECRET_KEY",
)


@pytest.mark.parametrize("key", [*PERSONAL, *SECRET])
def test_personal_data_and_secrets_never_appear(lines: Lines, key: str) -> None:
    log("api.test").info("seen", **{key: "张三 hunter2"})
    log("api.test").info("seen", request={"inner": [{key: {"deep": "张三 hunter2"}}]})
    assert "hunter2" not in lines.stream.getvalue()
    assert lines.read()[0][key] == REDACTED
    assert lines.read()[1]["request"] == {"inner": [{key: REDACTED}]}


def test_what_helps_an_operator_stays(lines: Lines) -> None:
    log("api.test").info("job settled", element="check", fencing_token=7, form_id="visit", tags={"a"})
    line = lines.only()
    assert (line["element"], line["fencing_token"], line["form_id"], line["tags"]) == ("check", 7, "visit", ["a"])


def test_an_exception_shows_types_and_places_but_no_values_of_rows(lines: Lines) -> None:
    try:
        try:
            raise sqlite3.IntegrityError("Key (name)=(hunter2) already exists.")
        except sqlite3.IntegrityError as cause:
            raise LookupError("no such role: reviewer") from cause
    except LookupError:
        log("api.test").exception("command failed")
    line = lines.only()
    outer, inner = line["exception"]
    assert (outer["type"], outer["message"]) == ("builtins.LookupError", "no such role: reviewer")
    assert (inner["type"], inner["message"]) == ("sqlite3.IntegrityError", WITHHELD)
    assert "test_logging.py" in outer["frames"][0]
    assert "hunter2" not in lines.stream.getvalue()


def test_sql_values_are_not_logged_at_any_level(lines: Lines) -> None:
    configure_logging("DEBUG", lines.stream)
    logging.getLogger("sqlalchemy.engine.Engine").info("[generated in 0.1s] ('hunter2',)")
    log("api.test").debug("shown")
    assert lines.only()["event"] == "shown"


def test_levels_below_the_setting_are_left_out_and_warnings_are_logged(lines: Lines) -> None:
    log("api.test").debug("not shown")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old call", DeprecationWarning, stacklevel=1)
    assert lines.only()["logger"] == "py.warnings"
