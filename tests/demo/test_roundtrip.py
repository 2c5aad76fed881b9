"""A question goes out to a real counterparty and its signed answers come back into the case."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from sqlalchemy import select

from demo.counterparties.process import Running, start
from engine.access import Principal
from engine.callbacks import PATH, CallbackKeys
from engine.commands.receive_callback import receive_callback
from engine.errors import EngineError
from engine.jobs.outgoing import HttpOutgoing
from engine.jobs.tick import run_due
from engine.model.subscription import DELIVERED, Message
from engine.runtime import Sancha
from engine.services import Handler, Handlers, Outgoing, ServiceCall
from tests.conftest import TestClock
from tests.faults import models, oracle
from tests.faults.node import until

MASTER = bytes(range(32, 64))


@contextlib.contextmanager
def listening(sancha: Sancha, answers: list[int]) -> Iterator[str]:
    """The smallest web layer: hands what is posted to `receive_callback`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            address = self.path.removeprefix(PATH)
            try:
                with sancha.work(Principal("third-party")) as work:
                    receive_callback(work, address=address, headers=dict(self.headers.items()), body=body)
                status = 200
            except EngineError:
                status = 401
            answers.append(status)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def agency() -> Iterator[Running]:
    with start(CallbackKeys(MASTER, ""), switches=["rating.delaySeconds=0.05"]) as running:
        yield running


def test_a_rating_is_asked_for_and_comes_back_once(sancha: Sancha, agency: Running, clock: TestClock) -> None:
    httpx.post(f"{agency.url}/switches", json={"rating": {"duplicates": 9}})
    requests: list[str] = []

    def ask(call: ServiceCall, outgoing: Outgoing) -> Mapping[str, object]:
        request_id = f"{call.business_key}-{call.root_id[-6:]}"
        requests.append(request_id)
        outgoing.post(
            f"{agency.url}/rating/requests",
            {
                "requestId": request_id,
                "caseNo": call.business_key,
                "uscc": "91110000000000001X",
                "callbackUrl": call.callback_url("RATING", request_id),
            },
            key=call.key,
        )
        return {"id": request_id}

    answers: list[int] = []
    outgoing = HttpOutgoing(frozenset({agency.url.removeprefix("http://")}))
    with listening(sancha, answers) as url, contextlib.closing(outgoing):
        sancha = replace(
            sancha,
            callbacks=CallbackKeys(MASTER, url),
            outgoing=outgoing,
            handlers=Handlers([Handler("ask", remote=ask)]),
        )
        asking = models.process("asking", models.service("ask"), models.receive("=answer.id"))
        models.deploy_files(sancha, asking=asking)
        root = models.start(sancha, "asking")
        clock.move(timedelta(days=10))  # business time runs ahead; the third party knows nothing of it
        assert run_due(sancha, "w") in (1, 2)  # an answer may come while it still runs, and be delivered then
        until(lambda: len(answers) == 10, "the agency answered ten times")
    run_due(sancha, "w")  # an answer that came before the wait
    assert answers == [200] * 10
    assert len(requests) == 1
    assert models.open_tasks(sancha, root) == ["visit"]
    with sancha.store.transaction(write=False) as session:
        (message,) = session.scalars(select(Message))
        assert (message.source, message.status, message.root_id) == ("rating", DELIVERED, root)
    oracle.check(sancha)
