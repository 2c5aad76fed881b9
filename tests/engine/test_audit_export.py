from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from engine.audit.export import BOM, COLUMNS, csv_lines
from engine.audit.keys import PayloadKeys
from engine.store import Store
from tests.engine.audit_cases import NOW, Cases


@pytest.fixture
def cases(store: Store, tmp_path: Path) -> Cases:
    return Cases(store, tmp_path)


def export(cases: Cases, *, keys: PayloadKeys | None = None, streams: list[str] | None = None) -> list[dict[str, str]]:
    with cases.store.transaction(write=False) as session:
        text = "".join(csv_lines(session, keys=keys, streams=streams))
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


def test_every_event_is_a_line(cases: Cases) -> None:
    first, second = cases.open(2), cases.open(1)
    cases.administer()

    rows = export(cases)

    assert {(row["stream"], row["seq"]) for row in rows} == {
        *((first, "1"), (first, "2"), (second, "1"), ("administration", "1"))
    }
    line = next(row for row in rows if (row["stream"], row["seq"]) == (first, "1"))
    assert tuple(line) == COLUMNS
    assert line["at"] == "2026-11-23T09:30:01.123456Z"
    assert (line["actor"], line["action"], line["definitions"]) == ("rm-1", "task:completed", "P:1")
    assert line["payload"] == ""


def test_payloads_are_in_it_for_who_has_the_keys(cases: Cases) -> None:
    case = cases.open(2)
    cases.tamper("DELETE FROM audit_payload WHERE seq = 2")

    rows = export(cases, keys=cases.trail.keys, streams=[case])

    assert json.loads(rows[0]["payload"]) == {"amount": "120000000.00", "number": 1}
    assert rows[1]["payload"] == "", "erased"


def test_one_case_can_be_exported_alone(cases: Cases) -> None:
    first, _second = cases.open(2), cases.open(1)

    assert {row["stream"] for row in export(cases, streams=[first])} == {first}
    assert export(cases, streams=[]) == []


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_takes_no_cell_for_a_formula(cases: Cases, name: str) -> None:
    with cases.store.transaction() as session:
        cases.trail.append_administration(session, at=NOW, actor=name, action='say "hi",\nthen go', payload={})

    [row] = export(cases)

    assert row["actor"] == f"'{name}"
    assert row["action"] == 'say "hi",\nthen go'
