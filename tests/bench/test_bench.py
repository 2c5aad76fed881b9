"""Every benchmark runs at a tiny size, and measures what it says it measures; nothing here depends on time."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Table, select

from bench.__main__ import main
from bench.completion import bench_completion, in_process, prepare, record
from bench.databases import Databases, PostgresDatabases, SqliteFiles
from bench.inbox import bench_inbox
from bench.items import bench_items
from bench.loops import bench_loops
from bench.models import FORM, form, two_people
from bench.recording import replaying
from bench.scale import Scale
from bench.site import new_site, site
from bench.statements import bench_statements
from bench.table import Row, markdown, plain
from bench.timers import bench_timers
from bench.wind_farm import bench_wind_farm
from engine.model import Base
from tests.databases import connected

TINY = Scale(
    completions=4,
    warm_up=2,
    chunk=2,
    rounds=15,
    branch_rounds=15,
    timers=6,
    idle_seconds=0.3,
    repeats=1,
    open_tasks=4_000,
    asked=2,
    items=(30,),
)
pytestmark = pytest.mark.slow


@pytest.fixture
def databases(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    if database == "sqlite":
        return SqliteFiles(tmp_path)
    prefix = f"bench_{request.getfixturevalue('worker_name')}"
    return PostgresDatabases(request.getfixturevalue("postgres"), prefix=prefix)


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    with connected(url) as engine, engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for name, table in Base.metadata.tables.items()
            if isinstance(table, Table)
        }


def test_the_floor_does_exactly_what_the_engine_does(databases: Databases, tmp_path: Path) -> None:
    files = {"pair.bpmn": two_people(), f"{FORM}.form": form()}
    with new_site(databases.create("prepared"), tmp_path, files) as made:
        submissions = prepare(made, 3, Random(1))
    driven, replayed = (databases.copy(made.url, name) for name in ("driven", "replayed"))
    before = contents(replayed)
    with site(driven, tmp_path) as there:
        calls = record(there.sancha, in_process(there), submissions)
    with replaying(replayed) as replay:
        for part in calls:
            replay(part)
    assert [sum(call.sql is None for call in part) for part in calls] == [1, 1, 1]
    after = contents(replayed)
    assert after == contents(driven)
    assert {name for name in after if after[name] != before[name]} >= {
        "user_task",
        "step",
        "scope_state",
        "audit_event",
    }


def test_completions_are_compared_with_their_floor(databases: Databases, tmp_path: Path) -> None:
    engine, http = bench_completion(TINY, databases, tmp_path, Random(1))
    assert databases.name in engine.what
    assert engine.ratio is not None
    assert http.ratio is not None
    assert http.ratio > 0
    assert "statements" in engine.against


def test_the_state_of_a_loop_stays_as_small_as_it_was() -> None:
    rows = bench_loops(TINY)
    assert len(rows) == 8
    for row in rows[1::2]:
        assert row.ratio is not None
        assert row.ratio < 1.1, row.what


def test_an_item_of_many_is_compared_with_one_of_few() -> None:
    rows = bench_items(TINY)
    assert len(rows) == 4
    assert {row.part for row in rows} == {"g"}
    assert all(row.ratio for row in rows)


def test_each_command_commits_once(databases: Databases, tmp_path: Path) -> None:
    rows = bench_statements(databases, tmp_path, Random(1))
    counted = {row.what.partition(",")[0]: row.measured for row in rows}
    commands = ("claim task", "release task", "save draft", "complete task", "start instance")
    assert {*commands, "correlate message", "fire timer", "settle job"} <= counted.keys()
    assert {measured.partition(", ")[2] for measured in counted.values()} == {"1 commit"}
    assert int(counted["complete task over HTTP"].split()[0]) <= 15


@pytest.mark.parametrize("database", ["postgresql"])
def test_two_workers_drain_the_due_timers(databases: Databases, tmp_path: Path) -> None:
    drained, _, interface = bench_timers(TINY, databases, tmp_path, Random(1))
    assert drained.what.startswith("6 timers")
    assert interface.ratio is not None


def test_the_kernel_is_measured_on_a_scenario(tmp_path: Path) -> None:
    rows = bench_wind_farm(TINY, tmp_path)
    assert [row.part for row in rows] == ["e"] * 3
    assert all(row.ratio for row in rows)


def test_the_inbox_is_measured_for_two_people(databases: Databases, tmp_path: Path) -> None:
    size, *rows = bench_inbox(TINY, databases, tmp_path)
    assert size.what.startswith("4,000 open tasks")
    assert {row.part for row in rows} == {"f"}
    for who in ("5 groups", "20 groups"):
        asked = [row.what for row in rows if f", {who}, {databases.name}" in row.what]
        assert len(asked) == len(set(asked)) == len(rows) // 2
        assert {what.partition(", ")[0] for what in asked} >= {"my roles by due", "counts of all tabs", "page of mine"}


def test_the_table_reads_well_in_a_terminal_and_in_a_document() -> None:
    rows = [Row("a", "complete a task", 0.5, "2.00 ms", "floor 1.00 ms", "≥ 0.4"), Row("c", "写 claim", None, "7")]
    assert plain(rows).splitlines() == [
        "     What             Ratio  Measured  Against        Aim",
        "---  ---------------  -----  --------  -------------  -----",
        "(a)  complete a task   0.50  2.00 ms   floor 1.00 ms  ≥ 0.4",
        "(c)  写 claim                7",
    ]
    assert markdown(rows).splitlines()[1:] == [
        "|---|---|---:|---|---|---|",
        "| (a) | complete a task | 0.50 | 2.00 ms | floor 1.00 ms | ≥ 0.4 |",
        "| (c) | 写 claim |  | 7 |  |  |",
    ]


def test_only_the_parts_that_were_asked_for_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "a,x"])
    assert "the parts are a, b, c, d, e, f, g, h, i, not 'a,x'" in capsys.readouterr().err
