"""``python -m demo.counterparties``: serves on this machine until its parent dies, it is stopped, or time is up."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from types import FrameType

import waitress

from demo.counterparties.app import create_app
from demo.counterparties.process import LISTENING, SECRETS, read_secrets
from demo.counterparties.switches import Switches, SwitchRefused, from_command_line

HOST = "127.0.0.1"
THREADS = 8
STOP_AFTER_SECONDS = 6 * 3600.0
_WATCH_SECONDS = 0.5


def main() -> int:
    """Serve; 2 for wrong arguments."""
    options = _parser().parse_args()
    switches = Switches()
    try:
        for text in options.switch:
            switches.change(from_command_line(text))
        app = create_app(read_secrets(os.environ.get(SECRETS, "")), switches)
    except (SwitchRefused, ValueError) as problem:
        print(f"counterparties: {problem}", file=sys.stderr)
        return 2
    server = waitress.create_server(app, host=HOST, port=options.port, threads=THREADS, ident="counterparties")
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_watch, args=(os.getppid(), options.stop_after), daemon=True).start()
    print(f"{LISTENING}http://{HOST}:{getattr(server, 'effective_port', options.port)}", flush=True)
    server.run()  # ends on KeyboardInterrupt
    server.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo.counterparties",
        description="Stand-in rating agency, credit bureau and payment system.",
        epilog=f"The variable {SECRETS} carries their secrets: rating=HEX,bureau=HEX,payment=HEX.",
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 (default) takes a free one")
    parser.add_argument(
        "--switch", action="append", default=[], metavar="NAME.SWITCH=VALUE", help="for example payment.delaySeconds=2"
    )
    parser.add_argument(
        "--stop-after", type=float, default=STOP_AFTER_SECONDS, metavar="SECONDS", help="stop at the latest then"
    )
    return parser


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _watch(parent: int, seconds: float) -> None:
    """Ends this process when its parent is gone or time is up, so that nothing is left behind."""
    end = time.monotonic() + seconds
    while os.getppid() == parent and time.monotonic() < end:
        time.sleep(_WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
