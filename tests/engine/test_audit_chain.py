from __future__ import annotations

import hashlib
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from engine.audit.canonical import canonical, event_hash
from engine.audit.chain import AuditTrail
from engine.audit.keys import WrongMasterKey
from engine.model.audit import ADMINISTRATION, AuditEvent, AuditKey, AuditPayload, AuditStream
from engine.store import Store
from tests.databases import Statements
from tests.engine.audit_cases import NOW, Cases


@pytest.fixture
def cases(store: Store, tmp_path: Path) -> Cases:
    return Cases(store, tmp_path)


def events(store: Store, stream: str) -> list[AuditEvent]:
    with store.transaction(write=False) as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.stream == stream).order_by(AuditEvent.seq)))


def test_each_event_continues_the_one_before(cases: Cases) -> None:
    case = cases.open(3)

    rows = events(cases.store, case)

    assert [row.seq for row in rows] == [1, 2, 3]
    assert rows[0].prev_hash == ""
    assert [row.prev_hash for row in rows[1:]] == [row.hash for row in rows[:-1]]


def test_the_hash_is_over_the_canonical_json_of_the_other_columns(cases: Cases) -> None:
    [row] = events(cases.store, cases.open(1))
    columns = {
        column.name: getattr(row, column.name) for column in AuditEvent.__table__.columns if column.name != "hash"
    }
    by_the_book = columns | {"at": "2026-11-23T09:30:01.123456Z"}

    assert row.hash == hashlib.sha256(rfc8785.dumps(by_the_book)).hexdigest()
    assert row.hash == event_hash(**columns)


def test_an_event_takes_two_statements_and_its_first_of_a_client_three_more(
    cases: Cases, statements: Statements
) -> None:
    case, counts = cases.open(), []
    for _ in range(3):
        statements.clear()
        cases.add(case)
        counts.append(len([sql for sql in statements.sql if "audit_" in sql and "UPDATE" not in sql]))

    # The row of the case names its audit columns too: one statement each.
    assert counts == [1 + 2 + 3, 1 + 2 + 1, 1 + 2]


def test_an_event_without_a_payload_has_none(cases: Cases) -> None:
    with cases.store.transaction() as session:
        cases.trail.append(
            session,
            stream="s",
            seq=1,
            prev_hash="",
            at=NOW,
            actor="rm-1",
            on_behalf_of="rm-2",
            action="task:claimed",
            element=None,
            definitions=(),
            subject=None,
            payload=None,
        )
    [row] = events(cases.store, "s")
    assert row.payload_digest is None
    with cases.store.transaction(write=False) as session:
        assert session.scalars(select(AuditPayload)).all() == []


def test_payloads_are_read_back_and_lie_encrypted(cases: Cases) -> None:
    case, house = cases.open(2), cases.open(1, subject=None)

    with cases.store.transaction(write=False) as session:
        read = cases.trail.payloads(session, [(case, 1), (case, 2), (house, 1), (case, 3)])
        stored = session.scalars(select(AuditPayload).where(AuditPayload.stream == case)).all()
        names = set(session.scalars(select(AuditKey.id)))

    assert read == {
        place: {"amount": "120000000.00", "number": place[1]} for place in [(case, 1), (case, 2), (house, 1)]
    }
    assert names == {"house", "client:91310000X"}
    assert not any(b"120000000" in row.body or b"amount" in row.body for row in stored)
    assert len({row.body[:12] for row in stored}) == len({row.salt for row in stored}) == 2


def test_the_same_payload_has_another_digest_each_time(cases: Cases) -> None:
    with cases.store.transaction() as session:
        key = cases.trail.keys.for_writing(session, None, NOW)
        sealed = [key.seal(b"{}", b"s#1") for _ in range(2)]

    assert len({each.digest for each in sealed}) == 2
    assert key.open(sealed[0].body, b"s#1") == b"{}"
    with pytest.raises(ValueError, match="changed or moved"):
        key.open(sealed[0].body, b"s#2")


