"""Judges what a page looks like: its place in the window, the marks of bpmn.io, its language, and axe's findings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from playwright.sync_api import Page

from forms.packaged import packaged_form, packaged_form_ids
from tests.browser.demonstration import Demonstration

ROOT = Path(__file__).resolve().parents[2]
LOOK = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
AXE = ROOT / "api/web/node_modules/axe-core/axe.min.js"
LANGS = {"zh": "zh-CN", "en": "en"}
MARK_SIZES = {"bjs-powered-by": (53, 21), "fjs-powered-by-link": (53, 21)}
"""Width and height in pixels at which the libraries draw their mark."""
CHINESE = re.compile(r"[\u3400-\u9fff]")
WORDS = re.compile(r"[A-Za-z]{2,}")
SETTLED = """() => document.readyState === "complete"
  && !document.querySelector(".htmx-request, .s-diagram-wait")
  && [...document.querySelectorAll("[data-form]")].every((form) => form.querySelector(".fjs-powered-by"))
  && [...document.querySelectorAll("[data-diagram]")].every((drawing) => drawing.querySelector(".bjs-powered-by"))"""
"""JavaScript: everything that the page loads after itself is there."""
DATA = (
    *("client", "financing", "drawdown", "drawdown_payee", "payment_instruction", "ledger_entry", "visit"),
    *("comment", "document", "unit", "scope_state", "incident"),
)
"""Tables of which every text is data, in whatever language it was given."""
BRAND = "三查"


def look(page: Page, *, narrow: bool) -> dict[str, Any]:
    """The page's own account of itself (`looks.js`)."""
    found: dict[str, Any] = page.evaluate(LOOK, {"narrow": narrow})
    return found


def faults(seen: Mapping[str, Any], language: str, theme: str) -> Iterator[str]:
    """What is wrong with the page's place in the window, its marks and its declared language."""
    if seen["lang"] != LANGS[language]:
        yield f"the page says its language is {seen['lang']!r}"
    if seen["theme"] != theme:
        yield f"the theme is {seen['theme']!r}"
    if seen["overflow"] > 0:
        yield f"the document is {seen['overflow']} px wider than the window"
    if seen["tall"] > 0:
        yield f"the document is {seen['tall']} px higher than the window"
    if seen["wide"]:
        yield f"outside the window: {seen['wide']}"
    if seen["buried"]:
        yield f"under the bar at the bottom: {seen['buried']}"
    if len(seen["marks"]) != seen["wanted"]:
        yield f"{len(seen['marks'])} marks of bpmn.io for {seen['wanted']} forms and diagrams"
    for mark in seen["marks"]:
        width, height = MARK_SIZES[mark["name"].split()[0]]
        if mark["covered"] or mark["opacity"] < 1 or mark["width"] < width or mark["height"] < height:
            yield f"the mark of bpmn.io is not in full sight: {mark}"


class Languages:
    """Tells the pages' own words from data, which is shown in the language it was written in."""

    def __init__(self, demo: Demonstration) -> None:
        self._data = sorted(_texts(demo), key=len, reverse=True)

    def faults(self, texts: Iterable[str], language: str) -> Iterator[str]:
        """Texts in the other language that are no data."""
        for text in texts:
            text = text.replace(BRAND, "")
            if language == "en":
                if CHINESE.search(text) and CHINESE.search(self._without_data(text)):
                    yield f"Chinese on an English page: {text!r}"
            elif _is_message(text):
                yield f"untranslated: {text!r}"

    def _without_data(self, text: str) -> str:
        for known in self._data:
            if known in text:
                text = text.replace(known, " ")
                if not CHINESE.search(text):
                    break
        return text


@cache
def _messages() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The texts of the source that Chinese says otherwise: whole ones, and patterns of those with values in them."""
    whole, patterns = set(), []
    for file in sorted((ROOT / "api/translations/zh").glob("*.po")):
        with file.open("rb") as content:
            for message in read_po(content, locale="zh_Hans_CN"):
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                told = message.string if isinstance(message.string, tuple) else (message.string,)
                for text in ids:
                    if not text or not WORDS.search(text) or text in told:
                        continue
                    if re.search(r"%\(\w+\)[sd]|\{\w+\}", text):
                        parts = re.split(r"%\(\w+\)[sd]|\{\w+\}", text.replace("%%", "%"))
                        if sum(map(len, WORDS.findall(" ".join(parts)))) > 3:
                            patterns.append(re.compile(".+?".join(map(re.escape, parts))))
                    else:
                        whole.add(text)
    return frozenset(whole) | _english_names(), tuple(patterns)


def _english_names() -> frozenset[str]:
    """What elements of the packaged processes and forms are called in English alone."""
    models = [file.read_text(encoding="utf-8") for file in (ROOT / "processes").rglob("*.bpmn")]
    forms = [packaged_form(form).decode() for form in packaged_form_ids()]
    english = {name for model in models for name in re.findall(r'name="name\.en" value="([^"]+)"', model)}
    english |= {
        json.loads(name) for form in forms for name in re.findall(r'"[\w.]+\.en": ("(?:[^"\\\\]|\\\\.)*")', form)
    }
    chinese = {name for model in models for name in re.findall(r' name="([^"]+)"', model)}
    chinese |= {json.loads(name) for form in forms for name in re.findall(r'"label": ("(?:[^"\\\\]|\\\\.)*")', form)}
    return frozenset(name for name in english - chinese if WORDS.search(name))


def _is_message(text: str) -> bool:
    whole, patterns = _messages()
    return text in whole or (not CHINESE.search(text) and any(pattern.fullmatch(text) for pattern in patterns))


def _texts(demo: Demonstration) -> set[str]:
    """Every Chinese text that somebody gave, not the product's."""
    found = {name for (name,) in demo.rows("SELECT display_name FROM user")}
    found |= {name for (name,) in demo.rows("SELECT client_name FROM process_instance WHERE client_name IS NOT NULL")}
    tables = (demo.rows(f"SELECT * FROM {table}") for table in DATA)  # noqa: S608 - names from above
    cells = [cell for rows in tables for row in rows for cell in row]
    cells += [draft for (draft,) in demo.rows("SELECT draft FROM user_task WHERE draft IS NOT NULL")]
    for cell in cells:
        if isinstance(cell, bytes):
            cell = cell.decode(errors="replace")
        if isinstance(cell, str):
            found.update(_strings(cell))
    return {" ".join(part.split()) for text in found for part in (text, *text.splitlines()) if CHINESE.search(part)}


def _strings(cell: str) -> Iterator[str]:
    if cell[:1] in "{[":
        try:
            yield from _within(json.loads(cell))
            return
        except ValueError:
            pass
    yield cell


def _within(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _within(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _within(each)


# Findings that are a library's own, each with its reason. Rule to the CSS selector of what is left out.
NOT_OURS: Mapping[str, str] = {}


JUDGE = """async (ignored) => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false, iframes: false });
  const ours = (id) => ({ target }) => !(ignored[id] && document.querySelector(target[0])?.closest(ignored[id]));
  const told = ({ html, any, all }) =>
    `${html.slice(0, 160)} ${[...any, ...all].map((each) => each.message).join("; ").slice(0, 200)}`;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => ({ id, nodes: nodes.filter(ours(id)).map(told) }));
}"""


def violations(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    # Evaluated through the browser's debugger, which the page's security policy does not bind.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "; void 0")
    found = page.evaluate(JUDGE, dict(NOT_OURS))
    return [f"axe {each['id']} ×{len(each['nodes'])}: {each['nodes'][:3]}" for each in found if each["nodes"]]
