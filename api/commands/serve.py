"""``sancha serve``: the API on waitress; on SQLite with the worker's tick in the same process."""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from types import FrameType

import structlog
import waitress
from flask import Flask

from api.app import create_app
from api.garbage import settle_garbage
from api.home_lock import exclusive
from api.packaged import deploy_packaged
from api.settings import Settings
from api.wiring import worker_for
from engine.errors import Unavailable
from engine.runtime import Sancha
from migrations import upgrade

log = structlog.get_logger("sancha.serve")
THREADS = 8
ASK_AGAIN_SECONDS = 0.5
_LAST_PORT = 65_535


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("serve", help="serve the API")
    parser.add_argument("--port", type=_port, help="port to listen on (SANCHA_PORT)")
    tick = parser.add_mutually_exclusive_group()
    tick.add_argument("--with-worker", dest="tick", action="store_true", default=None, help="run due jobs here too")
    tick.add_argument("--without-worker", dest="tick", action="store_false", help="leave jobs to `sancha worker`")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM."""
    if options.port is not None:
        settings = replace(settings, port=options.port, callback_base_url=_moved(settings, options.port))
    settings.ensure_home()
    embedded = settings.database_url.startswith("sqlite")
    with exclusive(settings.database_url, "sancha serve") if embedded else contextlib.nullcontext():
        _check_free(settings)
        app = prepared_app(settings)
        with (
            ticking(app, settings) if (embedded if options.tick is None else options.tick) else contextlib.nullcontext()
        ):
            listen(app, settings)
        app.extensions["sancha"].store.engine.dispose()
    return 0


def prepared_app(settings: Settings) -> Flask:
    """The application on a migrated database with the packaged processes deployed."""
    app = create_app(settings)
    sancha: Sancha = app.extensions["sancha"]
    upgrade(sancha.store.engine)
    deploy_packaged(sancha)
    return app


@contextlib.contextmanager
def ticking(app: Flask, settings: Settings) -> Iterator[None]:
    """Run due jobs in a thread of this process while the block runs."""
    worker = worker_for(app.extensions["sancha"], settings, kind="serve")
    thread = threading.Thread(target=worker.run, name="tick", daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(timeout=30)


def listen(app: Flask, settings: Settings) -> None:
    """Answer requests until SIGINT or SIGTERM."""
    try:
        server = waitress.create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=THREADS,
            ident="sancha",
            channel_timeout=60,
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + 1,  # more is refused before the body is read
        )
    except OSError as problem:
        raise _deaf(settings, problem) from problem
    port = getattr(server, "effective_port", settings.port)
    print(f"Sancha listens on http://{settings.host}:{port}", flush=True)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Python drops what is raised inside a weak reference's callback or a finaliser: ask until it is heard.
        signal.setitimer(signal.ITIMER_REAL, ASK_AGAIN_SECONDS)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, stop)
    settle_garbage()
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    signal.setitimer(signal.ITIMER_REAL, 0)
    server.close()
    log.info("serve.stopped")


def _check_free(settings: Settings) -> None:
    """Raises `Unavailable` when somebody else listens there: before the database is touched."""
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as problem:
        raise _deaf(settings, problem) from problem


def _deaf(settings: Settings, problem: OSError) -> Unavailable:
    return Unavailable(f"Cannot listen on {settings.host}:{settings.port}: {problem.strerror}.")


def _port(text: str) -> int:
    """A port as given on the command line; the system would take a larger number modulo 65,536."""
    if not text.isascii() or not text.isdigit() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {_LAST_PORT}, not {text!r}")
    return int(text)


def _moved(settings: Settings, port: int) -> str:
    """The callback base address after the port was given on the command line."""
    own = f":{settings.port}"
    base = settings.callback_base_url
    return base.removesuffix(own) + f":{port}" if base.endswith(own) else base