def test_an_erased_key_makes_its_payloads_unreadable_at_once(cases: Cases) -> None:
    case = cases.open(1)
    with cases.store.transaction() as session:
        session.execute(delete(AuditKey))

    with cases.store.transaction(write=False) as session:
        assert cases.trail.payloads(session, [(case, 1)]) == {}


def test_another_master_key_is_told_apart_from_a_changed_payload(cases: Cases) -> None:
    case = cases.open(1)

    with cases.store.transaction(write=False) as session, pytest.raises(WrongMasterKey, match="client:91310000X"):
        AuditTrail(bytes(32)).payloads(session, [(case, 1)])


def test_a_master_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        AuditTrail(bytes(31))


def test_a_key_that_was_rolled_back_is_not_used_afterwards(cases: Cases) -> None:
    def break_off() -> None:
        with cases.store.transaction() as session:
            for _ in range(2):
                cases.trail.append_administration(session, at=NOW, actor="a", action="x:y", payload={}, subject="new")
            raise KeyError("no")

    with pytest.raises(KeyError):
        break_off()
    with cases.store.transaction() as session:
        cases.trail.append_administration(session, at=NOW, actor="a", action="x:y", payload={"n": 1}, subject="new")

    with cases.store.transaction(write=False) as session:
        assert cases.trail.payloads(session, [(ADMINISTRATION, 1)]) == {(ADMINISTRATION, 1): {"n": 1}}


def test_administrators_at_work_together_share_one_chain(cases: Cases) -> None:
    threads = [threading.Thread(target=cases.administer, args=(5,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert cases.verify().intact
    assert [row.seq for row in events(cases.store, ADMINISTRATION)] == list(range(1, 21))
    with cases.store.transaction(write=False) as session:
        assert session.get_one(AuditStream, ADMINISTRATION).seq == 20


def test_a_command_that_is_rolled_back_leaves_no_event(cases: Cases) -> None:
    cases.administer()

    def break_off() -> None:
        with cases.store.transaction() as session:
            cases.trail.append_administration(session, at=NOW, actor="a", action="x:y", payload={})
            raise KeyError("no")

    with pytest.raises(KeyError):
        break_off()
    cases.administer()

    assert cases.verify().intact
    assert [row.seq for row in events(cases.store, ADMINISTRATION)] == [1, 2]


def test_decimals_and_instants_are_strings() -> None:
    value = {
        "amount": Decimal("120000000.10"),
        "at": datetime(2026, 11, 23, 17, 30, tzinfo=timezone(timedelta(hours=8))),
        "day": date(2026, 11, 23),
        "large": 2**60,
        "ratio": 0.5,
    }

    assert canonical(value) == (
        b'{"amount":"120000000.10","at":"2026-11-23T09:30:00Z","day":"2026-11-23",'
        b'"large":"1152921504606846976","ratio":"0.5"}'
    )


def test_the_instant_is_hashed_alike_in_every_zone_and_as_stored() -> None:
    columns = {
        "stream": "s",
        "seq": 1,
        "actor": "a",
        "on_behalf_of": None,
        "action": "x:y",
        "element": None,
        "definitions": [],
        "subject": None,
        "payload_digest": None,
        "prev_hash": "",
    }
    shanghai = datetime(2026, 11, 23, 17, 30, tzinfo=timezone(timedelta(hours=8)))

    assert event_hash(**columns, at=shanghai) == event_hash(**columns, at=shanghai.astimezone(UTC))
    assert event_hash(**columns, at=shanghai) != event_hash(**columns, at=shanghai + timedelta(microseconds=1))


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner, max_size=4),
    max_leaves=20,
)


@settings(derandomize=True, max_examples=500)
@given(_plain)
def test_the_fast_encoder_writes_rfc_8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_keys_are_sorted_as_rfc_8785_wants() -> None:
    # By UTF-16 code units, U+10000 comes before U+FF5E; by code points after it.
    assert canonical({"\uff5e": 1, "\U00010000": 2}) == '{"\U00010000":2,"\uff5e":1}'.encode()
