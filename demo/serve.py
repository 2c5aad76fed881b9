"""Runs the demonstration: counterparties, a database with cases at every stage, pages, API and tick."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from flask import Flask

from api.app import create_app
from api.commands.serve import listen, ticking
from api.home_lock import exclusive
from api.keys import load_keys
from api.packaged import deploy_packaged
from api.settings import Settings
from api.wiring import document_store
from demo.counterparties.process import start
from demo.open_payments import hand_over
from demo.ports import free_port
from demo.preparation import prepare
from demo.seed import password_of
from demo.settings import counterparty_environment, demo_settings
from engine.callbacks import CallbackKeys
from engine.runtime import Sancha

PASSWORD = "demo_password"  # noqa: S105 - the name under which the sign-in page finds it
"""The application's extension that holds the password of all accounts; only a demonstration has one."""


def serve_demo(settings: Settings, *, port: int | None, tick: bool) -> int:
    """Serve until SIGINT or SIGTERM; everything is prepared in ``settings.home`` at the first start."""
    settings.ensure_home()
    keys = CallbackKeys(load_keys(settings).callback, settings.callback_base_url)
    embedded = settings.database_url.startswith("sqlite")
    with (
        exclusive(settings.database_url, "sancha demo") if embedded else contextlib.nullcontext(),
        start(keys) as parties,
    ):
        os.environ.update(counterparty_environment(parties.url))
        # Callback addresses carry the port, so it must be known before the server listens.
        chosen = free_port() if (settings.port if port is None else port) == 0 else port
        demo = demo_settings(parties.url, port=chosen)
        app = prepared_demo(demo, say=_say)
        hand_over(app.extensions["sancha"], parties.url)
        _introduce(demo, app.extensions[PASSWORD])
        with ticking(app, demo) if tick else contextlib.nullcontext():
            listen(app, demo)
    return 0


def prepared_demo(settings: Settings, say: Callable[[str], None]) -> Flask:
    """The application on a prepared database; ``say`` is told how far the preparation is."""
    app = create_app(settings)
    sancha: Sancha = app.extensions["sancha"]
    password = app.extensions[PASSWORD] = password_of(settings.home, settings.demo_password)
    prepare(sancha, document_store(settings), password, deploy_packaged, say)
    return app


def _say(line: str) -> None:
    print(line, flush=True)


def _introduce(settings: Settings, password: str) -> None:
    shown = "is the one that SANCHA_DEMO_PASSWORD names" if settings.demo_password else f"is {password}"
    print(f"The password of every account {shown}; the sign-in page lists the accounts.", flush=True)
