"""A limit on wrong sign-ins, per name and address, in bounded memory.

Counted in this process: several API processes multiply the limit by their number, which argon2id's cost allows for.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.errors import TooManyAttempts

_Key = tuple[str, ...]


@dataclass(slots=True)
class Attempts:
    """Wrong sign-ins within ``window`` seconds: for one name from one address, from one address, and for one name.

    The limit for a name alone is high, because somebody else can use it up and so keep its owner out.
    At most ``capacity`` keys are remembered; the one that was quiet longest is forgotten first.
    """

    per_name_and_address: int = 5
    per_address: int = 50
    per_name: int = 50
    window: float = 300.0
    capacity: int = 20_000
    now: Callable[[], float] = time.monotonic
    _seen: OrderedDict[_Key, deque[float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, name: str, address: str) -> None:
        """Count an attempt, as wrong until `succeeded` says otherwise, so that a volley of guesses counts too.

        Raises `TooManyAttempts` with the seconds to wait; a refused attempt is not counted.
        """
        limits = self._limits(name, address)
        with self._lock:
            now = self.now()
            waits = [self._wait(key, limit, now) for key, limit in limits.items()]
            if max(waits) > 0:
                seconds = int(max(waits)) + 1
                raise TooManyAttempts("Too many wrong sign-ins. Wait before the next.", retry_after=seconds)
            for key in limits:
                self._seen.setdefault(key, deque()).append(now)
                self._seen.move_to_end(key)
            while len(self._seen) > self.capacity:
                self._seen.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """The attempt was right: forget the wrong ones of this name from this address, and this one elsewhere."""
        with self._lock:
            for key in self._limits(name, address):
                times = self._seen.get(key)
                if times:
                    times.pop()
                if not times or len(key) == 3:
                    self._seen.pop(key, None)

    def _limits(self, name: str, address: str) -> dict[_Key, int]:
        name = name[:255]
        return {
            ("both", name, address): self.per_name_and_address,
            ("address", address): self.per_address,
            ("name", name): self.per_name,
        }

    def _wait(self, key: _Key, limit: int, now: float) -> float:
        """Seconds until another attempt is allowed, 0 when it is now."""
        times = self._seen.get(key)
        if times is None:
            return 0.0
        while times and times[0] <= now - self.window:
            times.popleft()
        return times[0] + self.window - now if len(times) >= limit else 0.0
