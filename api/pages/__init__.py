"""The pages: what staff, compliance and administrators see in the browser. One file per area."""

from __future__ import annotations

from flask import Blueprint, Flask

from api.pages import (
    assets,
    audit,
    cases,
    demo_bar,
    frame,
    home,
    inbox,
    language,
    operations,
    operations_cases,
    operations_deployments,
    operations_jobs,
    sessions,
    start,
    tasks,
)

PAGES: tuple[Blueprint, ...] = (
    assets.blueprint,
    home.blueprint,
    sessions.blueprint,
    inbox.blueprint,
    tasks.blueprint,
    cases.blueprint,
    start.blueprint,
    audit.blueprint,
    operations.blueprint,
    operations_jobs.blueprint,
    operations_deployments.blueprint,
    operations_cases.blueprint,
)
"""Every page of the product."""


def register_pages(app: Flask) -> None:
    """Serve the pages of ``app``: blueprints, languages, what every template knows."""
    language.register(app)
    frame.register(app)
    demo: tuple[Blueprint, ...] = (demo_bar.blueprint,) if app.extensions["settings"].demo else ()
    for blueprint in (*PAGES, *demo):
        app.register_blueprint(blueprint)
