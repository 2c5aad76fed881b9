"""Users, roles and units: who may change them, what excludes what, and what the audit trail says."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from engine.audit.verify import verify
from engine.commands.change_user import change_user
from engine.commands.create_role import create_role
from engine.commands.create_unit import create_unit
from engine.commands.create_user import create_user
from engine.commands.grant_role import grant_role
from engine.commands.revoke_role import revoke_role
from engine.errors import Conflict, DuplicateName, EngineError, Forbidden, InvalidInput, NotFound
from engine.model.audit import ADMINISTRATION, AuditEvent
from engine.passwords import hash_password
from engine.queries.people import Duty, roles, units, user, users
from tests.cast import BRANCH, HQ, OTHER_BRANCH
from tests.factories import House


def test_an_administrator_adds_a_user_with_roles(house: House) -> None:
    with house.sancha.work(house.who("admin-1")) as work:
        made = create_user(work, name="new-1", display_name=" 新人 ", email="new@bank.test", language="zh-CN")
        assert (made.display_name, made.roles, made.disabled) == ("新人", (), False)
        grant_role(work, "new-1", role="RM", unit=BRANCH)
        both = grant_role(work, "new-1", role="PLM", unit=OTHER_BRANCH)
        assert both.roles == (Duty("PLM", OTHER_BRANCH), Duty("RM", BRANCH))
        assert grant_role(work, "new-1", role="RM", unit=BRANCH) == both
        assert revoke_role(work, "new-1", role="RM", unit=BRANCH).roles == (Duty("PLM", OTHER_BRANCH),)
    assert house.actions(ADMINISTRATION) == ["user:created", "role:granted", "role:granted", "role:revoked"]


@pytest.mark.parametrize(
    ("held", "wanted"), [("AUDIT", "RM"), ("RM", "AUDIT"), ("ADMIN", "RM"), ("RM", "ADMIN"), ("PUBLISHER", "DESIGNER")]
)
def test_roles_that_exclude_each_other_are_never_held_together(house: House, held: str, wanted: str) -> None:
    with house.sancha.work(house.who("admin-1")) as work:
        create_user(work, name="new-1", display_name="new")
        grant_role(work, "new-1", role=held, unit=HQ)
    with house.sancha.work(house.who("admin-1")) as work, pytest.raises(Conflict, match=held):
        grant_role(work, "new-1", role=wanted, unit=BRANCH)


def test_two_grants_at_once_cannot_slip_past_each_other(house: House) -> None:
    with house.sancha.work(house.who("admin-1")) as work:
        create_user(work, name="new-1", display_name="new")
    outcomes: list[str] = []
    ready = threading.Barrier(2, timeout=10)

    def grant(role: str) -> None:
        ready.wait()
        try:
            with house.sancha.work(house.who("admin-1")) as work:
                grant_role(work, "new-1", role=role, unit=BRANCH)
            outcomes.append("granted")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=grant, args=(role,)) for role in ("RM", "AUDIT")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["granted", "refused"]


def test_a_new_role_excludes_in_both_directions(house: House) -> None:
    with house.sancha.work(house.who("admin-1")) as work:
        made = create_role(work, id="TREASURER", name="司库", name_en="Treasurer", exclusive_with=["RM", "RM"])
        assert made.exclusive_with == ("RM",)
        assert "TREASURER" in next(role for role in roles(work, limit=200).items if role.id == "RM").exclusive_with
        with pytest.raises(Conflict):
            grant_role(work, "rm-1", role="TREASURER", unit=BRANCH)


def test_only_administrators_change_people(house: House) -> None:
    for name in ("rm-1", "audit-1", "head-1", "publisher-1"):
        for change in (
            lambda work: create_user(work, name="new-1", display_name="new"),
            lambda work: change_user(work, "rm-2", {"disabled": True}),
            lambda work: grant_role(work, "rm-2", role="HEAD", unit=BRANCH),
            lambda work: revoke_role(work, "rm-2", role="RM", unit=BRANCH),
            lambda work: create_unit(work, id="BR-3", name="third"),
            lambda work: create_role(work, id="X", name="x", name_en="x"),
        ):
            with house.sancha.work(house.who(name)) as work, pytest.raises(Forbidden):
                change(work)
    assert house.actions(ADMINISTRATION) == []


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("rm-1", DuplicateName),
        *((bad, InvalidInput) for bad in ("", "RM-1", "a b", "a/b", "-a", "a..b", "system", "x" * 65, "a\x00", "张三")),
    ],
)
def test_sign_in_names_have_one_spelling_and_are_used_once(house: House, name: str, error: type[EngineError]) -> None:
    with house.sancha.work(house.who("admin-1")) as work, pytest.raises(error):
        create_user(work, name=name, display_name="new")


def test_what_does_not_exist_is_named(house: House) -> None:
    with house.sancha.work(house.who("admin-1")) as work:
        for name, role, unit, error in (
            ("nobody", "RM", BRANCH, NotFound),
            ("rm-1", "NONE", BRANCH, InvalidInput),
            ("rm-1", "PLM", "BR-9", InvalidInput),
            ("rm-1\x00", "RM", BRANCH, NotFound),
        ):
            with pytest.raises(error):
                grant_role(work, name, role=role, unit=unit)
        with pytest.raises(NotFound):
            revoke_role(work, "rm-1", role="PLM", unit=BRANCH)
        with pytest.raises(InvalidInput):
            create_unit(work, id="BR-3", name="third", parent="BR-9")
        with pytest.raises(DuplicateName):
            create_unit(work, id=BRANCH, name="again")
        with pytest.raises(InvalidInput):
            create_role(work, id="X", name="x", name_en="x", exclusive_with=["NONE"])
        for changes in ({"name": "other"}, {"disabled": "yes"}, {"display_name": None}, {"email": ""}):
            with pytest.raises(InvalidInput):
                change_user(work, "rm-1", changes)


def test_administrators_cannot_lock_themselves_out(house: House) -> None:
    with house.sancha.work(house.who("admin-1")) as work, pytest.raises(Conflict):
        revoke_role(work, "admin-1", role="ADMIN", unit=HQ)


def test_the_administration_chain_verifies_and_holds_no_secret(house: House) -> None:
    hashed = hash_password("Wind-farm-80-MW")
    with house.sancha.work(house.who("admin-1")) as work:
        create_user(work, name="new-1", display_name="new", password_hash=hashed)
        change_user(work, "new-1", {"display_name": "newer", "email": None})
        change_user(work, "new-1", {"display_name": "newer"})
    assert house.actions(ADMINISTRATION) == ["user:created", "user:changed"]
    with house.sancha.store.transaction(write=False) as session:
        report = verify(session, keys=house.sancha.audit.keys)
        assert report.intact, list(report)
    with house.sancha.store.transaction(write=False) as session:
        places = [(row.stream, row.seq) for row in session.execute(select(AuditEvent.stream, AuditEvent.seq))]
        told = house.sancha.audit.payloads(session, places)
    assert hashed not in str(told)
    assert told[(ADMINISTRATION, 2)] == {
        "user": "new-1",
        "before": {"display_name": "new"},
        "after": {"display_name": "newer"},
    }


def test_lists_show_what_one_may_see(house: House) -> None:
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        with pytest.raises(Forbidden):
            users(work)
        assert user(work, "rm-1").roles == (Duty("RM", BRANCH),)
        with pytest.raises(NotFound):
            user(work, "rm-2")
        assert [unit.id for unit in units(work).items] == [BRANCH, OTHER_BRANCH, HQ]
    with house.sancha.work(house.who("audit-1"), write=False) as work:
        first = users(work, limit=2)
        assert len(first.items) == 2
        assert users(work, cursor=first.next, limit=2).items[0].name > first.items[1].name
