"""Who may sit on the committee of a case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, create_engine, insert, update
from sqlalchemy.orm import Session

from engine.ids import new_id
from engine.model.base import Base
from engine.model.identity import User
from engine.model.task import COMPLETED, UserTask
from engine.model.types import Instant
from processes.organisation import insert_model_organisation
from processes.services.committee import roster
from tests.processes.calls import NOW, ROOT, call


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
    """A completed task of the test's case; columns that do not matter here get any value of their type."""
    row = {column.name: _any_value(column) for column in UserTask.__table__.columns if not column.nullable}
    told = {"root_id": ROOT, "instance_id": ROOT, "element": element, "status": COMPLETED, "completed_by": by}
    session.execute(insert(UserTask), [row | told | {"on_behalf_of": on_behalf_of}])


def _any_value(column: Column[Any]) -> object:
    if column.name == "id":
        return new_id()
    if isinstance(column.type, Instant):
        return NOW
    neutral: dict[type, object] = {int: 0, bool: False, str: ""}
    return neutral.get(column.type.python_type, [])


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
