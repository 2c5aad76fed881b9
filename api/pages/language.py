"""The language of a page: the person's own, else the one chosen on this browser, else what the browser asks for."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, g, request
from flask_babel import Babel

from engine.identity import Caller
from engine.kernel.definition import HOUSE_ZONE

LANGUAGES = ("zh", "en")
COOKIE = "sancha-language"
_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
_TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"


def register(app: Flask) -> None:
    """Give ``app`` its translations; instants are shown in the house's time zone."""
    Babel(
        app,
        default_locale=_LOCALES["zh"],
        default_timezone=HOUSE_ZONE,
        default_translation_directories=str(_TRANSLATIONS),
        locale_selector=lambda: _LOCALES[language()],
    )


def language() -> str:
    """``zh`` or ``en``, for this request."""
    found: Caller | None = g.get("caller")
    if found is not None and found.language in LANGUAGES:
        return str(found.language)
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES, default="zh") or "zh"


def local(zh: str | None, en: str | None) -> str:
    """The text of the page's language; the Chinese one when there is no English."""
    return (en or zh or "") if language() == "en" else (zh or en or "")
