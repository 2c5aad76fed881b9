"""A form in either language: everything visible is translated, and the file itself is never touched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from forms import FormHeading, heading, load_form, localise, packaged_form, packaged_form_ids

IDS = packaged_form_ids()
HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of the schema but the house properties, which are not shown."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name != "properties":
                yield from texts(item, f"{path}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from texts(item, f"{path}[{number}]")
    elif isinstance(value, str):
        yield path, value


def component(**attributes: Any) -> dict[str, Any]:
    return {"type": "default", "id": "x", "schemaVersion": 19, "components": [attributes]}


def english(**attributes: Any) -> dict[str, Any]:
    found: dict[str, Any] = localise(component(**attributes), "en")["components"][0]
    return found


@pytest.mark.parametrize("form_id", IDS)
def test_everything_visible_in_a_packaged_form_has_english(form_id: str) -> None:
    shown = localise(packaged_form(form_id), "en")
    assert [(path, text) for path, text in texts(shown) if HAN.search(text)] == []


@pytest.mark.parametrize("form_id", IDS)
def test_chinese_is_what_the_file_says(form_id: str) -> None:
    assert localise(packaged_form(form_id), "zh") == json.loads(packaged_form(form_id))


@pytest.mark.parametrize("form_id", IDS)
def test_an_english_form_checks_what_the_chinese_one_checks(form_id: str) -> None:
    chinese, translated = load_form(packaged_form(form_id)), load_form(localise(packaged_form(form_id), "en"))
    assert [entry.key for entry in chinese.fields] == [entry.key for entry in translated.fields]
    assert [entry.label_en for entry in chinese.fields] == [entry.label for entry in translated.fields]


@pytest.mark.parametrize("form_id", IDS)
def test_every_packaged_form_says_what_it_asks_and_what_its_button_does(form_id: str) -> None:
    chinese, translated = heading(packaged_form(form_id), "zh"), heading(packaged_form(form_id), "en")
    for text in (chinese.name, chinese.ask, chinese.action):
        assert text is not None
        assert HAN.search(text)
    for text in (translated.name, translated.ask, translated.action):
        assert text is not None
        assert not HAN.search(text)
    assert (str(chinese.ask)[-1], str(translated.ask)[-1]) == ("。", ".")
    assert len(str(chinese.action)) <= 10
    assert len(str(translated.action)) <= 30


def test_the_given_form_is_left_alone() -> None:
    form = json.loads(packaged_form("p05-vote"))
    before = deepcopy(form)
    shown = localise(form, "en")
    shown["components"][0]["label"] = "changed"
    assert form == before
    assert localise(form, "zh") is not form


def test_a_form_of_another_designer_may_say_nothing() -> None:
    assert heading(component(type="textfield", key="a"), "en") == FormHeading("x", None, None)


def test_a_heading_without_english_stays_chinese() -> None:
    form = {**component(type="textfield", key="a"), "properties": {"name": "登记", "ask": "请登记。"}}
    assert heading(form, "en") == FormHeading("登记", "请登记。", None)


def test_labels_of_dates_and_times_are_where_the_viewer_looks() -> None:
    day = english(type="datetime", subtype="date", key="a", dateLabel="日期", properties={"name.en": "Day"})
    assert day["dateLabel"] == "Day"
    clock = english(type="datetime", subtype="time", key="a", timeLabel="时间", properties={"name.en": "Time"})
    assert clock["timeLabel"] == "Time"
    both = english(
        type="datetime",
        subtype="datetime",
        key="a",
        dateLabel="日期",
        timeLabel="时间",
        properties={"name.en": "Meeting on", "timeLabel.en": "at"},
    )
    assert (both["dateLabel"], both["timeLabel"]) == ("Meeting on", "at")


def test_texts_options_adornments_and_messages_are_translated() -> None:
    choice = english(
        type="select",
        key="a",
        label="类型",
        description="说明",
        values=[{"label": "是", "value": "Y"}, {"label": "否", "value": "N"}],
        properties={"name.en": "Kind", "description.en": "Why", "option.Y.en": "Yes"},
    )
    assert (choice["label"], choice["description"]) == ("Kind", "Why")
    assert [option["label"] for option in choice["values"]] == ["Yes", "否"]
    amount = english(
        type="number",
        key="a",
        label="金额",
        appearance={"prefixAdorner": "约", "suffixAdorner": "元"},
        validate={"pattern": "x", "patternErrorMessage": "错误"},
        properties={"prefixAdorner.en": "about", "pattern.message.en": "wrong"},
    )
    assert amount["appearance"] == {"prefixAdorner": "about", "suffixAdorner": "CNY"}
    assert amount["validate"]["patternErrorMessage"] == "wrong"
    table = english(
        type="table", columns=[{"key": "a", "label": "甲"}], label="表", properties={"name.en": "T", "column.a.en": "A"}
    )
    assert table["columns"] == [{"key": "a", "label": "A"}]


def test_groups_and_lists_are_translated_all_the_way_down() -> None:
    inner = {"type": "textfield", "key": "a", "label": "甲", "properties": {"name.en": "A"}}
    rows = {"type": "dynamiclist", "path": "r", "label": "行", "components": [inner], "properties": {"name.en": "Rows"}}
    group = english(type="group", label="组", components=[rows], properties={"name.en": "Group"})
    assert (group["label"], group["components"][0]["label"]) == ("Group", "Rows")
    assert group["components"][0]["components"][0]["label"] == "A"


def test_what_is_not_a_form_is_refused() -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        localise(b"[]", "en")
