from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.audit.chain import AuditTrail
from engine.audit.checkpoint import OVERLAP, Checkpoint, merkle_root
from engine.audit.findings import Fault
from engine.audit.verify import verify
from engine.model.audit import AuditCheckpoint
from engine.store import Store
from tests.databases import Statements
from tests.engine.audit_cases import NOW, Cases, faults


@pytest.fixture
def cases(store: Store, tmp_path: Path) -> Cases:
    return Cases(store, tmp_path)


def lines(cases: Cases) -> list[Checkpoint]:
    return [Checkpoint.of_line(line) for line in cases.file.read_text().splitlines()]


def test_a_checkpoint_lists_the_chains_that_changed(cases: Cases) -> None:
    first, second = cases.open(2), cases.open(3)
    cases.checkpoint()
    cases.add(first)
    third = cases.open(1)
    cases.administer()
    cases.checkpoint()

    one, two = lines(cases)

    assert [(stream, seq) for stream, seq, _hash in one.heads] == sorted([(first, 2), (second, 3)])
    assert [(stream, seq) for stream, seq, _hash in two.heads] == sorted(
        [(first, 3), (third, 1), ("administration", 1)]
    )
    assert (one.number, one.prev_hash, two.number, two.prev_hash) == (1, "", 2, one.hash)


def test_without_a_change_there_is_no_checkpoint(cases: Cases) -> None:
    with cases.store.transaction() as session:
        assert cases.trail.checkpoint(session, at=NOW) is None
    cases.open(1)
    cases.checkpoint()
    with cases.store.transaction() as session:
        assert cases.trail.checkpoint(session, at=cases.now + timedelta(minutes=5)) is None


def test_an_event_that_began_before_a_checkpoint_and_committed_after_it_is_in_the_next(cases: Cases) -> None:
    early, late = cases.open(1), cases.open(0)
    cases.now += OVERLAP / 2
    cases.checkpoint()
    cases.now -= OVERLAP / 4
    cases.add(late)
    cases.now += OVERLAP / 2
    cases.checkpoint()

    assert [[stream for stream, _, _ in line.heads] for line in lines(cases)] == [[early], [late]]


def test_a_checkpoint_asks_little(cases: Cases, statements: Statements) -> None:
    for _ in range(5):
        cases.open(2)
    cases.checkpoint()
    cases.open(1)
    statements.clear()
    cases.checkpoint()

    assert len(statements) <= 5, statements
    assert statements.commits == 1


def test_the_file_is_written_when_the_transaction_commits_and_not_before(cases: Cases) -> None:
    cases.open(1)

    def break_off() -> None:
        with cases.store.transaction() as session:
            assert cases.trail.checkpoint(session, at=cases.now) is not None
            assert not cases.file.exists()
            raise KeyError("no")

    with pytest.raises(KeyError):
        break_off()
    assert not cases.file.exists()

    cases.checkpoint()
    assert len(lines(cases)) == 1


@pytest.mark.parametrize("damage", ["absent", "half a line"])
def test_the_next_checkpoint_makes_up_for_what_the_file_lacks(cases: Cases, damage: str) -> None:
    case = cases.open(1)
    cases.checkpoint()
    cases.add(case)
    cases.checkpoint()
    if damage == "absent":
        cases.file.unlink()
    else:
        content = cases.file.read_text()
        cases.file.write_text(content[: len(content) - 40])
    cases.add(case)
    cases.checkpoint()

    assert [line.number for line in lines(cases)] == [1, 2, 3]
    assert cases.verify().intact


def test_a_file_that_cannot_be_written_does_not_undo_the_checkpoint(cases: Cases) -> None:
    cases.open(1)
    cases.file.mkdir()

    cases.checkpoint()

    with cases.store.transaction(write=False) as session:
        assert session.scalars(select(AuditCheckpoint.number)).all() == [1]
    cases.file.rmdir()
    report = cases.verify()
    assert report.intact
    assert "there is no file checkpoints.jsonl yet" in report.notes[0]


def test_long_lines_at_the_end_of_the_file_are_found(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.audit.checkpoint._TAIL", 16)
    case = cases.open(1)
    for _ in range(3):
        cases.add(case)
        cases.checkpoint()

    assert [line.number for line in lines(cases)] == [1, 2, 3]


def test_two_processes_cannot_take_the_same_number(cases: Cases) -> None:
    cases.open(1)
    cases.checkpoint()
    cases.open(1)
    row = {"at": NOW, "heads": [], "merkle_root": "", "prev_hash": "", "hash": "", "signature": ""}

    with pytest.raises(IntegrityError), cases.store.transaction() as session:
        session.add(AuditCheckpoint(number=1, **row))


def test_a_trail_without_a_signing_key_takes_none(cases: Cases) -> None:
    with cases.store.transaction() as session, pytest.raises(ValueError, match="signing key"):
        AuditTrail(bytes(32)).checkpoint(session, at=NOW)


def test_the_merkle_root_depends_on_every_head_and_their_order() -> None:
    heads = [[f"stream-{number}", number, "00"] for number in range(7)]
    roots = {merkle_root(heads[:count]) for count in range(8)}
    edited = {merkle_root([*heads[:at], ["x", 0, ""], *heads[at + 1 :]]) for at in range(7)}

    assert len(roots) == 8
    assert len(edited | {merkle_root(heads)}) == 8
    assert merkle_root(heads) != merkle_root(heads[::-1])


def test_an_edited_checkpoint_is_found(cases: Cases) -> None:
    case = cases.open(2)
    cases.checkpoint()
    heads = json.dumps([[case, 1, "00"]])
    cases.tamper("UPDATE audit_checkpoint SET heads = :heads", heads=heads)

    report = cases.verify()

    assert faults(report) == [(Fault.CHECKPOINT_EDITED, "checkpoint", 1)], "and the file's heads are believed"


def test_a_checkpoint_signed_by_another_is_found(cases: Cases) -> None:
    cases.open(2)
    cases.checkpoint()
    with cases.store.transaction(write=False) as session:
        other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
        report = verify(session, checkpoint_file=cases.file, public_key=other)

    assert [finding[0] for finding in faults(report)] == [Fault.CHECKPOINT_FILE, Fault.CHECKPOINT_EDITED]
    assert "key" in report.findings[0].message


def test_a_missing_checkpoint_is_found(cases: Cases) -> None:
    case = cases.open(1)
    for _ in range(3):
        cases.add(case)
        cases.checkpoint()
    cases.tamper("DELETE FROM audit_checkpoint WHERE number = 2")

    assert (Fault.CHECKPOINT_MISSING, "checkpoint", 2) in faults(cases.verify())
    assert faults(cases.verify(outside=False)) == [(Fault.CHECKPOINT_MISSING, "checkpoint", 2)]


def test_an_edited_line_of_the_file_is_named(cases: Cases) -> None:
    case = cases.open(1)
    cases.checkpoint()
    cases.add(case)
    cases.checkpoint()
    lines = cases.file.read_text().splitlines(keepends=True)
    cases.file.write_text(lines[0].replace(case[:8], "00000000") + lines[1])

    report = cases.verify()

    assert faults(report) == [(Fault.CHECKPOINT_FILE, "checkpoint", 1)]
    assert "line 1 of checkpoints.jsonl" in report.findings[0].message
