from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select, update

from engine.access import Principal
from engine.attempts import Attempts
from engine.commands.change_password import change_password
from engine.commands.change_user import change_user
from engine.commands.create_token import create_token
from engine.commands.revoke_token import revoke_token
from engine.commands.sign_in import SignedIn, sign_in
from engine.commands.sign_out import sign_out
from engine.errors import InvalidInput, NotAuthenticated, NotFound, TooManyAttempts
from engine.identity import SESSION, TOKEN, Caller, Proof, authenticate, hash_secret, prove
from engine.model.identity import AccessToken, User, WebSession
from engine.passwords import hash_password
from engine.runtime import Sancha
from tests.cast import BRANCH, Cast
from tests.conftest import TestClock
from tests.databases import Statements

PASSWORD = "correct horse battery staple"
HOME = "192.0.2.1"


@pytest.fixture
def with_password(sancha: Sancha) -> Sancha:
    """``rm-1`` has a password."""
    with sancha.store.transaction() as session:
        session.execute(update(User).where(User.name == "rm-1").values(password=hash_password(PASSWORD)))
    return sancha


def proof(sancha: Sancha, name: str = "rm-1", password: str = PASSWORD) -> Proof:
    return prove(sancha.store, Attempts(), name=name, password=password, address=HOME)


def signed_in(sancha: Sancha, cast: Cast, lifetime: timedelta = timedelta(hours=12)) -> SignedIn:
    shown = proof(sancha)
    with sancha.work(cast["rm-1"]) as work:
        return sign_in(work, shown, agent="Browser\n/1", lifetime=lifetime)


def caller(sancha: Sancha, secret: str, kind: str = SESSION) -> Caller | None:
    with sancha.store.transaction(write=False) as session:
        return authenticate(session, hash_secret(secret), kind)


def test_a_session_opens_with_the_right_password(with_password: Sancha, cast: Cast) -> None:
    opened = signed_in(with_password, cast)

    found = caller(with_password, opened.secret)

    assert found is not None
    assert found.principal == cast["rm-1"]
    assert found.principal.duties == {("RM", BRANCH)}
    assert (found.csrf, found.public_id, found.kind) == (opened.csrf, opened.session.id, SESSION)
    assert found.expires_at - found.created_at == timedelta(hours=12)


def test_the_database_knows_a_secret_only_by_its_hash(with_password: Sancha, cast: Cast) -> None:
    opened = signed_in(with_password, cast)

    with with_password.store.transaction(write=False) as session:
        row = session.scalars(select(WebSession)).one()
        password = session.get_one(User, "rm-1").password

    assert row.id == hashlib.sha256(opened.secret.encode()).hexdigest()
    assert len(opened.secret) >= 43, "32 random bytes"
    assert opened.secret != opened.csrf
    assert password is not None
    assert password.startswith("$argon2id$")
    assert row.agent == "Browser/1"
    assert opened.secret not in repr(opened)


def test_no_two_sessions_share_a_secret(with_password: Sancha, cast: Cast) -> None:
    assert signed_in(with_password, cast).secret != signed_in(with_password, cast).secret


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("rm-1", "wrong", id="wrong password"),
        pytest.param("rm-1", "", id="no password"),
        pytest.param("nobody", PASSWORD, id="unknown name"),
        pytest.param("rm-2", PASSWORD, id="no password set"),
        pytest.param("RM-1", PASSWORD, id="another spelling"),
        pytest.param("rm-1\x00", PASSWORD, id="a name no database stores"),
        pytest.param("x" * 300, PASSWORD, id="a long name"),
    ],
)
def test_what_is_wrong_is_refused_with_one_message(with_password: Sancha, name: str, password: str) -> None:
    with pytest.raises(NotAuthenticated, match="The name or the password is wrong"):
        proof(with_password, name, password)


