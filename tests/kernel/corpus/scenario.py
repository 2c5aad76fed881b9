"""How a stored state comes about, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.kernel.driver import Run

Script = Callable[[Run], object]


@dataclass(frozen=True)
class Scenario:
    """``before`` runs up to the recorded state, ``after`` from there to the end."""

    models: tuple[bytes, ...]
    variables: dict[str, object]
    before: tuple[Script, ...]
    after: tuple[Script, ...]
