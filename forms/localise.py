"""A form in a person's language: the file itself is Chinese, its house properties say the same in English.

``name.en`` stands for the label, ``option.<value>.en`` for an option's label, ``column.<key>.en`` for a table column's,
``pattern.message.en`` for the message of a broken pattern, and ``<attribute>.en`` for every other text that is shown
(``description.en``, ``text.en``, ``timeLabel.en``, ``suffixAdorner.en``, ...). What has no English stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

ENGLISH = "en"

UNITS: Mapping[str, str] = {"元": "CNY", "万元": "CNY 10,000", "天": "days", "月": "months", "年": "years"}
"""Adornments that a form need not translate itself."""

PLAIN_TEXTS = ("description", "text", "content", "placeholder", "alt", "title")
"""Attributes of a component that are shown as they are; their English is the property ``<attribute>.en``."""

ADORNERS = ("prefixAdorner", "suffixAdorner")


@dataclass(frozen=True, slots=True)
class FormHeading:
    """What stands over and under a form. ``ask``: the sentence that asks; ``action``: the label of the main button.

    Forms that do not say have None.
    """

    name: str
    ask: str | None
    action: str | None


def localise(form: Mapping[str, object] | bytes, lang: str) -> dict[str, Any]:
    """The form-js schema with its visible texts in ``lang`` (``zh`` or ``en``), for the viewer; a copy, always.

    Raises ValueError for bytes that are not a JSON object.
    """
    schema = parsed(form)
    if lang == ENGLISH:
        _translate_all(schema)
    return schema


def heading(form: Mapping[str, object] | bytes, lang: str) -> FormHeading:
    """The form's heading in ``lang``; a form without a name goes by its id, and English falls back to Chinese."""
    schema = parsed(form)
    properties = properties_of(schema)

    def said(name: str) -> str | None:
        english = properties.get(f"{name}.en") if lang == ENGLISH else None
        return english or properties.get(name) or None

    return FormHeading(said("name") or str(schema.get("id", "")), said("ask"), said("action"))


def parsed(form: Mapping[str, object] | bytes) -> dict[str, Any]:
    """The form as JSON values that nobody else holds. Raises ValueError for bytes that are not a JSON object."""
    if isinstance(form, Mapping):
        return deepcopy(dict(form))
    schema = json.loads(form)
    if not isinstance(schema, dict):
        raise ValueError("the form is not a JSON object")
    return schema


def properties_of(component: Mapping[str, Any]) -> Mapping[str, str]:
    """The house properties of a component or of the form; {} when it has none."""
    found = component.get("properties")
    return found if isinstance(found, dict) else {}


def components_of(holder: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The components directly in a form, group or list."""
    found = holder.get("components")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _translate_all(holder: dict[str, Any]) -> None:
    for component in components_of(holder):
        _translate(component)
        _translate_all(component)


def _translate(component: dict[str, Any]) -> None:
    english = properties_of(component)
    if name := english.get("name.en"):
        component[label_attribute(component)] = name
    for attribute in ("dateLabel", "timeLabel", "dateTimeLabel", *PLAIN_TEXTS):
        if attribute in component and (text := english.get(f"{attribute}.en")):
            component[attribute] = text
    _translate_items(component, "values", "option", "value", english)
    _translate_items(component, "columns", "column", "key", english)
    if isinstance(appearance := component.get("appearance"), dict):
        for attribute in ADORNERS:
            if shown := appearance.get(attribute):
                appearance[attribute] = english.get(f"{attribute}.en") or UNITS.get(shown, shown)
    rules = component.get("validate")
    if isinstance(rules, dict) and "patternErrorMessage" in rules and (text := english.get("pattern.message.en")):
        rules["patternErrorMessage"] = text


def label_attribute(component: Mapping[str, Any]) -> str:
    """The attribute that holds the component's main label: dates and times have ones of their own."""
    if component.get("type") != "datetime" or "label" in component:
        return "label"
    if "dateTimeLabel" in component:
        return "dateTimeLabel"
    return "timeLabel" if component.get("subtype") == "time" else "dateLabel"


def _translate_items(
    component: dict[str, Any], attribute: str, prefix: str, key: str, english: Mapping[str, str]
) -> None:
    items = component.get(attribute)
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and (text := english.get(f"{prefix}.{item.get(key)}.en")):
            item["label"] = text
