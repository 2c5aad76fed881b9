"""The pages: what staff, compliance and administrators see in the browser. One file per area."""

from __future__ import annotations

from flask import Blueprint, Flask

from api.pages import assets, frame, home, inbox, language, sessions, tasks

PAGES: tuple[Blueprint, ...] = (
    assets.blueprint,
    home.blueprint,
    sessions.blueprint,
    inbox.blueprint,
    tasks.blueprint,
)
"""Every page of the product."""


def register_pages(app: Flask) -> None:
    """Serve the pages of ``app``: blueprints, languages, what every template knows."""
    language.register(app)
    frame.register(app)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
