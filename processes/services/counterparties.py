"""Where the rating agency, the credit bureau and the payment system are reached.

Addresses come from ``SANCHA_RATING_URL``, ``SANCHA_BUREAU_URL`` and ``SANCHA_PAYMENT_URL``, or from `configure` at
start. Which hosts may be called at all is another setting (the allow-list of the way out).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

STAND_INS = "http://127.0.0.1:8090"
"""The demonstration's stand-ins on this machine; an installation that names no address reaches nobody else's."""


@dataclass(frozen=True, slots=True)
class Counterparties:
    """Base addresses without a slash at the end."""

    rating_url: str = STAND_INS
    bureau_url: str = STAND_INS
    payment_url: str = STAND_INS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Counterparties:
        """The addresses that ``environment`` names, the usual ones otherwise."""
        return cls(
            rating_url=_base(environment, "SANCHA_RATING_URL"),
            bureau_url=_base(environment, "SANCHA_BUREAU_URL"),
            payment_url=_base(environment, "SANCHA_PAYMENT_URL"),
        )


def _base(environment: Mapping[str, str], name: str) -> str:
    return (environment.get(name, "").strip() or STAND_INS).rstrip("/")


_configured: Counterparties | None = None


def configure(counterparties: Counterparties | None) -> None:
    """Set the addresses for this process; None goes back to the environment's."""
    global _configured  # noqa: PLW0603 - one installation per process, set once at start
    _configured = counterparties


def counterparties() -> Counterparties:
    """The addresses in force."""
    return _configured if _configured is not None else Counterparties.from_environment(os.environ)
