"""Deploying a file that was deployed before: what stays in force, and that the designer is told."""

from __future__ import annotations

from tests.factories import House, form, one_task


def remarks(deployed: object) -> list[tuple[object, object]]:
    """Element and message of each warning that an older version does not come back."""
    warnings = getattr(deployed, "warnings", ())
    return [(each["file"], each["message"]) for each in warnings if each["rule"] == "deployment/older"]


def test_who_deploys_an_older_file_again_is_told_that_it_does_not_take_effect(house: House) -> None:
    first, second = one_task(name="First"), one_task(name="Second")
    assert remarks(house.deploy(small_bpmn=first, ask_form=form("ask", "one"))) == []
    assert remarks(house.deploy(small_bpmn=second, ask_form=form("ask", "two"))) == []
    assert remarks(house.deploy(small_bpmn=second)) == [], "what is in force needs no remark"
    again = house.deploy(small_bpmn=first, ask_form=form("ask", "one"))
    assert remarks(again) == [
        ("small.bpmn", "'small' had this content as version 1 already; version 2 stays in force"),
        ("ask.form", "'ask' had this content as version 1 already; version 2 stays in force"),
    ]
    assert house.start("small").definition_version == 2


def test_the_product_offers_its_own_files_at_every_start_without_a_remark(house: House) -> None:
    house.deploy(small_bpmn=one_task(name="Ours"), source="packaged")
    house.deploy(small_bpmn=one_task(name="Theirs"))
    assert remarks(house.deploy(small_bpmn=one_task(name="Ours"), source="packaged")) == []
    assert house.start("small").definition_version == 2
