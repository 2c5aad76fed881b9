from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.audit.verify import verify
from engine.commands.change_user import change_user
from engine.commands.create_role import create_role
from engine.commands.create_token import create_token
from engine.commands.create_unit import create_unit
from engine.commands.create_user import create_user
from engine.commands.grant_role import grant_role
from engine.commands.revoke_role import revoke_role
from engine.errors import Conflict, DuplicateName, EngineError, Forbidden, InvalidInput, NotFound
from engine.model.audit import ADMINISTRATION, AuditEvent
from engine.model.identity import Membership, User
from engine.passwords import check_password_rules
from engine.queries.people import Duty
from engine.runtime import Sancha, Work
from tests.cast import BRANCH, HQ, OTHER_BRANCH, Cast

Administer = Callable[..., Any]


@pytest.fixture
def administer(sancha: Sancha, cast: Cast) -> Administer:
    """Run a command as the administrator, in a transaction of its own."""

    def run(command: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with sancha.work(cast["admin-1"]) as work:
            return command(work, *arguments, **named)

    return run


def trail(sancha: Sancha) -> list[tuple[str, str, Any]]:
    """(actor, action, payload) of the administration chain, which must be intact."""
    with sancha.store.transaction(write=False) as session:
        assert list(verify(session, keys=sancha.audit.keys)) == []
        rows = session.scalars(
            select(AuditEvent).where(AuditEvent.stream == ADMINISTRATION).order_by(AuditEvent.seq)
        ).all()
        payloads = sancha.audit.payloads(session, [(row.stream, row.seq) for row in rows])
    return [(row.actor, row.action, payloads[row.stream, row.seq]) for row in rows]


def test_everything_on_people_is_audited(sancha: Sancha, administer: Administer) -> None:
    administer(create_unit, id="BR-3", name="第三分行", parent=HQ)
    administer(create_role, id="ESG", name="绿色金融岗", name_en="Green finance", exclusive_with=["AUDIT"])
    administer(create_user, name="esg-1", display_name="王芳", password_hash="$argon2id$secret", email="w@example.com")
    administer(grant_role, "esg-1", role="ESG", unit="BR-3")
    administer(change_user, "esg-1", {"display_name": "王芳芳", "email": None})
    administer(revoke_role, "esg-1", role="ESG", unit="BR-3")
    administer(change_user, "esg-1", {"disabled": True})

    found = trail(sancha)

    assert [action for _, action, _ in found] == [
        *("unit:created", "role:created", "user:created", "role:granted", "user:changed", "role:revoked"),
        "user:disabled",
    ]
    assert {actor for actor, _, _ in found} == {"admin-1"}
    assert found[4][2] == {
        "user": "esg-1",
        "before": {"display_name": "王芳", "email": "w@example.com"},
        "after": {"display_name": "王芳芳", "email": None},
    }
    assert "argon2id" not in str(found)


def test_a_token_is_audited_without_its_secret(sancha: Sancha, cast: Cast) -> None:
    with sancha.work(cast["rm-1"]) as work:
        token = create_token(work, label="export")

    [(actor, action, payload)] = trail(sancha)

    assert (actor, action, payload["label"]) == ("rm-1", "token:created", "export")
    assert token.secret not in str(payload)


EXCLUDED = [
    ("designer-1", "PUBLISHER", "DESIGNER"),
    ("publisher-1", "DESIGNER", "PUBLISHER"),
    ("admin-1", "RM", "ADMIN"),
    ("rm-2", "ADMIN", "RM"),
    ("audit-1", "REVIEWER", "AUDIT"),
    ("audit-1", "ADMIN", "AUDIT"),
    ("reviewer-1", "AUDIT", "REVIEWER"),
]


@pytest.mark.parametrize(("name", "role", "against"), EXCLUDED)
def test_roles_that_exclude_each_other_are_never_held_together(
    sancha: Sancha, administer: Administer, name: str, role: str, against: str
) -> None:
    with pytest.raises(Conflict, match=f"{name} holds {against}, which {role} excludes") as refused:
        administer(grant_role, name, role=role, unit=OTHER_BRANCH)

    assert refused.value.details["excluded_by"] == [against]
    assert trail(sancha) == []


def test_two_grants_at_once_cannot_slip_past_the_exclusion(sancha: Sancha, administer: Administer) -> None:
    administer(create_user, name="new-1", display_name="n")
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def grant(role: str) -> None:
        barrier.wait(timeout=10)
        try:
            administer(grant_role, "new-1", role=role, unit=HQ)
        except Conflict:
            outcomes.append("refused")
        else:
            outcomes.append("granted")

    threads = [threading.Thread(target=grant, args=(role,)) for role in ("DESIGNER", "PUBLISHER")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["granted", "refused"]
    with sancha.store.transaction(write=False) as session:
        assert len(session.scalars(select(Membership).where(Membership.user == "new-1")).all()) == 1


def test_a_role_can_be_held_in_several_units(administer: Administer) -> None:
    granted = administer(grant_role, "rm-1", role="RM", unit=OTHER_BRANCH)
    again = administer(grant_role, "rm-1", role="RM", unit=OTHER_BRANCH)

    assert granted.roles == again.roles == (Duty("RM", BRANCH), Duty("RM", OTHER_BRANCH))


def test_granting_what_is_held_leaves_no_trace(sancha: Sancha, administer: Administer) -> None:
    administer(grant_role, "rm-1", role="RM", unit=BRANCH)

    assert trail(sancha) == []


def test_a_role_that_is_not_held_cannot_be_taken(administer: Administer) -> None:
    with pytest.raises(NotFound, match="rm-1 does not hold REVIEWER in BR-1"):
        administer(revoke_role, "rm-1", role="REVIEWER", unit=BRANCH)


def test_administrators_do_not_lock_themselves_out(administer: Administer) -> None:
    with pytest.raises(Conflict, match="another administrator"):
        administer(revoke_role, "admin-1", role="ADMIN", unit=HQ)
    with pytest.raises(Conflict, match="another administrator"):
        administer(change_user, "admin-1", {"disabled": True})


@pytest.mark.parametrize(
    "name", ["", "Rm-9", "rm 9", "rm--9", "-rm", "rm-", "система", "a" * 65, "system", "me", "rm-9\n", "rm/9", "%"]
)
def test_what_cannot_be_a_sign_in_name_is_refused(administer: Administer, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        administer(create_user, name=name, display_name="n")

    assert "name" in refused.value.errors


def test_a_name_is_never_used_again(administer: Administer) -> None:
    administer(change_user, "rm-2", {"disabled": True})

    with pytest.raises(DuplicateName, match="rm-2 is taken"):
        administer(create_user, name="rm-2", display_name="another")


@pytest.mark.parametrize(
    ("command", "arguments", "error"),
    [
        (grant_role, {"name": "nobody", "role": "RM", "unit": HQ}, NotFound),
        (grant_role, {"name": "rm-1", "role": "KING", "unit": HQ}, InvalidInput),
        (grant_role, {"name": "rm-1", "role": "RM", "unit": "MOON"}, InvalidInput),
        (change_user, {"name": "nobody", "changes": {}}, NotFound),
        (change_user, {"name": "rm-1", "changes": {"name": "rm-9"}}, InvalidInput),
        (change_user, {"name": "rm-1", "changes": {"password": "x"}}, InvalidInput),
        (change_user, {"name": "rm-1", "changes": {"display_name": "  "}}, InvalidInput),
        (change_user, {"name": "rm-1", "changes": {"disabled": "yes"}}, InvalidInput),
        (create_unit, {"id": "BR-1", "name": "x"}, DuplicateName),
        (create_unit, {"id": "BR 9", "name": "x"}, InvalidInput),
        (create_unit, {"id": "BR-9", "name": "x", "parent": "MOON"}, InvalidInput),
        (create_role, {"id": "RM", "name": "x", "name_en": "x"}, DuplicateName),
        (create_role, {"id": "NEW", "name": "x", "name_en": ""}, InvalidInput),
        (create_role, {"id": "NEW", "name": "x", "name_en": "x", "exclusive_with": ["KING"]}, InvalidInput),
        (create_role, {"id": "NEW", "name": "x", "name_en": "x", "exclusive_with": ["NEW"]}, InvalidInput),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(
    sancha: Sancha, administer: Administer, command: Any, arguments: dict[str, Any], error: type[EngineError]
) -> None:
    with pytest.raises(error):
        administer(command, **arguments)

    assert trail(sancha) == []


COMMANDS: list[tuple[Any, dict[str, Any]]] = [
    (create_user, {"name": "x-1", "display_name": "x"}),
    (change_user, {"name": "rm-1", "changes": {"disabled": True}}),
    (grant_role, {"name": "rm-1", "role": "REVIEWER", "unit": BRANCH}),
    (revoke_role, {"name": "rm-1", "role": "RM", "unit": BRANCH}),
    (create_role, {"id": "NEW", "name": "x", "name_en": "x"}),
    (create_unit, {"id": "NEW", "name": "x"}),
]


@pytest.mark.parametrize("who", ["rm-1", "head-1", "audit-1", "designer-1", "outsider"])
@pytest.mark.parametrize(("command", "arguments"), COMMANDS)
def test_only_administrators_administer(
    sancha: Sancha, cast: Cast, who: str, command: Any, arguments: dict[str, Any]
) -> None:
    def attempt(work: Work) -> None:
        command(work, **arguments)

    with sancha.work(cast[who]) as work, pytest.raises(Forbidden, match=who):
        attempt(work)

    with sancha.store.transaction(write=False) as session:
        assert not session.get_one(User, "rm-1").disabled


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "fewer than 12"),
        ("x" * 257, "more than 256"),
        ("password1234", "first that are tried"),
        ("PassWord1234", "first that are tried"),
        ("aaaaaaaaaaaaaa", "first that are tried"),
        ("reviewer-1reviewer-1", "little more than the name"),
        ("long enough \ud800", "no text"),
    ],
)
def test_weak_passwords_are_refused(password: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        check_password_rules(password, "reviewer-1")


@pytest.mark.parametrize("password", ["correct horse battery", "这是一个很长的口令，十二个字以上", "a1!B2@c3#D4$"])
def test_good_passwords_need_no_special_characters(password: str) -> None:
    check_password_rules(password, "reviewer-1")
