"""Which processes somebody may start, where, and with which form."""

from __future__ import annotations

import pytest

from engine.access import Principal
from engine.errors import Forbidden, NotFound
from engine.queries.startable import Startable, startable, startables
from tests.cast import BRANCH, OTHER_BRANCH
from tests.databases import Statements
from tests.factories import House, form, in_a_row, lanes, one_task, process, task
from tests.kernel.bpmn import props


@pytest.fixture
def shop(house: House) -> House:
    """``small`` for RM; ``checks`` for REVIEWER with a form; ``inner`` is only called; ``waits`` starts by message."""
    asked = in_a_row(task("ask"), ids="ask").replace(
        '<startEvent id="s"/>', f'<startEvent id="s">{props(form="ask-form")}</startEvent>'
    )
    checks = process("checks", lanes(REVIEWER="s ask e") + asked, properties="<documentation>审查。</documentation>")
    inner = one_task("inner").decode().replace('id="inner"', 'id="inner" camunda:isStartableInTasklist="false"', 1)
    event = '<startEvent id="s"><messageEventDefinition messageRef="M"/></startEvent>'
    waits = process(
        "waits",
        lanes(RM="s ask e") + in_a_row(task("ask"), ids="ask").replace('<startEvent id="s"/>', event),
        root='<message id="M" name="M"/>',
    )
    house.deploy(
        small_bpmn=one_task(), checks_bpmn=checks, ask_form=form("ask-form", "a"), inner_bpmn=inner.encode(),
        waits_bpmn=waits,
    )  # fmt: skip
    return house


def offered(house: House, name: str) -> list[str]:
    with house.sancha.work(house.who(name), write=False) as work:
        return [found.key for found in startables(work)]


def one(house: House, name: str, key: str) -> Startable:
    with house.sancha.work(house.who(name), write=False) as work:
        return startable(work, key)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("rm-1", ["small"]),
        ("reviewer-1", ["checks"]),
        ("outsider", ["checks", "small"]),
        ("plm-1", []),
        ("admin-1", []),
    ],
)
def test_everybody_is_offered_what_their_role_may_start(shop: House, name: str, keys: list[str]) -> None:
    assert offered(shop, name) == keys


def test_the_latest_version_counts(shop: House) -> None:
    assert one(shop, "rm-1", "small").version == 1
    shop.deploy(small_bpmn=one_task(name="another"))
    assert one(shop, "rm-1", "small").version == 2


def test_it_comes_with_its_form_its_description_and_its_unit(shop: House) -> None:
    found = one(shop, "reviewer-1", "checks")
    assert found.form["id"] == "ask-form"
    assert (found.about.documentation, found.roles) == ("审查。", ("REVIEWER",))
    assert found.units == ((BRANCH, "第一分行"),)
    assert one(shop, "rm-1", "small").form is None


def test_somebody_of_two_units_chooses(shop: House) -> None:
    both = Principal("rm-1", frozenset({("RM", BRANCH), ("RM", OTHER_BRANCH), ("PLM", "HQ")}))
    with shop.sancha.work(both, write=False) as work:
        assert startable(work, "small").units == ((BRANCH, "第一分行"), (OTHER_BRANCH, "第二分行"))


@pytest.mark.parametrize("key", ["inner", "waits", "unknown", "x" * 300])
def test_what_is_not_offered_is_not_there(shop: House, key: str) -> None:
    with pytest.raises(NotFound):
        one(shop, "rm-1", key)


def test_what_others_may_start_is_refused(shop: House) -> None:
    with pytest.raises(Forbidden):
        one(shop, "rm-1", "checks")


def test_the_list_takes_few_statements(shop: House) -> None:
    offered(shop, "outsider")
    with shop.sancha.work(shop.who("outsider"), write=False) as work, Statements(shop.sancha.store.engine) as sent:
        startables(work)
    assert len(sent) == 2, str(sent)
