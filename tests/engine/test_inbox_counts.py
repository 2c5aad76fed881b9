"""How many tasks there are, and how many came in since somebody looked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import InvalidInput
from engine.ids import id_of_time_ago, new_id
from engine.queries.inbox import InboxFilter, TabCounts, counts, mark, newer
from tests.cast import BRANCH
from tests.engine.inbox_rows import copies, page, template
from tests.factories import House, one_task


def counted(house: House, by: str, **wanted: Any) -> TabCounts:
    with house.sancha.work(house.who(by), write=False) as work:
        return counts(work, InboxFilter(**wanted))


def marked(house: House, by: str, **wanted: Any) -> str:
    with house.sancha.work(house.who(by), write=False) as work:
        return mark(work, InboxFilter(**wanted))


def new(house: House, by: str, after: str, **wanted: Any) -> int:
    with house.sancha.work(house.who(by), write=False) as work:
        return newer(work, InboxFilter(**wanted), after)


def test_each_tab_is_counted_under_the_filters(house: House) -> None:
    task_id = template(house)
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        late = work.now - timedelta(hours=1)
    copies(
        house,
        task_id,
        [
            *({"due": late, "client_name": "风电"} for _ in range(3)),
            *({"due": late, "assignee": "rm-1"} for _ in range(2)),
            *({"assignee": "rm-1", "client_name": "风电"} for _ in range(4)),
            {"assignee": "rm-2"},
            {"unit": "BR-2"},
            {"status": "cancelled"},
        ],
    )
    assert counted(house, "rm-1") == TabCounts(mine=6, groups=4, late=5)
    assert counted(house, "rm-1", show="done", sort="newest") == TabCounts(mine=6, groups=4, late=5)
    assert counted(house, "rm-1", text="风电") == TabCounts(mine=4, groups=3, late=3)
    assert counted(house, "rm-1", due="late") == TabCounts(mine=2, groups=3, late=5)
    assert counted(house, "rm-1", definition_key="other") == TabCounts(0, 0, 0)
    assert counted(house, "rm-2") == TabCounts(mine=1, groups=4, late=3)
    assert counted(house, "outsider") == TabCounts(mine=0, groups=1, late=0)
    assert counted(house, "admin-1") == counted(house, "reviewer-1") == TabCounts(0, 0, 0)


def test_counting_stops_after_a_thousand(house: House) -> None:
    copies(house, template(house), ({} for _ in range(1_000)))
    assert counted(house, "rm-1").groups == 1_001
    copies(house, house.task(house.start("small").id, "ask").id, ({} for _ in range(5)))
    assert counted(house, "rm-1").groups == 1_001


def test_a_candidate_of_two_kinds_counts_once(house: House) -> None:
    attributes = 'camunda:candidateUsers="rm-1,legal-1" camunda:candidateGroups="LEGAL,RM"'
    house.deploy(small_bpmn=one_task(attributes=attributes))
    house.start("small")
    for name in ("rm-1", "legal-1"):
        assert counted(house, name).groups == 1
        assert len(page(house, name, show="groups").items) == 1
        assert new(house, name, id_of_time_ago(60), show="groups") == 1
    assert counted(house, "outsider").groups == 0


@pytest.mark.parametrize("show", ["groups", "all"])
def test_new_tasks_are_counted_from_the_mark(house: House, show: str) -> None:
    task_id = template(house)
    after = marked(house, "rm-2", show=show)
    assert new(house, "rm-2", after, show=show) == 0
    copies(house, task_id, [{}, {"unit": "BR-2"}, {"role": "PLM"}, {"client_name": "风电"}])
    assert new(house, "rm-2", after, show=show) == 2
    assert new(house, "rm-2", after, show=show, text="风电") == 1
    assert new(house, "rm-2", marked(house, "rm-2", show=show), show=show) == 0
    assert new(house, "reviewer-1", after, show=show) == 0


def test_a_task_that_was_committed_late_is_new_all_the_same(house: House) -> None:
    task_id = template(house)
    begun = new_id()
    copies(house, task_id, [{}])
    after = marked(house, "rm-1", show="groups")
    copies(house, task_id, [{"id": begun, "token": "late"}])
    assert begun < page(house, "rm-1", show="groups", sort="newest").items[0].id
    assert new(house, "rm-1", after, show="groups") == 1


def test_a_mark_after_a_rush_names_few_tasks_and_counts_none_twice(house: House) -> None:
    task_id = template(house)
    copies(house, task_id, ({} for _ in range(50)))
    after = marked(house, "rm-1", show="groups")
    assert len(after.split(".")) == 21
    assert new(house, "rm-1", after, show="groups") == 0
    copies(house, task_id, ({"token": f"more.{number}"} for number in range(3)))
    assert new(house, "rm-1", after, show="groups") == 3
    copies(house, task_id, ({"token": f"many.{number}"} for number in range(150)))
    assert new(house, "rm-1", after, show="groups") == 100


def test_a_mark_without_a_list_lies_a_little_back(house: House) -> None:
    task_id = template(house)
    copies(house, task_id, [{"id": id_of_time_ago(3_600)}])
    assert new(house, "rm-1", mark(), show="groups") == 1
    assert mark() < new_id()


def test_what_i_hold_and_what_i_did_is_not_new(house: House) -> None:
    task_id = template(house)
    after = marked(house, "rm-1", show="mine")
    copies(house, task_id, [{"assignee": "rm-1"}, {"assignee": "rm-2"}])
    assert new(house, "rm-1", after, show="mine") == 1
    assert new(house, "rm-1", after, show="done") == 0
    assert marked(house, "rm-1", show="done").count(".") == 0


_ID = "01987654-3210-7000-8000-000000000000"


@pytest.mark.parametrize("strange", ["", "x", "é", ".", f"{_ID}.x", f"{_ID}.", ".".join([_ID] * 22)])
def test_what_is_no_mark_is_refused(house: House, strange: str) -> None:
    with pytest.raises(InvalidInput, match="mark"):
        new(house, "rm-1", strange, show="groups")


def test_each_is_one_statement(house: House, statements: Any) -> None:
    template(house)
    with house.sancha.work(house.who("outsider"), write=False) as work:
        for show in ("mine", "groups", "all"):
            wanted = InboxFilter(show=show, text="x", due="week")
            for ask in (counts, lambda work, wanted: newer(work, wanted, mark()), mark):
                statements.clear()
                ask(work, wanted)
                assert len(statements) == 1, f"\n{statements}"


def test_the_unit_of_a_candidate_is_that_of_the_task(house: House) -> None:
    house.deploy(small_bpmn=one_task(attributes='camunda:candidateGroups="RISK"'))
    task = house.task(house.start("small").id, "ask")
    assert task.unit == BRANCH
    assert [each.id for each in page(house, "risk-1", show="groups").items] == [task.id]
    assert page(house, "outsider", show="groups").items == ()
