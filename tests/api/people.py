"""People at their programs and browsers, as tests use them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.runtime import Sancha

PASSWORD = "Wind-farm-80-MW"
V1 = "/api/v1"


@dataclass
class Person:
    """Sends requests under ``/api/v1`` with ``headers`` (a bearer token)."""

    name: str
    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def with_token(cls, app: Flask, name: str) -> Person:
        """A person who made a token with their password."""
        client = app.test_client(use_cookies=False)
        made = client.post(f"{V1}/tokens", json={"name": name, "password": PASSWORD, "label": "test"})
        assert made.status_code == 201, made.text
        return cls(name, client, {"Authorization": f"Bearer {made.json['token']}"})

    @classmethod
    def nobody(cls, app: Flask) -> Person:
        """Somebody who has not signed in."""
        return cls("nobody", app.test_client(use_cookies=False))

    def send(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **body: Any) -> TestResponse:
        """One request; ``path`` below ``/api/v1`` unless it is a whole one."""
        whole = path if path.startswith(V1) else V1 + path
        return self.client.open(whole, method=method, headers=self.headers | dict(headers or {}), **body)

    def get(self, path: str, **query: Any) -> TestResponse:
        """GET with a query."""
        return self.send("GET", path, query_string=query)

    def post(self, path: str, json: Any = None, **headers: str) -> TestResponse:
        """POST a JSON body, with headers such as ``Idempotency_Key``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("POST", path, headers=named, **({} if json is None else {"json": json}))

    def put(self, path: str, json: Any, **headers: str) -> TestResponse:
        """PUT a JSON body."""
        return self.send("PUT", path, headers={n.replace("_", "-"): v for n, v in headers.items()}, json=json)

    def patch(self, path: str, json: Any) -> TestResponse:
        """PATCH a JSON body."""
        return self.send("PATCH", path, json=json)

    def delete(self, path: str) -> TestResponse:
        """DELETE."""
        return self.send("DELETE", path)

    def upload(self, path: str, files: list[tuple[str, str, bytes]], **fields: str) -> TestResponse:
        """POST multipart/form-data: ``files`` are (field, file name, content)."""
        data: dict[str, Any] = dict(fields)
        for name, file, content in files:
            data.setdefault(name, []).append((io.BytesIO(content), file))
        return self.send("POST", path, data=data, content_type="multipart/form-data")

    def deploy(self, **files: bytes) -> TestResponse:
        """Deploy files; ``small_bpmn`` stands for ``small.bpmn``."""
        named = [("files", ".".join(name.rsplit("_", 1)), content) for name, content in files.items()]
        return self.upload("/deployments", named, name="test")


@dataclass
class Browser(Person):
    """A browser with a session cookie; changing requests carry its CSRF token."""

    @classmethod
    def signed_in(cls, app: Flask, name: str, password: str = PASSWORD) -> Browser:
        """A browser in which somebody signed in."""
        client = app.test_client()
        opened = client.post(f"{V1}/sessions", json={"name": name, "password": password})
        assert opened.status_code == 201, opened.text
        return cls(name, client, {"X-CSRF-Token": opened.json["csrf"]})


People = Callable[[str], Person]
Browsers = Callable[[str], Browser]


def sancha_of(app: Flask) -> Sancha:
    """The engine of an application."""
    sancha: Sancha = app.extensions["sancha"]
    return sancha
