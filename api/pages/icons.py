"""The icons of the pages: line drawings on a 24 x 24 grid, drawn for this product."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

_PATHS: Mapping[str, str] = {
    "inbox": "M4 13l2.5-8h11L20 13v6H4zM4 13h5l1.5 3h3L15 13h5",
    "cases": "M4 7h6l2 2h8v10H4zM4 7V5h5",
    "start": "M12 5v14M5 12h14",
    "audit": "M12 3l7 3v6c0 4-3 7.5-7 9-4-1.5-7-5-7-9V6zM9 12l2.2 2.2L15.5 10",
    "operations": "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h11M19 17h1M15 5v4M9 10v4M17 15v4",
    "account": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c.8-3.5 3.5-5 7-5s6.2 1.5 7 5",
    "search": "M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14zM16 16l4.5 4.5",
    "sign-out": "M14 4H5v16h9M10 12h10M17 9l3 3-3 3",
    "clock": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7v5l3.5 2",
    "late": "M12 4l9 16H3zM12 10v4M12 17v.5",
    "soon": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 8v5M12 16v.5",
    "ok": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM8 12l3 3 5-5.5",
    "waiting": "M7 4h10M7 20h10M8 4c0 4 3 5.5 4 8-1 2.5-4 4-4 8M16 4c0 4-3 5.5-4 8 1 2.5 4 4 4 8",
    "failed": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM9 9l6 6M15 9l-6 6",
    "document": "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
    "download": "M12 4v11M8 11.5l4 4 4-4M5 20h14",
    "upload": "M12 16V5M8 8.5l4-4 4 4M5 20h14",
    "comment": "M4 5h16v11H10l-4 4v-4H4z",
    "signal": (
        "M12 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM8.5 15.5a5 5 0 0 1 0-7M15.5 8.5a5 5 0 0 1 0 7"
        "M6 18a8.5 8.5 0 0 1 0-12M18 6a8.5 8.5 0 0 1 0 12"
    ),
    "history": "M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4M12 8v4l3 2",
    "diagram": "M4 5h6v5H4zM14 14h6v5h-6zM7 10v6.5h7",
    "money": "M7 5l5 7 5-7M12 12v8M8 13h8M8 16.5h8",
    "flag": "M6 21V4h11l-2.5 4L17 12H6",
    "left": "M14.5 5l-7 7 7 7",
    "right": "M9.5 5l7 7-7 7",
    "down": "M5 9l7 7 7-7",
    "close": "M6 6l12 12M18 6L6 18",
    "check": "M4.5 12.5l5 5 10-11",
    "filter": "M4 5h16l-6 7.5V19l-4 1.5v-8z",
    "sort": "M8 5v14M5 16l3 3 3-3M16 19V5M13 8l3-3 3 3",
    "refresh": "M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 4v4h-4",
    "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "pause": "M8.5 6v12M15.5 6v12",
    "play": "M8 5.5v13l10.5-6.5z",
    "plus": "M12 5v14M5 12h14",
    "minus": "M5 12h14",
    "fit": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
    "link": "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7L12 17",
    "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c.8-3.5 3.5-5 7-5s6.2 1.5 7 5",
    "theme": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 3.5v17c4.7 0 8.5-3.8 8.5-8.5S16.7 3.5 12 3.5z",
    "language": (
        "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM3.5 12h17"
        "M12 3.5c3 2.5 3.5 5.5 3.5 8.5s-.5 6-3.5 8.5c-3-2.5-3.5-5.5-3.5-8.5s.5-6 3.5-8.5z"
    ),
    "worker": (
        "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1"
        "M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1"
    ),
    "external": "M13 4h7v7M20 4l-9 9M18 14v6H4V6h6",
    "edit": "M4 20l1-4L16 5l3 3L8 19z",
    "trash": "M5 7h14M10 4h4M7 7l1 13h8l1-13",
}  # fmt: skip


def icon(name: str, label: str | None = None) -> Markup:
    """An inline drawing; hidden from screen readers unless ``label`` says what it means. KeyError for unknown names."""
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    title = Markup("<title>{}</title>").format(label) if label else ""
    return Markup('<svg class="s-icon" viewBox="0 0 24 24" focusable="false" {}>{}<path d="{}"/></svg>').format(
        said, title, _PATHS[name]
    )
