"""A port to listen on, known before anybody listens: third parties are told it in callback addresses."""

from __future__ import annotations

import random
import socket


def free_port() -> int:
    """A free port below those that the system gives to outgoing connections, so that none takes it meanwhile.

    Raises RuntimeError when there is none.
    """
    chance = random.SystemRandom()
    for _ in range(100):
        port = chance.randrange(18_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port was found between 18,000 and 32,000")
