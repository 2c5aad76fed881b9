"""The filters of the inbox, alone and under every list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.access import Principal
from engine.errors import InvalidInput
from engine.execution.search_text import SEARCHED
from engine.ids import id_of_time_ago
from engine.queries.inbox import SORTS, InboxFilter, counts, filter_choices, inbox, newer
from tests.cast import BRANCH
from tests.engine.inbox_rows import copies, every_page, shown, template
from tests.factories import House, two_tasks

NASTY = "100%_\\"


@pytest.fixture
def named(house: House) -> dict[str, str]:
    """Free tasks of RM with telling texts, by what they are called here."""
    task_id = template(house)
    texts: dict[str, dict[str, Any]] = {
        "wind": {"client_name": "蒙东风电开发有限公司", "business_key": "PF-2026-0042"},
        "solar": {"client_name": "光伏", "name": "评估风电场", "name_en": "Assess"},
        "nasty": {"client_name": f"a {NASTY} b"},
        "hundred": {"client_name": "a 1000 b", "name": "100 x"},
        "english": {"name_en": "Write The REPORT", "name": "写"},
        "umlaut": {"client_name": "Größe ÄÖ"},
        "quote": {"client_name": 'O\'Neil "x"'},
        "long": {"client_name": "甲" * 150 + "乙", "name": "n" * 255, "name_en": "e" * 255, "business_key": "k" * 255},
    }
    return dict(zip(texts, copies(house, task_id, texts.values()), strict=True))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("风电", {"wind", "solar"}),
        ("蒙东风电开发有限公司", {"wind"}),
        ("2026-0042", {"wind"}),
        ("pf-2026-0042", {"wind"}),
        ("%", {"nasty"}),
        ("_", {"nasty"}),
        ("\\", {"nasty"}),
        (NASTY, {"nasty"}),
        ("100%", {"nasty"}),
        ("100", {"nasty", "hundred"}),
        ("1__0", set()),
        ("the report", {"english"}),
        ("THE REPORT", {"english"}),
        ("Ä", {"umlaut"}),
        ("ä", set()),
        ("'", {"quote"}),
        ('"x"', {"quote"}),
        ("'; DROP TABLE user_task --", set()),
        ("没有", set()),
        ("甲" * SEARCHED, {"long"}),
        ("甲乙", set()),
    ],
)
def test_text_is_found_as_it_stands(house: House, named: dict[str, str], text: str, found: set[str]) -> None:
    ids = {named[name] for name in found}
    for sort in SORTS:
        assert set(shown(house, "rm-1", show="groups", text=text, sort=sort)) == ids
    assert set(shown(house, "rm-1", text=text)) == set(shown(house, "admin-1", text=text)) == ids
    assert shown(house, "reviewer-1", text=text) == shown(house, "outsider", text=text) == []
    paged = every_page(house, "rm-1", limit=1, show="groups", text=text)
    assert {task.id for task in paged} == ids
    assert len(paged) == len(ids)


def test_no_text_leaves_nothing_out(house: House, named: dict[str, str]) -> None:
    assert len(shown(house, "rm-1", show="groups", text="")) == len(named) + 1


def test_text_is_found_among_what_is_held_and_done(house: House, named: dict[str, str]) -> None:
    case = house.start("small", variables={"clientName": "蒙东风电"})
    task_id = house.task(case.id, "ask").id
    house.claim(task_id, "rm-1")
    assert shown(house, "rm-1", show="mine", text="风电") == [task_id]
    assert shown(house, "rm-1", show="mine", text="水务") == []
    house.complete(task_id, "rm-1")
    assert shown(house, "rm-1", show="done", text="风电") == [task_id]
    assert shown(house, "rm-1", show="done", text="水务") == []


@pytest.mark.parametrize("text", ["x" * (SEARCHED + 1), "a\x00b", "\ud800"])
def test_what_nothing_can_contain_is_refused(house: House, text: str) -> None:
    for show in ("mine", "groups", "done", "all"):
        with pytest.raises(InvalidInput, match="search"):
            shown(house, "rm-1", show=show, text=text)


def test_due_days_are_those_of_the_house(house: House) -> None:
    task_id = template(house)
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        now = work.now
    midnight = datetime.combine(now.astimezone(ZoneInfo("Asia/Shanghai")).date(), datetime.min.time())
    tomorrow = midnight.replace(tzinfo=ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    dues = {
        "late": now - timedelta(minutes=1),
        "last moment of today": tomorrow - timedelta(microseconds=1),
        "tomorrow": tomorrow,
        "in six days": now + timedelta(days=6, hours=23),
        "in eight days": now + timedelta(days=8),
        "none": None,
    }
    ids = dict(zip(dues, copies(house, task_id, ({"due": due, "role": "PLM"} for due in dues.values())), strict=True))

    def found(due: str | None) -> set[str]:
        return {name for name, id in ids.items() if id in shown(house, "plm-1", show="groups", due=due)}

    assert found(None) == set(dues)
    assert found("late") == {"late"}
    assert found("today") == {"late", "last moment of today"}
    assert found("week") == {"late", "last moment of today", "tomorrow", "in six days"}
    assert found("none") == {"none"}
    with pytest.raises(InvalidInput, match="due"):
        found("someday")


def test_process_role_and_due_go_together(house: House) -> None:
    template(house)
    house.deploy(pair_bpmn=two_tasks())
    make = house.task(house.start("pair").id, "make")
    wanted = {"show": "groups", "definition_key": "pair"}
    assert shown(house, "rm-1", **wanted) == [make.id]
    assert shown(house, "rm-1", **wanted, role="RM", due="none") == [make.id]
    assert shown(house, "rm-1", **wanted, role="PLM") == []
    assert shown(house, "rm-1", **wanted, due="late") == []


def test_a_role_held_elsewhere_makes_no_candidate(house: House) -> None:
    task_id = template(house)
    (free,) = copies(house, task_id, [{"role": None, "unit": BRANCH}])
    assert free not in shown(house, "rm-1", show="groups")


def test_roles_and_units_may_be_called_anything(house: House) -> None:
    role, unit = "O'N%s:x\\'; --", '甲 %(me)s "b" :c [POSTCOMPILE_d]'
    (task_id,) = copies(house, template(house), [{"role": role, "unit": unit}])
    holder = Principal("anybody", frozenset({(role, unit), ("RM", "O'Hare")}))
    with house.sancha.work(holder, write=False) as work:
        for show in ("groups", "all"):
            wanted = InboxFilter(show=show)
            assert [task.id for task in inbox(work, wanted).items] == [task_id]
            assert newer(work, wanted, id_of_time_ago(60)) == 1
        assert counts(work).groups == 1


def test_choices_are_deployed_processes_and_own_roles(house: House) -> None:
    template(house)
    house.deploy(pair_bpmn=two_tasks())
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        choices = filter_choices(work)
    assert dict(choices.process_names) == {"pair": ("pair", None), "small": ("small", None)}
    assert choices.roles == ("RM",)
    with house.sancha.work(house.who("admin-1"), write=False) as work:
        assert filter_choices(work).roles == ()
