"""The settings of a demonstration: those of the environment, on its own port, with its counterparties allowed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from api.settings import Settings

COUNTERPARTY_VARIABLES = ("SANCHA_RATING_URL", "SANCHA_BUREAU_URL", "SANCHA_PAYMENT_URL")


def demo_settings(counterparties: str, *, port: int | None = None) -> Settings:
    """Settings with ``demo`` on and the stand-in counterparties at the address ``counterparties`` as third parties.

    Raises `SettingsError` like `Settings.from_environment`.
    """
    given = {"SANCHA_DEMO": "yes"} | ({} if port is None else {"SANCHA_PORT": str(port)})
    return Settings.from_environment({**os.environ, **given, **counterparty_environment(counterparties)})


def counterparty_environment(address: str) -> Mapping[str, str]:
    """The variables that make the server at ``address`` all three third parties, and allow calling it."""
    allowed = [host for host in (os.environ.get("SANCHA_ALLOWED_CALLOUT_HOSTS", ""), urlsplit(address).netloc) if host]
    return {**dict.fromkeys(COUNTERPARTY_VARIABLES, address), "SANCHA_ALLOWED_CALLOUT_HOSTS": ",".join(allowed)}
