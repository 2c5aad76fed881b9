"""Files that are no forms, or ask for what the server could not check, are refused with the place and the reason."""

from __future__ import annotations

from typing import Any

import pytest

from forms import FormDefinitionError, load_form
from forms.reading import MAX_BYTES
from tests.forms.build import field, form, rows, rule


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "not a form-js form"),
        (b'{"components":[]}', "no id"),
        (b'{"id":"x","schemaVersion":99,"components":[]}', "newer"),
        (b" " * (MAX_BYTES + 1), "at most"),
    ],
)
def test_no_form(data: bytes, reason: str) -> None:
    with pytest.raises(FormDefinitionError, match=reason):
        load_form(data)


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        (field("signature", "a"), "unsupported type"),
        (field("textfield", "a..b"), "not a field key"),
        (field("textfield", ""), "not a field key"),
        (field("textfield", "a", validate={"pattern": "(?<=x)y"}), "pattern"),
        (field("textfield", "a", conditional={"hide": "=("}), "not FEEL"),
        (field("textfield", "a", properties={"check": "unheard-of"}), "no check"),
        (field("textfield", "a", properties={"validation": "=true"}), "needs validation.message"),
        (field("textfield", "a", properties=rule("=1 +")), "not FEEL"),
        (field("number", "a", validate={"min": "ten"}), "'ten' is not a number"),
        (field("number", "a", validate={"min": "=1 +"}), "not FEEL"),
        (field("select", "a"), "nothing to choose"),
        (field("select", "a", values=[{"label": "x"}]), "needs a text"),
        (field("expression", "a"), "an expression is missing"),
        (rows("r"), "needs fields"),
        ("text", "not an object"),
    ],
)
def test_what_the_server_could_not_check_is_refused(component: Any, reason: str) -> None:
    with pytest.raises(FormDefinitionError, match=reason):
        form(component)


def test_two_fields_with_one_key_are_refused_also_across_plain_groups() -> None:
    with pytest.raises(FormDefinitionError, match="two fields have the key 'a'"):
        form(field("textfield", "a"), {"type": "group", "components": [field("number", "a")]})


def test_groups_lie_at_most_eight_deep() -> None:
    inner: dict[str, Any] = field("textfield", "a")
    for level in range(10):
        inner = {"type": "group", "path": f"g{level}", "components": [inner]}
    with pytest.raises(FormDefinitionError, match="more than 8 deep"):
        form(inner)


def test_views_hold_no_data() -> None:
    views = [{"type": kind, "text": "x"} for kind in ("text", "html", "separator", "spacer", "image", "button")]
    assert form(*views).fields == ()


def test_labels_in_both_languages() -> None:
    made = form(
        field(
            "select",
            "a",
            label="甲",
            values=[{"label": "是", "value": "Y"}],
            properties={"name.en": "A", "option.Y.en": "Yes"},
        ),
        properties={"name": "表", "name.en": "Form"},
    )
    (entry,) = made.fields
    assert (made.name, made.name_en, entry.label, entry.label_en) == ("表", "Form", "甲", "A")
    assert entry.options is not None
    assert [(option.label, option.label_en) for option in entry.options.values] == [("是", "Yes")]
