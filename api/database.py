"""Flask-SQLAlchemy over the engine's own metadata: the web application's connection pool.

Sessions are the engine's: `engine.store.Store` opens one for each transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine

from engine.model import Base
from engine.store import Store, configure, connect, normalised_url
from migrations import require_current


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """A store on the database at ``url`` with this version's tables, for one command; its connections end with it.

    Raises `Unavailable` for a database that cannot be reached or has other tables.
    """
    store = Store(connect(url))
    try:
        require_current(store.engine)
        yield store
    finally:
        store.engine.dispose()


db = SQLAlchemy(metadata=Base.metadata)


def init_database(app: Flask, url: str) -> Store:
    """Connect ``app`` to the database at ``url`` and return the engine's store on the same pool."""
    app.config["SQLALCHEMY_DATABASE_URI"] = normalised_url(url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {} if url.startswith("sqlite") else {"pool_pre_ping": True}
    db.init_app(app)
    with app.app_context():
        engine: Engine = db.engine
    configure(engine)
    return Store(engine)
