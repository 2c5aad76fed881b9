"""Fills in the form that a page shows as a person would: by the labels of its fields, files by the file chooser."""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

HOUSE_ZONE = ZoneInfo("Asia/Shanghai")
# A field of a row has the name that a field of the form may have too.
_OUTSIDE_ROWS = ":not(.fjs-repeat-row-rows *)"


class PageForm:
    """The form on ``page``. ``folder`` takes the files that are uploaded."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.root = page.locator("[data-form]")
        self._folder = folder
        expect(self.root.locator(".fjs-form")).to_be_visible()
        block = json.loads(page.locator(f"[id='{self.root.get_attribute('data-form')}']").text_content() or "")
        self.schema, self.texts, self._data = block["schema"], block["texts"], block["data"]

    def fill(self, data: Mapping[str, Any]) -> None:
        """Give each field named in ``data`` (as the API takes it; of files only their number counts) its value."""
        unknown = set(data) - {_name(component) for component in _flat(self.schema["components"])}
        assert not unknown, f"the form {self.schema['id']} has no fields {sorted(unknown)}"
        self._fill(self.root, self.schema["components"], data, in_row=False)

    def expect_holds(self, data: Mapping[str, Any]) -> None:
        """Wait until the texts, numbers, dates and choices in ``data`` stand in their fields, those in rows too."""
        self._expect(self.root, self.schema["components"], data, in_row=False)

    def control(self, key: str) -> Locator:
        """The control of the field ``key`` outside of rows."""
        found = next(component for component in _flat(self.schema["components"]) if _name(component) == key)
        return self._control(self.root, found, in_row=False)

    def error(self, key: str) -> Locator:
        """The complaints at the field ``key`` outside of rows."""
        return self.page.locator(f"[id='{self.control(key).get_attribute('id')}-error-message']")

    @property
    def submit(self) -> Locator:
        """The button that sends the form."""
        return self.page.locator("[data-form-submit]")

    @property
    def alert(self) -> Locator:
        """What the form as a whole says after it was refused."""
        return self.page.locator("[data-form-alert]")

    @property
    def status(self) -> Locator:
        """Whether the draft is saved."""
        return self.page.locator("[data-form-status]")

    def _fill(self, scope: Locator, components: Sequence[Any], data: Mapping[str, Any], *, in_row: bool) -> None:
        for component in _flat(components):
            if _name(component) not in data:
                continue
            value = data[_name(component)]
            match component["type"]:
                case "dynamiclist":
                    self._fill_rows(scope, component, value)
                case "filepicker":
                    self._choose_files(self._control(scope, component, in_row=in_row), component, len(value))
                case "checkbox" if value is False and not self._control(scope, component, in_row=in_row).count():
                    pass  # not asked for
                case _:
                    self._fill_field(self._control(scope, component, in_row=in_row), component, value)

    def _fill_field(self, control: Locator, component: Mapping[str, Any], value: Any) -> None:
        match component["type"]:
            case "textfield" | "textarea":
                control.fill(str(value))
            case "number":
                # While somebody is in it, the field holds the plain number: select what stands there only then.
                control.press("ControlOrMeta+a")
                self.page.keyboard.insert_text(str(value))
            case "datetime":
                control.fill(_wall(str(value)) if component.get("subtype") == "datetime" else str(value))
            case "select":
                control.select_option(str(value))
            case "checkbox":
                control.set_checked(bool(value))
            case "radio":
                control.get_by_role("radio", name=self._option(component, value), exact=True).check()
            case "taglist":
                for item in value:
                    control.get_by_role("checkbox", name=self._option(component, item), exact=True).check()
            case other:
                raise AssertionError(f"nobody can fill in a {other}")

    def _expect(self, scope: Locator, components: Sequence[Any], data: Mapping[str, Any], *, in_row: bool) -> None:
        for component in _flat(components):
            if _name(component) not in data:
                continue
            value, control = data[_name(component)], self._control(scope, component, in_row=in_row)
            if component["type"] == "dynamiclist":
                rows = control.locator(".fjs-repeat-row-rows")
                expect(rows).to_have_count(len(value))
                for number, row in enumerate(value):
                    self._expect(rows.nth(number), component["components"], row, in_row=True)
            elif component["type"] == "number":
                shown = control.input_value()
                assert shown, f"{_name(component)} is empty"
                assert Decimal(shown.replace(",", "")) == Decimal(value), f"{_name(component)} shows {shown}"
            elif component["type"] == "radio":
                option = self._option(component, value)
                expect(control.get_by_role("radio", name=option, exact=True)).to_be_checked()
            else:
                expect(control).to_have_value(str(value))

    def _fill_rows(self, scope: Locator, component: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]]) -> None:
        group = scope.get_by_role("group", name=component["label"], exact=True)
        rows = group.locator(".fjs-repeat-row-rows")
        while (count := rows.count()) != len(wanted):
            if count < len(wanted):
                group.get_by_role("button", name=self.texts["addRow"]).click()
            else:
                group.locator(".fjs-repeat-row-remove").last.click()
            expect(rows).to_have_count(count + (1 if count < len(wanted) else -1))
        for number, data in enumerate(wanted):
            self._fill(rows.nth(number), component["components"], data, in_row=True)

    def _choose_files(self, group: Locator, component: Mapping[str, Any], count: int) -> None:
        stored = group.locator("li:has(a)")
        while (there := stored.count()) > 0:
            stored.first.get_by_role("button").click()
            expect(stored).to_have_count(there - 1)
        group.locator("input[type=file]").set_input_files(
            [paper(self._folder, f"{component['label'][:12]}-{number}") for number in range(1, count + 1)]
        )
        expect(stored).to_have_count(count)

    def _control(self, scope: Locator, component: Mapping[str, Any], *, in_row: bool) -> Locator:
        label = component.get("dateLabel") or component.get("dateTimeLabel") or component["label"]
        match component["type"]:
            case "filepicker" | "taglist" | "dynamiclist":
                found = scope.get_by_role("group", name=label, exact=True)
            case "radio":
                # The label above the choices: form-js ties it to none of them.
                named = self.page.locator(".fjs-form-field-label", has_text=re.compile(rf"^{re.escape(label)}\*?$"))
                found = scope.locator(".fjs-form-field-radio").filter(has=named)
            case "select":
                found = scope.get_by_role("combobox", name=label, exact=True)
            case "checkbox":
                found = scope.get_by_role("checkbox", name=label, exact=True)
            case _:
                found = scope.get_by_role("textbox", name=label, exact=True)
        return found if in_row else found.and_(self.page.locator(_OUTSIDE_ROWS))

    def _option(self, component: Mapping[str, Any], value: object) -> str:
        given = self._data[component["valuesKey"]] if "valuesKey" in component else component["values"]
        options = [item if isinstance(item, dict) else {"value": item, "label": item} for item in given]
        return next(str(option.get("label") or value) for option in options if option["value"] == value)


def claim(page: Page, task: str, folder: Path) -> PageForm:
    """Take the task ``task`` on its own page; its form, which could only be read before."""
    page.goto(f"/tasks/{task}")
    page.locator("[data-claim]").click()
    expect(page.locator("[data-form-submit]")).to_be_visible()
    return PageForm(page, folder)


def paper(folder: Path, name: str) -> Path:
    """A real picture in ``folder``: one grey point."""
    file = folder / f"{name}.png"
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\x00\x80")), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    return file


def _flat(components: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """The fields and lists, those in groups too."""
    for component in components:
        if component["type"] == "group":
            yield from _flat(component["components"])
        elif _name(component):
            yield component


def _name(component: Mapping[str, Any]) -> str:
    return str(component.get("path") if component["type"] == "dynamiclist" else component.get("key") or "")


def _wall(instant: str) -> str:
    """An instant as the control takes it: the house's wall clock, to the minute."""
    return datetime.fromisoformat(instant).astimezone(HOUSE_ZONE).strftime("%Y-%m-%dT%H:%M")
