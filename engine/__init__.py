"""The BPM engine: kernel, commands, queries, jobs and audit. It knows SQLAlchemy and nothing of the web."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _installed


def version() -> str:
    """The version of the installed distribution, or ``0`` in a checkout that was never installed."""
    try:
        return _installed("sancha")
    except PackageNotFoundError:
        return "0"
