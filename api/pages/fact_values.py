"""A fact's value for a page, by its kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from flask import g
from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from api.pages import shown
from api.pages.language import language
from api.pages.people_shown import person
from engine.queries.documents import DocumentView
from processes.facts import Fact, Kind, Words

_NOTHING = Markup('<span class="text-secondary">–</span>')


def name_documents(files: tuple[DocumentView, ...]) -> None:
    """Remember the names of a case's documents for facts that are documents."""
    g.document_names = {file.id: file.name for file in files}


def fact_value(fact: Fact) -> Markup:
    """The value as markup: amounts grouped, days and instants as `<time>`, people by name, documents as links."""
    value: Any = fact.value
    if value is None:
        return _NOTHING
    match fact.kind:
        case Kind.AMOUNT:
            return Markup("{} <small>{}</small>").format(shown.money(cast(Decimal, value)), _("CNY"))
        case Kind.NUMBER:
            return Markup('<span class="num">{}</span>').format(format_decimal(value, "#,##0.######"))
        case Kind.PERCENT:
            return Markup('<span class="num">{} %</span>').format(format_decimal(value, "#,##0.##"))
        case Kind.DATE:
            return shown.day(cast(date, value))
        case Kind.INSTANT:
            return shown.moment(cast(datetime, value))
        case Kind.CHOICE:
            return Markup("{}").format(cast(Words, value).of(language()))
        case Kind.PERSON:
            return person(cast(str, value))
        case Kind.DOCUMENTS:
            return _documents(value)
    return Markup('<span class="s-fact-text">{}</span>').format(value)


def _documents(ids: tuple[str, ...]) -> Markup:
    known: Mapping[str, str] = g.get("document_names") or {}
    found = [(each, known[each]) for each in ids if each in known]
    if not found:
        return Markup("{}").format(_("%(count)s files", count=len(ids)))
    link = Markup('<a href="/api/v1/documents/{}/content" download>{}</a>')
    return Markup("<br>").join(link.format(each, name) for each, name in found)
