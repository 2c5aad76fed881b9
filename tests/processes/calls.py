"""Calls handlers as the engine does, on a SQLite database in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.ids import new_id
from engine.services import ServiceCall
from engine.working_time import WorkingTime

NOW = datetime(2026, 6, 2, 2, 0, tzinfo=UTC)
CASE = "PF-2026-0001"
ROOT = new_id()


def call(*, now: datetime = NOW, attempt: int = 1, business_key: str = CASE, **variables: Any) -> ServiceCall:
    return ServiceCall(
        topic="test",
        root_id=ROOT,
        instance_id=ROOT,
        business_key=business_key,
        element="test",
        key="1:7",
        attempt=attempt,
        now=now,
        variables=variables,
        working_time=WorkingTime(),
        callback_url=lambda name, key: f"https://sancha.example/{name}/{key}",
    )


@dataclass
class Out:
    """A way out that answers as told, or fails as told."""

    answer: Mapping[str, object] | Exception = field(default_factory=dict)
    sent: list[tuple[str, str, Mapping[str, object]]] = field(default_factory=list)

    def post(self, url: str, body: Mapping[str, object], *, key: str) -> Mapping[str, object]:
        self.sent.append((url, key, body))
        return self._answered()

    def get(self, url: str) -> Mapping[str, object]:
        self.sent.append((url, "", {}))
        return self._answered()

    def _answered(self) -> Mapping[str, object]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer
