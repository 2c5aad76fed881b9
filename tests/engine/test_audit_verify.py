from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from engine.audit.canonical import event_hash
from engine.audit.findings import Fault
from engine.audit.verify import verify
from engine.model.audit import ADMINISTRATION, AuditEvent
from engine.store import Store
from tests.engine.audit_cases import Cases, faults


@pytest.fixture
def cases(store: Store, tmp_path: Path) -> Cases:
    return Cases(store, tmp_path)


def test_untouched_chains_are_intact(cases: Cases) -> None:
    first, _second, unused = cases.open(3), cases.open(2, subject=None), cases.open()
    cases.administer(2)
    cases.checkpoint()
    cases.add(first)
    cases.checkpoint()

    report = cases.verify()

    assert faults(report) == []
    assert report.intact
    assert (report.chains, report.events, report.payloads, report.checkpoints) == (3, 8, 8, 2)
    assert report.notes == ()
    assert unused


def test_many_cases_are_checked_batch_by_batch(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.audit.verify.BATCH", 3)
    all_ = [cases.open(2) for _ in range(8)]
    cases.tamper("UPDATE audit_event SET actor = 'x' WHERE stream = :case AND seq = 2", case=all_[6])

    report = cases.verify(outside=False)

    assert faults(report) == [(Fault.EDITED, all_[6], 2)]
    assert (report.chains, report.events) == (8, 16)


def edit(cases: Cases, case: str, column: str, value: str) -> None:
    statement = f"UPDATE audit_event SET {column} = {value} WHERE stream = :case AND seq = 2"  # noqa: S608 - fixed texts
    cases.tamper(statement, case=case)


COLUMNS = [
    ("actor", "'rm-2'"),
    ("on_behalf_of", "'rm-2'"),
    ("action", "'task:released'"),
    ("element", "NULL"),
    ("definitions", "'[\"P:2\"]'"),
    ("definitions", "'[\"P:2'"),
    ("subject", "'other'"),
    ("payload_digest", "'00'"),
    ("hash", "'00'"),
]


@pytest.mark.parametrize(("column", "value"), COLUMNS)
def test_an_edited_column_is_found(cases: Cases, column: str, value: str) -> None:
    case = cases.open(4)
    edit(cases, case, column, value)

    assert faults(cases.verify()) == [(Fault.EDITED, case, 2)]


def test_a_moved_instant_is_found(cases: Cases) -> None:
    case = cases.open(3)
    value = "'2026-11-23 09:30:02.123457'" + ("" if cases.store.engine.dialect.name == "sqlite" else "::timestamptz")
    edit(cases, case, "at", value)

    assert faults(cases.verify()) == [(Fault.EDITED, case, 2)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("value", ["'yesterday'", "CAST(x'ff' AS TEXT)"], ids=["no instant", "not UTF-8"])
def test_what_cannot_even_be_read_is_found(cases: Cases, value: str) -> None:
    before, case, after = cases.open(3), cases.open(3), cases.open(3)
    column = "at" if "yesterday" in value else "element"
    edit(cases, case, column, value)

    report = cases.verify()

    assert faults(report) == [(Fault.EDITED, case, 2)]
    assert report.chains == 3
    assert before
    assert after


@pytest.mark.parametrize("gone", [1, 2])
def test_a_deleted_row_is_found(cases: Cases, gone: int) -> None:
    case = cases.open(4)
    cases.tamper("DELETE FROM audit_event WHERE stream = :case AND seq = :gone", case=case, gone=gone)

    report = cases.verify()

    assert (Fault.DELETED, case, gone) in faults(report)
    assert (Fault.PAYLOAD_SURPLUS, case, gone) in faults(report)


def test_rows_that_changed_places_are_found(cases: Cases) -> None:
    case = cases.open(4)
    cases.tamper(
        "UPDATE audit_event SET seq = 99 WHERE stream = :case AND seq = 2",
        "UPDATE audit_event SET seq = 2 WHERE stream = :case AND seq = 3",
        "UPDATE audit_event SET seq = 3 WHERE stream = :case AND seq = 99",
        case=case,
    )

    report = cases.verify()

    assert faults(report) == [(Fault.MOVED, case, 2)]
    assert "was number 3" in report.findings[0].message


def test_a_row_between_two_others_is_found(cases: Cases) -> None:
    case, other = cases.open(3), cases.open(2)
    cases.tamper(
        "UPDATE audit_event SET stream = :case, seq = 4 WHERE stream = :other AND seq = 2", case=case, other=other
    )

    assert {finding[:2] for finding in faults(cases.verify())} >= {(Fault.EDITED, case), (Fault.TAIL_CUT, other)}


def test_a_missing_chain_is_found(cases: Cases) -> None:
    kept, gone = cases.open(2), cases.open(3)
    cases.tamper(
        "DELETE FROM audit_event WHERE stream = :gone", "DELETE FROM audit_payload WHERE stream = :gone", gone=gone
    )

    assert faults(cases.verify()) == [(Fault.MISSING_CHAIN, gone, 1)]
    assert kept


def delete_case(cases: Cases, case: str) -> None:
    cases.tamper(
        "DELETE FROM audit_event WHERE stream = :case",
        "DELETE FROM audit_payload WHERE stream = :case",
        "DELETE FROM process_instance WHERE id = :id",
        case=case,
        id=cases.id_value(case),
    )


def test_a_chain_that_is_missing_with_its_case_shows_against_the_checkpoints(cases: Cases) -> None:
    kept, gone = cases.open(2), cases.open(3)
    cases.checkpoint()
    delete_case(cases, gone)

    assert faults(cases.verify()) == [(Fault.MISSING_CHAIN, gone, 1)]
    assert faults(cases.verify(outside=False)) == [(Fault.MISSING_CHAIN, gone, 1)]
    assert kept


def test_a_chain_without_its_case_is_found(cases: Cases) -> None:
    kept, case = cases.open(2), cases.open(3)
    cases.tamper("DELETE FROM process_instance WHERE id = :id", id=cases.id_value(case))

    report = cases.verify()

    assert faults(report) == [(Fault.UNOWNED_CHAIN, case, None)]
    assert (report.chains, report.events) == (2, 5)
    assert kept


def test_a_cut_tail_is_found(cases: Cases) -> None:
    case = cases.open(5)
    cases.tamper(
        "DELETE FROM audit_event WHERE stream = :case AND seq > 3",
        "DELETE FROM audit_payload WHERE stream = :case AND seq > 3",
        case=case,
    )

    assert faults(cases.verify()) == [(Fault.TAIL_CUT, case, 4)]


def cut(cases: Cases, case: str, last: int) -> None:
    """Cut the tail and make the case agree."""
    cases.tamper(
        "UPDATE process_instance SET audit_seq = :last, "
        "audit_head = (SELECT hash FROM audit_event WHERE stream = :case AND seq = :last) WHERE id = :id",
        "DELETE FROM audit_event WHERE stream = :case AND seq > :last",
        "DELETE FROM audit_payload WHERE stream = :case AND seq > :last",
        case=case,
        last=last,
        id=cases.id_value(case),
    )


def test_a_cut_tail_shows_against_the_checkpoints_when_the_case_agrees(cases: Cases) -> None:
    case = cases.open(5)
    cases.checkpoint()
    cut(cases, case, 3)

    assert faults(cases.verify()) == [(Fault.TAIL_CUT, case, 4)]


def test_a_cut_tail_shows_against_the_file_when_the_checkpoints_are_gone_too(cases: Cases) -> None:
    case = cases.open(3)
    cases.checkpoint()
    cases.add(case, 2)
    cases.checkpoint()
    cut(cases, case, 3)
    cases.tamper("DELETE FROM audit_checkpoint WHERE number = 2")

    assert faults(cases.verify()) == [(Fault.CHECKPOINT_MISSING, "checkpoint", 2), (Fault.TAIL_CUT, case, 4)]
    assert faults(cases.verify(outside=False)) == [], "without the file outside, this cut does not show"


def test_a_chain_that_was_computed_anew_shows_against_the_checkpoints(cases: Cases) -> None:
    case = cases.open(3)
    cases.checkpoint()
    cases.add(case)
    rewrite(cases, case, actor="rm-2")

    assert faults(cases.verify()) == [(Fault.REWRITTEN, case, 3)]


def test_a_chain_that_was_computed_anew_does_not_fit_its_case(cases: Cases) -> None:
    case = cases.open(3)
    rewrite(cases, case, actor="rm-2", head=False)

    assert faults(cases.verify()) == [(Fault.REWRITTEN, case, 3)]


def rewrite(cases: Cases, case: str, *, actor: str, head: bool = True) -> None:
    """Somebody who knows how hashes are made changes all rows and computes them again."""
    with cases.store.transaction(write=False) as session:
        rows = session.query(AuditEvent).filter_by(stream=case).order_by(AuditEvent.seq).all()
    last = ""
    for row in rows:
        hash_ = event_hash(
            stream=case,
            seq=row.seq,
            at=row.at,
            actor=actor,
            on_behalf_of=None,
            action=row.action,
            element=row.element,
            definitions=row.definitions,
            subject=row.subject,
            payload_digest=row.payload_digest,
            prev_hash=last,
        )
        cases.tamper(
            "UPDATE audit_event SET actor = :actor, prev_hash = :last, hash = :hash "
            "WHERE stream = :case AND seq = :seq",
            actor=actor,
            last=last,
            hash=hash_,
            case=case,
            seq=row.seq,
        )
        last = hash_
    if head:
        cases.tamper(
            "UPDATE process_instance SET audit_head = :last WHERE id = :id", last=last, id=cases.id_value(case)
        )


def test_rows_past_the_head_are_found(cases: Cases) -> None:
    case = cases.open(4)
    cases.tamper(
        "UPDATE process_instance SET audit_seq = 3, "
        "audit_head = (SELECT hash FROM audit_event WHERE stream = :case AND seq = 3) WHERE id = :id",
        case=case,
        id=cases.id_value(case),
    )

    assert faults(cases.verify()) == [(Fault.SURPLUS, case, 4)]


def test_the_administration_chain_is_checked_too(cases: Cases) -> None:
    cases.administer(3)
    cases.tamper("DELETE FROM audit_event WHERE stream = 'administration' AND seq = 3")

    assert faults(cases.verify())[0] == (Fault.TAIL_CUT, ADMINISTRATION, 3)


@pytest.mark.parametrize("column", ["body", "salt"])
def test_an_exchanged_payload_is_found(cases: Cases, column: str) -> None:
    case = cases.open(3)
    other = f"SELECT {column} FROM audit_payload WHERE stream = :case AND seq = 3"  # noqa: S608 - fixed texts
    statement = f"UPDATE audit_payload SET {column} = ({other}) WHERE stream = :case AND seq = 2"  # noqa: S608 - as above
    cases.tamper(statement, case=case)

    assert faults(cases.verify()) == [(Fault.PAYLOAD_EDITED, case, 2)]


def test_erased_payloads_leave_the_chain_whole(cases: Cases) -> None:
    case, other = cases.open(3), cases.open(2, subject="another")
    cases.tamper("DELETE FROM audit_payload WHERE stream = :case AND seq = 1", case=case)
    cases.tamper("DELETE FROM audit_key WHERE id = 'client:another'")

    report = cases.verify()

    assert faults(report) == []
    assert report.erased == 3
    assert other


def test_what_could_not_be_checked_is_said(cases: Cases) -> None:
    cases.open(1)
    with cases.store.transaction(write=False) as session:
        report = verify(session)

    assert report.intact
    assert len(report.notes) == 3


def test_a_running_system_can_be_verified(cases: Cases) -> None:
    case = cases.open(1)
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            cases.add(case)
            cases.administer()
            cases.checkpoint()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        reports = [cases.verify()]
        # Four times at least, and until the system has gone on meanwhile: the other thread may be slow to get its turn.
        until = time.monotonic() + 30
        while len(reports) < 4 or (reports[-1].events == reports[0].events and time.monotonic() < until):
            reports.append(cases.verify())
    finally:
        stop.set()
        thread.join()

    assert [faults(report) for report in reports] == [[]] * len(reports)
    assert reports[-1].events > reports[0].events
