"""Keeping an unfinished form."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.commands.save_draft import save_draft
from engine.errors import Forbidden, InvalidInput, NotFound, TaskNotClaimed
from engine.queries.task import draft_of
from tests.factories import House, one_task


def test_the_holder_keeps_a_draft_and_reads_it_again(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    ask = house.claim(house.task(case.id, "ask").id, "rm-1")
    with house.sancha.work(house.who("rm-1")) as work:
        saved = save_draft(work, ask.id, {"amount": Decimal("1.50"), "note": "half"})
    assert saved.revision == 3
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        draft = draft_of(work, ask.id)
    assert draft.data == {"amount": "1.50", "note": "half"}
    assert (draft.saved_by, draft.saved_at) == ("rm-1", saved.changed_at)
    assert house.actions(case.id)[-1] == "task:draft-saved"


def test_completing_the_task_drops_the_draft(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    ask = house.claim(house.task(case.id, "ask").id, "rm-1")
    with house.sancha.work(house.who("rm-1")) as work:
        save_draft(work, ask.id, {"note": "half"})
    house.complete(ask.id, "rm-1", {"note": "whole"})
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        assert draft_of(work, ask.id).data is None


def test_only_the_holder_may_keep_or_read_one(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    ask = house.task(house.start("small").id, "ask")
    with house.sancha.work(house.who("rm-1")) as work, pytest.raises(TaskNotClaimed):
        save_draft(work, ask.id, {})
    house.claim(ask.id, "rm-1")
    with house.sancha.work(house.who("rm-1")) as work:
        save_draft(work, ask.id, {"note": "mine"})
    with house.sancha.work(house.who("rm-2"), write=False) as work, pytest.raises(Forbidden):
        draft_of(work, ask.id)
    with house.sancha.work(house.who("outsider"), write=False) as work, pytest.raises(NotFound):
        draft_of(work, ask.id)


def test_a_draft_has_the_limits_of_variables(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    ask = house.claim(house.task(house.start("small").id, "ask").id, "rm-1")
    with house.sancha.work(house.who("rm-1")) as work, pytest.raises(InvalidInput, match="'large'"):
        save_draft(work, ask.id, {"large": "x" * house.sancha.limits.variables_bytes})
