"""How values look to a person: instants in the house's zone, money in full, deadlines as time left or late."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_datetime, format_decimal, ngettext
from flask_babel import gettext as _
from markupsafe import Markup, escape

from api.pages.icons import icon
from engine.kernel.definition import HOUSE_ZONE

ZONE = ZoneInfo(HOUSE_ZONE)
_NOTHING = Markup('<span class="text-secondary">–</span>')
_SOON = timedelta(hours=8)
_DAYS_FROM = timedelta(hours=48)
_MINUTES_BELOW_HOURS = 4


def exact(instant: datetime) -> str:
    """The whole instant with weekday and zone, in the page's language."""
    return f"{format_datetime(instant, 'yyyy-MM-dd EEEE HH:mm:ss')} ({HOUSE_ZONE})"


def moment(instant: datetime | None, *, seconds: bool = False) -> Markup:
    """An aware instant as `<time>`: month, day and minute, the year if it is another one; the whole on hover."""
    if instant is None:
        return _NOTHING
    local = instant.astimezone(ZONE)
    text = f"{local:%Y-%m-%d %H:%M:%S}" if seconds else f"{local:%Y-%m-%d %H:%M}"
    return Markup('<time class="num" datetime="{}" title="{}">{}</time>').format(
        instant.isoformat(), exact(instant), text
    )


def brief_moment(instant: datetime | None, now: datetime) -> Markup:
    """As `moment`, without the year when it is that of ``now``: for narrow columns."""
    if instant is None:
        return _NOTHING
    local = instant.astimezone(ZONE)
    text = f"{local:%m-%d %H:%M}" if local.year == now.astimezone(ZONE).year else f"{local:%Y-%m-%d}"
    return Markup('<time class="num" datetime="{}" title="{}">{}</time>').format(
        instant.isoformat(), exact(instant), text
    )


def day(value: date | None) -> Markup:
    """A calendar day as `<time>`, with its weekday on hover."""
    if value is None:
        return _NOTHING
    if isinstance(value, datetime):
        value = value.astimezone(ZONE).date()
    return Markup('<time class="num" datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), format_date(value, "full"), value.isoformat()
    )


def money(value: Decimal | int | str | None, *, places: int = 2) -> Markup:
    """An amount in yuan with grouping and two decimals; aligned figures."""
    if value is None or value == "":
        return _NOTHING
    text = format_decimal(Decimal(value), "#,##0." + "0" * places)
    return Markup('<span class="num">{}</span>').format(text)


def file_size(size: int) -> str:
    """A number of bytes as people, and the forms, say it in both languages: ``115 B``, ``1.4 kB``, ``20.0 MB``."""
    amount, unit = float(size), "B"
    for larger in ("kB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}" if unit != "B" else f"{size} B"


def span(length: timedelta, *, brief: bool = False) -> str:
    """A length of time as people say it: ``2 h 30 m`` below four hours, then whole hours, from 48 hours on days.

    ``brief``: its largest unit alone.
    """
    minutes = int(length.total_seconds()) // 60
    if length >= _DAYS_FROM:
        return str(ngettext("%(num)d d", "%(num)d d", minutes // 60 // 24))
    hours, rest = divmod(minutes, 60)
    parts: list[str] = [ngettext("%(num)d h", "%(num)d h", hours)] if hours else []
    if not hours or (rest and hours < _MINUTES_BELOW_HOURS and not brief):
        parts.append(ngettext("%(num)d m", "%(num)d m", rest))
    return " ".join(parts)


def age(instant: datetime, now: datetime) -> Markup:
    """How long ago ``instant`` was, the whole on hover."""
    return Markup('<time class="num" datetime="{}" title="{}">{}</time>').format(
        instant.isoformat(), exact(instant), span(max(now - instant, timedelta()), brief=True)
    )


def due_state(due: datetime | None, now: datetime, clock: str = "running") -> str:
    """One of: waiting (for the client or a third party), none, late, soon (within eight hours), ok."""
    if clock != "running":
        return "waiting"
    if due is None:
        return "none"
    if due < now:
        return "late"
    return "soon" if due - now <= _SOON else "ok"


def due_text(due: datetime | None, now: datetime, clock: str = "running") -> Markup:
    """Time left or late, with an icon and words, so that colour alone says nothing; the exact instant on hover."""
    state = due_state(due, now, clock)
    if due is None:
        text = _("waits for somebody outside") if state == "waiting" else _("no deadline")
        return Markup('<span class="s-due s-due-{}">{}</span>').format(state, text)
    text = _("%(span)s late", span=span(now - due)) if due < now else _("%(span)s left", span=span(due - now))
    waits = _("waits for somebody outside") if state == "waiting" else None
    mark = icon({"late": "late", "soon": "soon", "waiting": "waiting"}.get(state, "clock"), waits)
    return Markup('<time class="s-due s-due-{} num" datetime="{}" title="{}">{} {}</time>').format(
        state, due.isoformat(), exact(due), mark, escape(text)
    )
