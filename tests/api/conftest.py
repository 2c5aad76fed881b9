"""The application on both databases, and people who use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from api.app import create_app
from api.settings import Settings
from engine.model.identity import User
from engine.passwords import hash_password
from engine.store import Store
from tests.api.people import PASSWORD, Browser, Browsers, People, Person, sancha_of
from tests.cast import Cast
from tests.factories import two_tasks


@pytest.fixture(scope="session")
def _password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of an installation with small limits, to reach them soon."""
    return Settings.from_environment(
        {
            "SANCHA_HOME": str(tmp_path / "home"),
            "SANCHA_DATABASE_URL": database_url,
            "SANCHA_SECURE_COOKIES": "no",
            "SANCHA_MAX_VARIABLES_BYTES": "20000",
            "SANCHA_MAX_MODEL_BYTES": "60000",
            "SANCHA_MAX_UPLOAD_BYTES": "30000",
            "SANCHA_LOG_LEVEL": "ERROR",
        }
    )


@pytest.fixture
def app(settings: Settings, store: Store, cast: Cast, _password_hash: str) -> Iterator[Flask]:
    """The application; everybody of the cast has the same password."""
    with store.transaction() as session:
        session.execute(update(User).values(password=_password_hash))
    made = create_app(settings)
    yield made
    sancha_of(made).store.engine.dispose()


@pytest.fixture
def client(app: Flask) -> People:
    """``client("rm-1")``: a program of that person, with a bearer token."""
    known: dict[str, Person] = {}

    def of(name: str) -> Person:
        if name not in known:
            known[name] = Person.with_token(app, name)
        return known[name]

    return of


@pytest.fixture
def browser(app: Flask) -> Browsers:
    """``browser("rm-1")``: a browser in which that person has signed in."""
    return lambda name: Browser.signed_in(app, name)


@pytest.fixture
def things(client: People) -> dict[str, str]:
    """A running case of the first branch with a document, and people: by the names of path parameters."""
    deployed = client("publisher-1").deploy(pair_bpmn=two_tasks())
    case = client("rm-1").post("/process-definitions/pair/start").json["id"]
    document = client("rm-1").upload("/documents", [("file", "a.txt", b"text")], instance_id=case)
    definition = client("rm-1").get("/process-definitions").json["items"][0]["id"]
    task = client("rm-1").get("/tasks").json["items"][0]["id"]
    return {
        "instance_id": case,
        "task_id": task,
        "document_id": document.json["id"],
        "deployment_id": deployed.json["id"],
        "definition_id": definition,
        "key": "pair",
        "name": "rm-1",
        "role": "RM",
        "unit": "BR-1",
        "session_id": client("rm-1").get("/tokens").json["items"][0]["id"],
        "token_id": client("rm-1").get("/tokens").json["items"][0]["id"],
    }
