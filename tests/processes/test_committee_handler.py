"""Who may sit on the committee of a case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session

from engine.ids import new_id
from engine.model.base import Base
from engine.model.identity import User
from engine.model.task import COMPLETED, UserTask
from processes.organisation import insert_model_organisation
from processes.services.committee import roster
from tests.processes.calls import CASE, NOW, ROOT, call


@pytest.fixture
def session() -> Iterator[Session]:
    """SQLite as it comes, without foreign keys: a task alone, without the instance it belongs to, will do here."""
    database = create_engine("sqlite://")
    Base.metadata.create_all(database)
    with Session(database) as opened:
        insert_model_organisation(opened, NOW)
        yield opened
    database.dispose()


def completed(session: Session, element: str, *, by: str, on_behalf_of: str | None = None) -> None:
    session.add(
        UserTask(
            id=new_id(),
            **{"root_id": ROOT, "instance_id": ROOT, "definition_key": "P00", "definition_version": 1},
            **{"business_key": CASE, "token": "1:1", "step": 1, "element": element, "name": element, "unit": "BR-1"},
            **{"status": COMPLETED, "priority": 50, "due_sort": NOW, "clock": "running", "excludes": []},
            **{"created_at": NOW, "completed_at": NOW, "completed_by": by, "on_behalf_of": on_behalf_of},
        )
    )
    session.flush()


def names(session: Session, *excluding: str) -> list[str]:
    found = roster(call(role="MEMBER", excluding=list(excluding)), session)["roster"]
    assert isinstance(found, list)
    return [entry["value"] for entry in found]


def test_all_members_by_name(session: Session) -> None:
    assert names(session) == [f"member-{number}" for number in range(1, 8)]


def test_not_who_worked_on_the_case_or_was_represented(session: Session) -> None:
    completed(session, "P03_site_visit", by="member-2")
    completed(session, "P05_review", by="reviewer-1", on_behalf_of="member-3")
    completed(session, "P03_legal", by="member-4")
    left = names(session, "P03_site_visit", "P05_review")
    assert left == ["member-1", "member-4", "member-5", "member-6", "member-7"]


def test_not_who_left_the_house(session: Session) -> None:
    session.execute(update(User).where(User.name == "member-1").values(disabled=True))
    assert "member-1" not in names(session)
