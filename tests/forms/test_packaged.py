"""The packaged forms: readable in both languages, and strict where the house's rules are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from forms import load_form, packaged_form, packaged_form_ids
from forms.definition import Field, FieldKind

IDS = packaged_form_ids()


def every_field(fields: tuple[Field, ...]) -> Iterator[Field]:
    for entry in fields:
        yield entry
        yield from every_field(entry.fields)


def test_an_unknown_form_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        packaged_form("p99-nothing")


@pytest.mark.parametrize("form_id", IDS)
def test_a_form_speaks_both_languages(form_id: str) -> None:
    raw = json.loads(packaged_form(form_id))
    form = load_form(packaged_form(form_id))
    assert raw["id"] == form.id == form_id
    assert raw["schemaVersion"] == 19
    assert form.name != form_id
    assert form.name_en.isascii()
    for entry in every_field(form.fields):
        assert entry.label, entry.key
        assert entry.properties["name.en"], entry.key
        if entry.options is not None and not entry.options.dynamic:
            for option in entry.options.values:
                assert option.label, (entry.key, option.value)
                assert option.label_en.isascii(), (entry.key, option.value)


@pytest.mark.parametrize("form_id", IDS)
def test_component_ids_are_unique(form_id: str) -> None:
    found: list[str] = []

    def collect(components: list[dict[str, Any]]) -> None:
        for component in components:
            found.append(component["id"])
            collect(component.get("components", []))

    collect(json.loads(packaged_form(form_id))["components"])
    assert len(found) == len(set(found))


@pytest.mark.parametrize("form_id", IDS)
def test_every_decision_says_why(form_id: str) -> None:
    fields = {entry.key: entry for entry in load_form(packaged_form(form_id)).fields}
    if "decision" in fields:
        assert fields["decision"].required is True
        assert fields["reasonCode"].required is True
        assert fields["comment"].required is True
        assert fields["comment"].limits.min_length == 10
        assert fields["attachments"].kind is FieldKind.FILES


def test_amounts_are_kept_to_the_cent_and_never_below_zero() -> None:
    for form_id in IDS:
        raw = json.loads(packaged_form(form_id))
        for component in raw["components"]:
            if component.get("appearance", {}).get("suffixAdorner") == "元" and not component.get("readonly"):
                assert component["decimalDigits"] == 2
                assert component["serializeToString"] is True
                assert Decimal(component["validate"]["min"]) >= 0, (form_id, component["key"])
