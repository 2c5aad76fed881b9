"""The chain's state for a page, and one chain verified while somebody waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.audit import one_chain
from engine.audit.findings import Fault
from engine.audit.one_chain import ChainReport, verify_chain
from engine.audit.state import ChainState, chain_state
from engine.errors import NotFound
from engine.ids import new_id
from engine.store import Store
from tests.engine.audit_cases import Cases


@pytest.fixture
def cases(store: Store, tmp_path: Path) -> Cases:
    return Cases(store, tmp_path)


def state(cases: Cases, *, outside: bool = True) -> ChainState:
    with cases.store.transaction(write=False) as session:
        return chain_state(session, public_key=cases.trail.public_key, file=cases.file if outside else None)


def report(cases: Cases, stream: str) -> ChainReport:
    with cases.store.transaction(write=False) as session:
        return verify_chain(session, stream, public_key=cases.trail.public_key, keys=cases.trail.keys)


def place(found: ChainState | ChainReport) -> tuple[Fault, str, int | None] | None:
    return None if found.finding is None else (found.finding.fault, found.finding.stream, found.finding.seq)


def test_nothing_is_sealed_before_the_first_checkpoint(cases: Cases) -> None:
    assert state(cases) == ChainState(None, None, 0, None, 0)
    cases.open(3)
    assert state(cases) == ChainState(None, None, 0, None, 3)


def test_the_newest_checkpoint_says_how_far_and_what_came_after(cases: Cases) -> None:
    first = cases.open(3)
    cases.open(2)
    cases.checkpoint()
    assert state(cases) == ChainState(1, cases.now, 2, None, 0)
    cases.add(first, 4)
    cases.checkpoint()
    at = cases.now
    cases.add(first, 2)
    assert state(cases) == state(cases, outside=False) == ChainState(2, at, 1, None, 2)


def test_what_does_not_fit_the_newest_checkpoint_is_located(cases: Cases) -> None:
    case = cases.open(3)
    cases.checkpoint()
    cases.add(case)
    cases.checkpoint()
    cases.tamper("UPDATE audit_event SET hash = 'x' WHERE seq = 4")
    assert place(state(cases)) == (Fault.REWRITTEN, case, 4)
    cases.tamper("DELETE FROM audit_event WHERE seq = 4")
    assert place(state(cases)) == (Fault.TAIL_CUT, case, 4)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE audit_checkpoint SET merkle_root = 'x' WHERE number = 2", (Fault.CHECKPOINT_EDITED, 2)),
        ("UPDATE audit_checkpoint SET signature = '00' WHERE number = 2", (Fault.CHECKPOINT_EDITED, 2)),
        ("UPDATE audit_checkpoint SET hash = 'x' WHERE number = 1", (Fault.CHECKPOINT_EDITED, 2)),
        ("DELETE FROM audit_checkpoint WHERE number = 1", (Fault.CHECKPOINT_MISSING, 1)),
        ("DELETE FROM audit_checkpoint WHERE number = 2", (Fault.CHECKPOINT_MISSING, 2)),
        ("DELETE FROM audit_checkpoint", (Fault.CHECKPOINT_MISSING, 2)),
    ],
)
def test_a_checkpoint_that_was_tampered_with_is_located(
    cases: Cases, statement: str, expected: tuple[Fault, int]
) -> None:
    case = cases.open(1)
    cases.checkpoint()
    cases.add(case)
    cases.checkpoint()
    cases.tamper(statement)
    assert place(state(cases)) == (expected[0], "checkpoint", expected[1])


@pytest.mark.parametrize("database", ["sqlite"])  # the file is what is looked at
def test_the_file_outside_is_compared(cases: Cases) -> None:
    case = cases.open(1)
    cases.checkpoint()
    line = cases.file.read_text()
    cases.file.write_text("no checkpoint\n")
    assert place(state(cases)) == (Fault.CHECKPOINT_FILE, "checkpoint", None)
    cases.file.write_text(line.replace('"hash":"', '"hash":"0'))
    assert place(state(cases)) == (Fault.CHECKPOINT_EDITED, "checkpoint", 1)
    cases.file.unlink()
    assert place(state(cases)) is None
    cases.add(case)


def test_a_chain_is_verified_alone(cases: Cases) -> None:
    case, other = cases.open(5), cases.open(2)
    cases.administer(2)
    cases.checkpoint()
    cases.add(case)
    cases.tamper("UPDATE audit_event SET actor = 'x' WHERE stream = :stream", stream=other)
    assert report(cases, case) == ChainReport(case, events=6, payloads=6, checkpoints=1)
    assert report(cases, "administration") == ChainReport("administration", events=2, payloads=2, checkpoints=1)
    assert place(report(cases, other)) == (Fault.EDITED, other, 1)


def test_what_is_wrong_with_one_chain_is_located(cases: Cases) -> None:
    case = cases.open(5)
    cases.checkpoint()
    cases.tamper("UPDATE audit_payload SET body = :body WHERE seq = 3", body=b"x" * 40)
    assert place(report(cases, case)) == (Fault.PAYLOAD_EDITED, case, 3)
    cases.tamper("DELETE FROM audit_payload WHERE seq = 3")
    assert (report(cases, case).erased, report(cases, case).intact) == (1, True)
    cases.tamper("UPDATE audit_checkpoint SET signature = '00'")
    assert place(report(cases, case)) == (Fault.CHECKPOINT_EDITED, "checkpoint", 1)
    cases.tamper("DELETE FROM audit_event WHERE seq = 5")
    assert place(report(cases, case)) == (Fault.TAIL_CUT, case, 5)


def test_a_chain_without_a_case_and_one_that_nobody_knows(cases: Cases) -> None:
    case = cases.open(2)
    cases.tamper("DELETE FROM process_instance WHERE id = :id", id=cases.id_value(case))
    assert place(report(cases, case)) == (Fault.UNOWNED_CHAIN, case, None)
    for unknown in (new_id(), "no-id", "administration"):
        with pytest.raises(NotFound):
            report(cases, unknown)


def test_a_chain_that_takes_too_long_is_left_to_the_command(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    case = cases.open(3)
    monkeypatch.setattr(one_chain, "LONGEST", 2)
    found = report(cases, case)
    assert (found.too_long, found.intact, found.events) == (True, False, 0)