def test_an_unknown_name_is_hashed_like_a_known_one(with_password: Sancha, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(stored: str, given: str) -> bool:
        compared.append(stored)
        raise VerifyMismatchError

    class Hasher:
        verify = staticmethod(compare)

    monkeypatch.setattr("engine.passwords._nobody", lambda: "the hash of nobody")
    monkeypatch.setattr("engine.passwords._HASHER", Hasher)
    for name in ("rm-1", "nobody", "rm-2"):
        with pytest.raises(NotAuthenticated):
            proof(with_password, name, "wrong password")

    assert len(compared) == 3
    assert compared[0].startswith("$argon2id$")
    assert compared[1:] == ["the hash of nobody"] * 2


def test_the_password_is_the_same_in_every_form_of_its_characters(sancha: Sancha) -> None:
    with sancha.store.transaction() as session:
        session.get_one(User, "rm-1").password = hash_password("caf\u00e9 au lait, s'il vous plait")

    assert proof(sancha, password="cafe\u0301 au lait, s'il vous plait").name == "rm-1"


def test_hashing_happens_outside_the_write_transaction(
    with_password: Sancha, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = proof(with_password)

    def fail(*_: object) -> None:
        pytest.fail("hashed inside the transaction")

    monkeypatch.setattr("engine.passwords._HASHER", type("Hasher", (), {"hash": fail, "verify": fail}))
    with with_password.work(cast["rm-1"]) as work:
        sign_in(work, shown)


def test_a_proof_is_worth_nothing_after_the_password_changed(with_password: Sancha, cast: Cast) -> None:
    shown = proof(with_password)
    with with_password.work(cast["admin-1"]) as work:
        change_password(work, "rm-1", password_hash=hash_password("another long password"))

    with with_password.work(cast["rm-1"]) as work, pytest.raises(NotAuthenticated):
        sign_in(work, shown)


def test_a_hash_with_old_parameters_is_renewed(sancha: Sancha, cast: Cast) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with sancha.store.transaction() as session:
        session.get_one(User, "rm-1").password = old

    signed_in(sancha, cast)

    with sancha.store.transaction(write=False) as session:
        assert session.get_one(User, "rm-1").password != old
    assert proof(sancha).renewed is None


def test_authenticating_is_one_statement(with_password: Sancha, cast: Cast, statements: Statements) -> None:
    opened = signed_in(with_password, cast)
    statements.clear()

    found = caller(with_password, opened.secret)

    assert len(statements) == 1, statements
    assert found is not None
    assert abs(found.clock.raw - found.created_at) < timedelta(minutes=1)


def test_a_session_ends_when_signed_out(with_password: Sancha, cast: Cast) -> None:
    opened = signed_in(with_password, cast)
    with with_password.work(cast["rm-1"]) as work:
        sign_out(work, opened.session.id)

    assert caller(with_password, opened.secret) is None
    with with_password.work(cast["rm-1"]) as work, pytest.raises(NotFound):
        sign_out(work, opened.session.id)


def test_nobody_ends_anothers_session(with_password: Sancha, cast: Cast) -> None:
    opened = signed_in(with_password, cast)

    with with_password.work(cast["rm-2"]) as work, pytest.raises(NotFound):
        sign_out(work, opened.session.id)

    assert caller(with_password, opened.secret) is not None


def test_a_session_ends_by_itself(with_password: Sancha, cast: Cast) -> None:
    opened = signed_in(with_password, cast)
    with with_password.store.transaction() as session:
        row = session.scalars(select(WebSession)).one()
        row.created_at -= timedelta(hours=13)
        row.expires_at -= timedelta(hours=13)

    assert caller(with_password, opened.secret) is None


def test_moving_business_time_signs_nobody_out(with_password: Sancha, cast: Cast, clock: TestClock) -> None:
    opened = signed_in(with_password, cast)
    clock.move(timedelta(days=400))

    found = caller(with_password, opened.secret)

    assert found is not None
    assert found.clock.business - found.clock.raw == timedelta(days=400)


def test_a_disabled_user_is_out_at_once_and_stays_out(with_password: Sancha, cast: Cast) -> None:
    opened = signed_in(with_password, cast)
    with with_password.work(cast["rm-1"]) as work:
        token = create_token(work, label="export")
    with with_password.work(cast["admin-1"]) as work:
        change_user(work, "rm-1", {"disabled": True})

    assert caller(with_password, opened.secret) is None
    assert caller(with_password, token.secret, TOKEN) is None
    with pytest.raises(NotAuthenticated):
        proof(with_password)

    with with_password.work(cast["admin-1"]) as work:
        change_user(work, "rm-1", {"disabled": False})
    assert caller(with_password, opened.secret) is None, "ended, not paused"
    assert caller(with_password, token.secret, TOKEN) is None


def test_a_new_password_ends_what_the_old_one_opened(with_password: Sancha, cast: Cast) -> None:
    kept, other = signed_in(with_password, cast), signed_in(with_password, cast)
    shown = proof(with_password)
    with with_password.work(cast["rm-1"]) as work:
        token = create_token(work, label="export")
        change_password(
            work,
            "rm-1",
            password_hash=hash_password("another long password"),
            proof=shown,
            keep_session=kept.session.id,
        )

    assert caller(with_password, kept.secret) is not None
    assert caller(with_password, other.secret) is None
    assert caller(with_password, token.secret, TOKEN) is None
    assert proof(with_password, password="another long password").name == "rm-1"


def test_a_token_is_good_until_it_is_revoked(sancha: Sancha, cast: Cast) -> None:
    with sancha.work(cast["rm-1"]) as work:
        token = create_token(work, label="export", lifetime=timedelta(days=1))

    found = caller(sancha, token.secret, TOKEN)
    assert found is not None
    assert (found.principal, found.csrf, found.session_public_id) == (cast["rm-1"], "", None)
    assert caller(sancha, token.secret, SESSION) is None, "a token is no cookie"

    with sancha.work(cast["rm-2"]) as work, pytest.raises(NotFound):
        revoke_token(work, token.token.id)
    with sancha.work(cast["rm-1"]) as work:
        revoke_token(work, token.token.id)
    assert caller(sancha, token.secret, TOKEN) is None
    with sancha.store.transaction(write=False) as session:
        assert session.scalars(select(AccessToken.id)).one() == hash_secret(token.secret)


@pytest.mark.parametrize("lifetime", [timedelta(), timedelta(days=-1), timedelta(days=367)])
def test_a_token_does_not_last_for_ever(sancha: Sancha, cast: Cast, lifetime: timedelta) -> None:
    with sancha.work(cast["rm-1"]) as work, pytest.raises(InvalidInput, match="366 days"):
        create_token(work, label="export", lifetime=lifetime)


def test_somebody_without_a_role_is_known_and_holds_nothing(sancha: Sancha, clock: TestClock) -> None:
    with sancha.store.transaction() as session:
        session.add(User(name="new-1", display_name="n", created_at=clock.now))
    with sancha.work(Principal("new-1")) as work:
        token = create_token(work, label="t")

    found = caller(sancha, token.secret, TOKEN)

    assert found is not None
    assert found.principal == Principal("new-1")


class Time:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_guessing_is_slowed_down(with_password: Sancha) -> None:
    time = Time()
    attempts = Attempts(per_name_and_address=3, per_address=100, per_name=100, window=60, now=time)

    def guess(password: str, address: str = HOME) -> None:
        prove(with_password.store, attempts, name="rm-1", password=password, address=address)

    for _ in range(3):
        with pytest.raises(NotAuthenticated):
            guess("wrong")
    with pytest.raises(TooManyAttempts) as refused:
        guess(PASSWORD)
    assert refused.value.details == {"retry_after": 61}
    guess(PASSWORD, "192.0.2.2")

    time.seconds += 61
    guess(PASSWORD)


def test_signing_in_often_is_not_guessing() -> None:
    attempts = Attempts(per_name_and_address=2, per_address=3, per_name=3)

    for _ in range(10):
        attempts.begin("rm-1", HOME)
        attempts.succeeded("rm-1", HOME)


def test_many_names_from_one_address_are_slowed_down_and_one_name_from_many() -> None:
    attempts = Attempts(per_name_and_address=10, per_address=5, per_name=5)
    for number in range(5):
        attempts.begin(f"user-{number}", HOME)
        attempts.begin("rm-1", f"198.51.100.{number}")

    with pytest.raises(TooManyAttempts):
        attempts.begin("somebody-else", HOME)
    with pytest.raises(TooManyAttempts):
        attempts.begin("rm-1", "198.51.100.99")
    attempts.begin("somebody-else", "198.51.100.99")


def test_what_is_remembered_of_attempts_is_bounded() -> None:
    attempts = Attempts(capacity=30)
    for number in range(100):
        attempts.begin(f"user-{number}", f"198.51.100.{number}")

    assert len(attempts._seen) <= 30
