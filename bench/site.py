"""An installation to measure: wired from its settings as the product is, with the tests' cast as its staff."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from api.packaged import deploy_packaged
from api.settings import Settings
from api.wiring import wire
from engine.access import SYSTEM, Principal
from engine.commands.deploy import deploy
from engine.ids import new_id
from engine.model.identity import AccessToken
from engine.runtime import Sancha
from engine.store import Store, connect
from migrations import upgrade
from tests.cast import insert_cast, the_cast

_TOKEN_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Site:
    """The installation on the database at ``url``, with its keys and files in ``home``."""

    url: str
    home: Path
    sancha: Sancha

    def who(self, name: str) -> Principal:
        """A member of the cast."""
        return the_cast()[name]


def environment(home: Path, url: str, **more: str) -> dict[str, str]:
    """The environment of the processes of an installation."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SANCHA_")}
    return plain | {"SANCHA_HOME": str(home), "SANCHA_DATABASE_URL": url} | more


def settings(home: Path, url: str) -> Settings:
    """The settings of an installation."""
    return Settings.from_environment(environment(home, url))


@contextmanager
def site(url: str, home: Path) -> Iterator[Site]:
    """The installation on a prepared database; disconnected at the end."""
    store = Store(connect(url))
    try:
        yield Site(url, home, wire(settings(home, url), store))
    finally:
        store.engine.dispose()


@contextmanager
def new_site(url: str, home: Path, files: Mapping[str, bytes]) -> Iterator[Site]:
    """The installation on an empty database: tables, cast and bearer tokens, the packaged processes and ``files``."""
    with site(url, home) as made:
        upgrade(made.sancha.store.engine)
        with made.sancha.work(SYSTEM) as work:
            insert_cast(work.session)
            for name in the_cast():
                row = AccessToken(id=hashlib.sha256(token(name).encode()).hexdigest(), public_id=new_id(), user=name)
                row.name, row.created_at, row.expires_at = "bench", work.raw_now, work.raw_now + _TOKEN_LIFE
                work.session.add(row)
        deploy_packaged(made.sancha)
        with made.sancha.work(SYSTEM) as work:
            deploy(work, name="bench", files=files)
        yield made


def token(name: str) -> str:
    """The bearer token of a member of the cast."""
    return f"bench-{name}"
