"""Runs the demonstration: counterparties, seeded database, API and tick."""

from __future__ import annotations

import contextlib
import os

from api.app import create_app
from api.commands.serve import listen, ticking
from api.home_lock import exclusive
from api.keys import load_keys
from api.packaged import deploy_packaged
from api.settings import Settings
from demo.counterparties.process import start
from demo.seed import password_of, seed
from demo.settings import counterparty_environment, demo_settings
from engine.callbacks import CallbackKeys
from engine.runtime import Sancha
from migrations import upgrade
from processes.organisation import accounts


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
        demo = demo_settings(parties.url, port=port)
        print("Preparing the database ...", flush=True)
        app = create_app(demo)
        sancha: Sancha = app.extensions["sancha"]
        upgrade(sancha.store.engine)
        password = password_of(demo.home, demo.demo_password)
        seed(sancha, password)
        deploy_packaged(sancha)
        _introduce(demo, password)
        with ticking(app, demo) if tick else contextlib.nullcontext():
            listen(app, demo)
    return 0


def _introduce(settings: Settings, password: str) -> None:
    names = ", ".join(accounts())
    made = "" if settings.demo_password else f"\nTheir password: {password}"
    base = f"http://{settings.host}:{settings.port}"
    print(f"Accounts: {names}{made}\nAPI document: {base}/api/v1/openapi.json", flush=True)
