"""The service itself: index, health, readiness, metrics, security headers, and requests that come at the same time."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import waitress
import waitress.server
from flask import Flask
from waitress import wasyncore

from api.app import create_app
from api.commands.serve import listen
from api.settings import Settings
from migrations import upgrade
from tests.api.people import PASSWORD, V1, People, sancha_of
from tests.databases import connected
from tests.factories import one_task


@contextlib.contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on waitress at a free port of this machine."""
    server = waitress.server.create_server(app, host="127.0.0.1", port=0, threads=8)
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            wasyncore.loop(timeout=0.05, map=server._map, count=1)
        # Only the thread that waits on the sockets may close them.
        server.task_dispatcher.shutdown()
        server.close()
        wasyncore.close_all(server._map)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}{V1}"
    finally:
        ended.set()
        thread.join(timeout=10)


def test_the_index_says_where_things_are(app: Flask) -> None:
    index = app.test_client().get(V1)
    assert index.json["openapi"] == f"{V1}/openapi.json"
    for address in ("openapi", "health", "metrics"):
        assert app.test_client().get(index.json[address]).status_code == 200


def test_answers_carry_security_headers_and_a_request_id(app: Flask, client: People) -> None:
    answer = client("rm-1").get("/tasks")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(answer.headers["X-Request-ID"]) == 36
    given = client("rm-1").send("GET", "/tasks", headers={"X-Request-ID": "trace-7"})
    assert given.headers["X-Request-ID"] == "trace-7"
    secure = app.test_client().get("/", base_url="https://sancha.test")
    assert "max-age" in secure.headers["Strict-Transport-Security"]


def test_readiness_follows_the_database(empty_database_url: str, tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {"SANCHA_HOME": str(tmp_path), "SANCHA_DATABASE_URL": empty_database_url, "SANCHA_LOG_LEVEL": "ERROR"}
    )
    app = create_app(settings)
    client = app.test_client()
    assert client.get(f"{V1}/health").json["status"] == "ok"
    waiting = client.get(f"{V1}/ready")
    assert (waiting.status_code, waiting.mimetype) == (503, "application/problem+json")
    assert "sancha migrate" in waiting.json["detail"]
    with connected(empty_database_url) as engine:
        upgrade(engine)
    assert client.get(f"{V1}/ready").json["status"] == "ready"
    sancha_of(app).store.engine.dispose()


def test_metrics_count_requests_and_open_work(app: Flask, client: People) -> None:
    client("publisher-1").deploy(small_bpmn=one_task())
    client("rm-1").post("/process-definitions/small/start")
    client("rm-1").get("/tasks/unknown")
    text = app.test_client().get("/metrics").text
    assert "sancha_open_tasks 1.0" in text
    assert "sancha_active_instances 1.0" in text
    assert 'route="/api/v1/tasks/<task_id>",status="404"} 1.0' in text
    assert "rm-1" not in text


def test_the_same_key_at_the_same_time_has_one_effect(app: Flask, client: People) -> None:
    client("publisher-1").deploy(small_bpmn=one_task())
    headers = client("rm-1").headers | {"Idempotency-Key": "at-once"}
    answers: list[httpx.Response] = []
    with served(app) as base, httpx.Client(base_url=base, headers=headers, timeout=20) as http:
        together(8, lambda: answers.append(http.post("/process-definitions/small/start", json={"variables": {"a": 1}})))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 7
        assert len(http.get("/process-instances").json()["items"]) == 1


def test_one_of_many_completions_at_once_succeeds(app: Flask, client: People) -> None:
    client("publisher-1").deploy(small_bpmn=one_task())
    rm = client("rm-1")
    case = rm.post("/process-definitions/small/start").json["id"]
    task = rm.get("/tasks").json["items"][0]["id"]
    rm.post(f"/tasks/{task}/claim")
    statuses: list[int] = []
    with served(app) as base, httpx.Client(base_url=base, headers=rm.headers, timeout=20) as http:
        together(8, lambda: statuses.append(http.post(f"/tasks/{task}/complete").status_code))
    assert sorted(statuses) == [200, *[409] * 7]
    events = client("audit-1").get("/audit/events", stream=case).json["items"]
    assert [event["action"] for event in events].count("task:completed") == 1


def test_a_browser_over_real_http(app: Flask) -> None:
    with served(app) as base, httpx.Client(base_url=base, timeout=20) as http:
        opened = http.post("/sessions", json={"name": "rm-1", "password": PASSWORD})
        assert opened.status_code == 201
        assert http.get("/sessions/current").json()["csrf"] == opened.json()["csrf"]
        assert http.post("/tokens", json={"label": "x"}).status_code == 403
        made = http.post("/tokens", json={"label": "x"}, headers={"X-CSRF-Token": opened.json()["csrf"]})
        assert made.status_code == 201
        too_large = http.post("/sessions", content=b" " * 40_000_000, headers={"Content-Type": "application/json"})
        assert too_large.status_code == 413


def together(count: int, do: Callable[[], object]) -> None:
    """Run ``do`` in ``count`` threads that start at the same moment; fails when they take longer than 30 seconds."""
    ready = threading.Barrier(count, timeout=10)

    def run() -> None:
        ready.wait()
        do()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    if any(thread.is_alive() for thread in threads):
        pytest.fail("the requests do not end")


@pytest.mark.parametrize("database", ["sqlite"])  # nothing here depends on the database
def test_a_stop_that_python_dropped_is_asked_for_again(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deaf:
        """A server in which the first interruption is lost, as inside the callback of a weak reference."""

        effective_port = 0

        def run(self) -> None:
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
            threading.Event().wait(20)
            raise AssertionError("nobody asked again")

        def close(self) -> None:
            pass

    monkeypatch.setattr("api.commands.serve.settle_garbage", lambda: None)
    monkeypatch.setattr(waitress, "create_server", lambda *_, **__: Deaf())
    known = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)}
    try:
        listen(app, settings)
    finally:
        for number, handler in known.items():
            signal.signal(number, handler)
