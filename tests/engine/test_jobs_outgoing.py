from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.jobs.outgoing import HttpOutgoing, OutgoingFailed
from engine.services import NoOutgoing, OutgoingRefused


class Counterparty(BaseHTTPRequestHandler):
    """Answers by path; keeps the last request on the server."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.server.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen = dict(self.headers.items())
        self.answer(202, b'{"accepted": true, "rate": 3.10}')

    def do_GET(self) -> None:
        match self.path:
            case "/redirect":
                self.answer(302, b"", Location="/ok")
            case "/large":
                self.answer(200, b'"' + b"x" * 5000 + b'"')
            case "/slow":
                self.drip()
            case "/text":
                self.answer(200, b"hello")
            case "/list":
                self.answer(200, b"[]")
            case "/empty":
                self.answer(204, b"")
            case "/down":
                self.answer(503, b'{"error": "closed for the night"}')
            case _:
                self.answer(200, b"{}")

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass
        self.close_connection = True

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Counterparty) as running:
        running.daemon_threads = True
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def url(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


@pytest.fixture
def outgoing() -> Iterator[HttpOutgoing]:
    made = HttpOutgoing(frozenset({"127.0.0.1"}), total_seconds=0.5, max_answer_bytes=2000)
    yield made
    made.close()


def test_it_posts_json_with_the_idempotency_key(server: ThreadingHTTPServer, url: str, outgoing: HttpOutgoing) -> None:
    body = {"amount": Decimal("96000000.00"), "on": date(2026, 6, 2), "payee": {"name": "明阳"}}
    assert outgoing.post(f"{url}/payments", body, key="K-1") == {"accepted": True, "rate": Decimal("3.10")}
    assert server.body == {"amount": "96000000.00", "on": "2026-06-02", "payee": {"name": "明阳"}}
    assert server.seen["Idempotency-Key"] == "K-1"


def test_an_empty_answer_is_an_empty_object(url: str, outgoing: HttpOutgoing) -> None:
    assert outgoing.get(f"{url}/empty") == {}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/redirect", "redirect"),
        ("/large", "more than 2000 bytes"),
        ("/slow", "in time"),
        ("/text", "without JSON"),
        ("/list", "no object"),
        ("/down", "503: .*closed for the night"),
    ],
)
def test_a_bad_answer_is_a_clear_failure(url: str, outgoing: HttpOutgoing, path: str, words: str) -> None:
    begun = time.monotonic()
    with pytest.raises(OutgoingFailed, match=words):
        outgoing.get(url + path)
    assert time.monotonic() - begun < 2


def test_a_failure_carries_the_status(url: str, outgoing: HttpOutgoing) -> None:
    with pytest.raises(OutgoingFailed) as failure:
        outgoing.get(f"{url}/down")
    assert failure.value.status == 503


def test_a_dead_host_is_a_failure_that_may_be_tried_again(outgoing: HttpOutgoing) -> None:
    with pytest.raises(OutgoingFailed, match="cannot be reached") as failure:
        outgoing.get("http://127.0.0.1:1/")
    assert failure.value.status is None


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1@evil.example.com/",
        "https://evil.example.com/",
        "http://rating.example.com/",  # allowed, but not without TLS
        "https://rating.example.com:8443/",
        "https://rating.example.com.evil.example.com/",
        "https://user:secret@rating.example.com/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:7f00:1]:99999/",
        "//127.0.0.1/",
        "",
        "no address",
    ],
)
def test_only_listed_hosts_are_called(address: str) -> None:
    outgoing = HttpOutgoing(frozenset({"127.0.0.1", "rating.example.com:443"}))
    for call in (lambda: outgoing.get(address), lambda: outgoing.post(address, {}, key="k")):
        with pytest.raises(OutgoingRefused) as refused:
            call()
        assert "secret" not in str(refused.value)
    outgoing.close()


def test_a_port_in_the_list_admits_only_that_port(url: str) -> None:
    outgoing = HttpOutgoing(frozenset({url.removeprefix("http://")}))
    assert outgoing.get(f"{url}/ok") == {}
    with pytest.raises(OutgoingRefused, match=r"127\.0\.0\.1:1 is not on the list"):
        outgoing.get("http://127.0.0.1:1/")
    outgoing.close()


def test_a_value_json_has_no_form_for_is_refused_before_anything_is_sent(url: str, outgoing: HttpOutgoing) -> None:
    with pytest.raises(OutgoingRefused, match="set has no JSON form"):
        outgoing.post(url, {"a": {1}}, key="k")


def test_an_installation_without_a_list_calls_nobody() -> None:
    with pytest.raises(OutgoingRefused):
        HttpOutgoing().get("http://127.0.0.1/")
    with pytest.raises(OutgoingRefused):
        NoOutgoing().get("http://127.0.0.1/")
