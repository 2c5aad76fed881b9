"""Every text of the pages is there in Chinese and in English, with the same placeholders, in one wording."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2] / "api"
CATALOGS = sorted((ROOT / "translations" / "zh").glob("*.po"))
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
JINJA = {"trim_blocks": "1", "lstrip_blocks": "1", "extensions": "jinja2.ext.i18n,jinja2.ext.do"}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_TAG = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<script.*?</script>|<[^>]*>", re.DOTALL)
_SPOKEN = re.compile(r'\b(?:placeholder|aria-label|title|alt)="([^"{}<>]*[A-Za-z\u3400-\u9fff][^"{}<>]*)"')
_SAME_EVERYWHERE = re.compile(
    r"(?:中文|English|三查|Sancha|BPMN|DMN|CSV|[A-Z]|Enter|→|&\w+;|[^\w]|\d|[jkco]|·)*", re.IGNORECASE
)
"""Names, keys and signs that need no translation."""


def used() -> Iterator[tuple[str, str]]:
    """Each msgid of the sources (the singular), with where it stands."""
    for path in sorted([*ROOT.rglob("*.py"), *ROOT.rglob("templates/**/*.html")]):
        if "node_modules" in path.parts:
            continue
        method, options = ("python", {}) if path.suffix == ".py" else ("jinja2.ext:babel_extract", JINJA)
        for line, message, _comments, _context in extract_from_file(method, path, keywords=KEYWORDS, options=options):
            yield (message if isinstance(message, str) else message[0]), f"{path.relative_to(ROOT)}:{line}"


def placeholders(text: str) -> list[str]:
    """What a text leaves to be filled in."""
    return sorted(_PLACEHOLDER.findall(text))


def translated(path: Path, plurals: dict[str, str] | None = None) -> dict[str, tuple[str, ...]]:
    """Each msgid of a catalog with its Chinese texts; ``plurals`` gets the English plural of those that have one."""
    catalog = read_po(BytesIO(path.read_bytes()))
    found = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts = (message.string,) if isinstance(message.string, str) else tuple(message.string)
            assert not message.fuzzy, f"{path.name}: {key!r} is marked as a guess"
            found[key] = texts
            if plurals is not None and not isinstance(message.id, str):
                plurals[key] = message.id[1]
            if plurals is not None and message.context:
                plurals[key] = texts[0]  # another unit of counting, as the context says
    return found


def test_every_text_has_a_chinese_translation() -> None:
    known = {key for path in CATALOGS for key, texts in translated(path).items() if all(texts)}
    missing = sorted({f"{where}: {message!r}" for message, where in used() if message not in known})
    assert missing == []


def test_no_translation_is_left_over() -> None:
    wanted = {message for message, _ in used()}
    stale = [f"{path.name}: {key!r}" for path in CATALOGS for key in translated(path) if key not in wanted]
    assert stale == []


def test_translations_keep_the_placeholders_and_are_chinese() -> None:
    wrong = []
    for path in CATALOGS:
        plurals: dict[str, str] = {}
        for key, texts in translated(path, plurals).items():
            for text in texts:
                if placeholders(text) not in (placeholders(key), placeholders(plurals.get(key, key))):
                    wrong.append(f"{path.name}: {key!r} and {text!r} have other placeholders")
                if not _CHINESE.search(text) and _CHINESE.sub("", key) == text and re.search("[a-z]{4}", text):
                    wrong.append(f"{path.name}: {key!r} is not translated")
    assert wrong == []


def test_a_text_has_one_wording_in_all_catalogs() -> None:
    seen: dict[str, tuple[str, ...]] = {}
    differing = []
    for path in CATALOGS:
        for key, texts in translated(path).items():
            if seen.setdefault(key, texts) != texts:
                differing.append(f"{path.name}: {key!r} is {texts} here and {seen[key]} elsewhere")
    assert differing == []


@pytest.mark.parametrize("path", sorted(ROOT.rglob("templates/**/*.html")), ids=lambda path: path.name)
def test_templates_hold_no_text_outside_the_translations(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    plain = re.sub(r"\{% trans.*?endtrans %\}", " ", source, flags=re.DOTALL)
    words = [text.strip() for text in _TAG.split(plain)] + _SPOKEN.findall(re.sub(r"\{[{%#].*?[}%#]\}", "", plain))
    untranslated = [text for text in words if text and not _SAME_EVERYWHERE.fullmatch(text)]
    assert untranslated == []
