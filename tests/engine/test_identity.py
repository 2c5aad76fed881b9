"""Sessions, tokens and passwords: who gets in, who does not any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine.access import Principal
from engine.attempts import Attempts
from engine.commands.change_password import change_password
from engine.commands.change_user import change_user
from engine.commands.create_token import create_token
from engine.commands.revoke_token import revoke_token
from engine.commands.sign_in import SignedIn, sign_in
from engine.commands.sign_out import sign_out
from engine.errors import Conflict, Forbidden, InvalidInput, NotAuthenticated, NotFound, TooManyAttempts
from engine.identity import SESSION, TOKEN, Caller, Proof, authenticate, hash_secret, prove
from engine.ids import new_id
from engine.model.identity import AccessToken, User, WebSession
from engine.passwords import check_password_rules, hash_password, verify_password
from engine.runtime import Sancha
from tests.conftest import TestClock
from tests.databases import Statements
from tests.factories import House

PASSWORD = "Wind-farm-80-MW"


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def passworded(house: House, hashed: str) -> House:
    """The cast with passwords."""
    with house.sancha.store.transaction() as session:
        session.execute(update(User).values(password=hashed))
    return house


def proof(house: House, name: str = "rm-1", password: str = PASSWORD) -> Proof:
    return prove(house.sancha.store, Attempts(), name=name, password=password, address="127.0.0.1")


def signed_in(house: House, name: str = "rm-1", **more: object) -> SignedIn:
    found = proof(house, name)
    with house.sancha.work(Principal(name)) as work:
        return sign_in(work, found, **more)  # type: ignore[arg-type]  # agent or lifetime


def shown(sancha: Sancha, secret: str, kind: str) -> Caller | None:
    with sancha.store.transaction(write=False) as session:
        return authenticate(session, hash_secret(secret), kind)


def test_a_session_and_a_token_show_who_asks_in_one_statement(passworded: House, statements: Statements) -> None:
    opened = signed_in(passworded, agent="Browser\t1")
    with passworded.sancha.work(passworded.who("rm-1")) as work:
        made = create_token(work, label="nightly")
    for secret, kind in ((opened.secret, SESSION), (made.secret, TOKEN)):
        statements.clear()
        caller = shown(passworded.sancha, secret, kind)
        assert caller is not None
        assert caller.principal == passworded.who("rm-1")
        assert caller.csrf == (opened.csrf if kind == SESSION else "")
        assert len(statements) == 1, str(statements)
    assert shown(passworded.sancha, opened.secret, TOKEN) is None
    assert shown(passworded.sancha, "unknown", SESSION) is None
    assert opened.session.agent == "Browser1"


def test_secrets_are_stored_as_hashes_only(passworded: House) -> None:
    opened = signed_in(passworded)
    with passworded.sancha.work(passworded.who("rm-1")) as work:
        made = create_token(work, label="nightly")
        rows = str([vars(row) for table in (WebSession, AccessToken) for row in work.session.scalars(select(table))])
    assert opened.secret not in rows
    assert made.secret not in rows
    assert opened.secret not in repr(opened)
    assert made.secret not in repr(made)


def test_what_has_ended_opens_nothing(passworded: House) -> None:
    opened = signed_in(passworded)
    rm = passworded.who("rm-1")
    with passworded.sancha.work(rm) as work:
        made = create_token(work, label="nightly")
    with passworded.sancha.work(passworded.who("rm-2")) as work:
        with pytest.raises(NotFound):
            sign_out(work, opened.session.id)
        with pytest.raises(NotFound):
            revoke_token(work, made.token.id)
    with passworded.sancha.work(rm) as work:
        sign_out(work, opened.session.id)
        revoke_token(work, made.token.id)
    assert shown(passworded.sancha, opened.secret, SESSION) is None
    assert shown(passworded.sancha, made.secret, TOKEN) is None
    with passworded.sancha.work(rm) as work, pytest.raises(NotFound):
        sign_out(work, opened.session.id)


def test_sessions_live_by_raw_time(passworded: House, clock: TestClock) -> None:
    opened = signed_in(passworded, lifetime=timedelta(hours=1))
    clock.move(timedelta(days=100))
    assert shown(passworded.sancha, opened.secret, SESSION) is not None
    with passworded.sancha.store.transaction() as session:
        row = session.scalars(select(WebSession)).one()
        row.expires_at = row.created_at - timedelta(seconds=1)
    assert shown(passworded.sancha, opened.secret, SESSION) is None


def test_disabling_a_user_ends_what_they_have_open(passworded: House) -> None:
    opened = signed_in(passworded)
    with passworded.sancha.work(passworded.who("rm-1")) as work:
        made = create_token(work, label="nightly")
    with passworded.sancha.work(passworded.who("admin-1")) as work:
        assert change_user(work, "rm-1", {"disabled": True}).disabled
    assert shown(passworded.sancha, opened.secret, SESSION) is None
    assert shown(passworded.sancha, made.secret, TOKEN) is None
    with pytest.raises(NotAuthenticated):
        proof(passworded)
    with passworded.sancha.work(passworded.who("admin-1")) as work:
        change_user(work, "rm-1", {"disabled": False})
    assert shown(passworded.sancha, opened.secret, SESSION) is None
    assert proof(passworded).name == "rm-1"
    with passworded.sancha.work(passworded.who("admin-1")) as work, pytest.raises(Conflict):
        change_user(work, "admin-1", {"disabled": True})


def test_a_proof_is_worth_nothing_after_a_change(passworded: House, hashed: str) -> None:
    early = proof(passworded)
    with passworded.sancha.work(passworded.who("admin-1")) as work:
        change_password(work, "rm-1", password_hash=hash_password("Another-One-2026"))
    with passworded.sancha.work(Principal("rm-1")) as work, pytest.raises(NotAuthenticated):
        sign_in(work, early)


def test_changing_ones_password_keeps_only_the_session_at_hand(passworded: House) -> None:
    here, there = signed_in(passworded), signed_in(passworded)
    fresh = hash_password("Another-One-2026")
    rm = passworded.who("rm-1")
    with passworded.sancha.work(rm) as work, pytest.raises(NotAuthenticated):
        change_password(work, "rm-1", password_hash=fresh)
    with passworded.sancha.work(rm) as work, pytest.raises(Forbidden):
        change_password(work, "rm-2", password_hash=fresh, proof=proof(passworded))
    with passworded.sancha.work(rm) as work:
        change_password(work, "rm-1", password_hash=fresh, proof=proof(passworded), keep_session=here.session.id)
    assert shown(passworded.sancha, here.secret, SESSION) is not None
    assert shown(passworded.sancha, there.secret, SESSION) is None
    with pytest.raises(NotAuthenticated):
        proof(passworded)
    assert proof(passworded, password="Another-One-2026").name == "rm-1"


@pytest.mark.parametrize("name", ["rm-1", "nobody", "nul\x00", "half\ud800", "x" * 300])
def test_wrong_names_and_passwords_look_the_same(passworded: House, name: str) -> None:
    with pytest.raises(NotAuthenticated, match=r"^The name or the password is wrong\.$"):
        proof(passworded, name, "Wrong-password-1")


def test_a_user_without_password_cannot_sign_in(house: House) -> None:
    with pytest.raises(NotAuthenticated):
        proof(house)
    assert not verify_password(None, PASSWORD)


def test_wrong_attempts_are_limited_per_name_and_address() -> None:
    time = [0.0]
    attempts = Attempts(now=lambda: time[0])
    for _ in range(5):
        attempts.begin("rm-1", "10.0.0.1")
    with pytest.raises(TooManyAttempts) as refused:
        attempts.begin("rm-1", "10.0.0.1")
    assert refused.value.details["retry_after"] == 301
    attempts.begin("rm-1", "10.0.0.2")
    attempts.begin("rm-2", "10.0.0.1")
    time[0] = 300.0
    attempts.begin("rm-1", "10.0.0.1")


def test_right_attempts_are_not_counted_and_clear_the_wrong_ones() -> None:
    attempts = Attempts(now=lambda: 0.0)
    for _ in range(200):
        attempts.begin("rm-1", "10.0.0.1")
        attempts.succeeded("rm-1", "10.0.0.1")
    for _ in range(4):
        attempts.begin("rm-1", "10.0.0.1")
    attempts.begin("rm-1", "10.0.0.1")
    attempts.succeeded("rm-1", "10.0.0.1")
    attempts.begin("rm-1", "10.0.0.1")


def test_many_names_or_addresses_meet_the_wider_limits_in_bounded_memory() -> None:
    attempts = Attempts(now=lambda: 0.0, capacity=1000)
    for number in range(50):
        attempts.begin(f"name-{number}", "10.0.0.1")
        attempts.begin("rm-1", f"10.0.1.{number}")
    with pytest.raises(TooManyAttempts):
        attempts.begin("another", "10.0.0.1")
    with pytest.raises(TooManyAttempts):
        attempts.begin("rm-1", "10.0.2.1")
    for number in range(2000):
        attempts.begin(f"flood-{number}", f"10.1.{number // 250}.{number % 250}")
    assert len(attempts._seen) <= 1000


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 257,
        "password1234",
        "PasswordPassword",
        "aaaaaaaaaaaa",
        "relationship-1",
        "half\ud800surrogate-pair",
    ],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        check_password_rules(password, "relationship")


def test_a_password_is_the_same_in_either_unicode_form() -> None:
    assert verify_password(hash_password("Grüne-Wiese-2026"), "Grüne-Wiese-2026")
    check_password_rules("Grüne-Wiese-2026", "rm-1")


def test_a_malformed_stored_hash_lets_nobody_in() -> None:
    assert not verify_password("no hash", PASSWORD)


def test_labels_and_lifetimes_of_tokens_are_bounded(passworded: House) -> None:
    for label, days in (("", 1), ("x" * 256, 1), ("tab\tin", 1), ("ok", 0), ("ok", 367)):
        with passworded.sancha.work(passworded.who("rm-1")) as work, pytest.raises(InvalidInput):
            create_token(work, label=label, lifetime=timedelta(days=days))
    with passworded.sancha.work(passworded.who("rm-1")) as work, pytest.raises(NotFound):
        revoke_token(work, new_id())
