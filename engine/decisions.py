"""Deployed decisions as the kernel takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.dmn import DecisionModel, DmnError
from engine.kernel.errors import DecisionFailed


@dataclass(frozen=True, slots=True)
class DeployedDecision:
    """Decision ``key`` of ``model``; ``ref`` (``key:version``) says which version was bound."""

    ref: str
    key: str
    model: DecisionModel

    def evaluate(
        self, variables: Mapping[str, object], now: datetime
    ) -> tuple[object, tuple[str, ...], dict[str, object]]:
        """Output, ids of the rules that matched in every table on the way, and the inputs that were used.

        Raises the kernel's `DecisionFailed`, which leaves the token failed with the reason.
        """
        try:
            result = self.model.evaluate(self.key, variables, now=now, strict=True)
        except DmnError as error:
            raise DecisionFailed(str(error)) from error
        return (
            result.value,
            tuple(match.rule_id or f"{match.decision_id}#{match.index}" for match in result.rules),
            dict(result.inputs),
        )
