"""Starts the stand-in counterparties as a process of their own and stops them again."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.counterparties.switches import COUNTERPARTIES
from engine.callbacks import CallbackKeys

SECRETS = "COUNTERPARTY_SECRETS"
LISTENING = "Counterparties listen on "
START_SECONDS = 20.0
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Running:
    """The running server: its address without slash at the end, and its process."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def start(keys: CallbackKeys, *, port: int = 0, switches: Sequence[str] = ()) -> Iterator[Running]:
    """Runs the server while the block runs. ``keys`` give it its secrets, ``port`` 0 takes a free one, ``switches``
    are like ``payment.delaySeconds=2``. Raises RuntimeError when it does not start.

    The server also stops by itself when this process dies, however it dies.
    """
    command = [sys.executable, "-m", "demo.counterparties", "--port", str(port)]
    command += [part for switch in switches for part in ("--switch", switch)]
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, SECRETS: written({name: keys.secret(name) for name in COUNTERPARTIES})}
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    process = subprocess.Popen(  # noqa: S603 - our own module, with arguments that are no shell text
        command, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Running(_address(process), process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def written(secrets: Mapping[str, bytes]) -> str:
    """Secrets as the environment variable carries them: ``rating=<hex>,bureau=<hex>,payment=<hex>``."""
    return ",".join(f"{name}={secret.hex()}" for name, secret in secrets.items())


def read_secrets(text: str) -> dict[str, bytes]:
    """The inverse of `written`. Raises ValueError when a counterparty's secret is missing or malformed."""
    found = {name: bytes.fromhex(value) for name, _, value in (item.partition("=") for item in text.split(",") if item)}
    missing = [name for name in COUNTERPARTIES if len(found.get(name, b"")) < 32]
    if missing:
        raise ValueError(f"{SECRETS} lacks the secret (64 hexadecimal digits) of {', '.join(missing)}")
    return found


def _address(process: subprocess.Popen[str]) -> str:
    """The address that the server prints when it is ready; a timer ends a server that prints nothing."""
    if process.stdout is None:
        raise RuntimeError("the stand-in counterparties have no output")
    late = threading.Timer(START_SECONDS, process.kill)
    late.start()
    line = process.stdout.readline().strip()
    late.cancel()
    if not line.startswith(LISTENING):
        raise RuntimeError(f"the stand-in counterparties did not start: {line or 'no output'}")
    return line.removeprefix(LISTENING)
