"""Deployed decisions as the kernel takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.dmn import DecisionModel, DecisionResult, DecisionTrace, DmnError
from engine.kernel.errors import DecisionFailed

MAX_ITEMS, MAX_CHARACTERS = 50, 1_000
"""Items of one list or context and characters of one text that the trace keeps of what a decision read or gave."""


MAX_DECISIONS = 200


@dataclass(frozen=True, slots=True)
class DeployedDecision:
    """Decision ``key`` of ``model``; ``ref`` (``key:version``) says which version was bound."""

    ref: str
    key: str
    model: DecisionModel

    def evaluate(
        self, variables: Mapping[str, object], now: datetime
    ) -> tuple[object, tuple[str, ...], dict[str, object], tuple[Mapping[str, object], ...]]:
        """Output, ids of the rules that matched in every table on the way, the inputs that were used, and every
        decision that was made (see `decisions_made`).

        Raises the kernel's `DecisionFailed`, which leaves the token failed with the reason.
        """
        try:
            result = self.model.evaluate(self.key, variables, now=now, strict=True)
        except DmnError as error:
            raise DecisionFailed(str(error)) from error
        return (result.value, tuple(match.ref for match in result.rules), dict(result.inputs), decisions_made(result))


def decisions_made(result: DecisionResult) -> tuple[Mapping[str, object], ...]:
    """Every decision on the way as the audit trail keeps it, the one asked for last: ``decision`` (id), ``name``,
    ``inputs``, ``output`` and ``tables``: what each table asked, and its rules with the outputs they gave.

    Long values are cut to `MAX_ITEMS` and `MAX_CHARACTERS`, and of more than `MAX_DECISIONS` decisions the last are
    kept; the inputs and the output of the whole are kept elsewhere.
    """
    return tuple(_made(each) for each in result.trace[-MAX_DECISIONS:])


def _made(trace: DecisionTrace) -> dict[str, object]:
    return {
        "decision": trace.id,
        "name": trace.name,
        "inputs": _brief(trace.inputs),
        "output": _brief(trace.value),
        "tables": [
            {
                "table": table.table_id or "",
                "asked": _brief(dict(table.inputs)),
                "rules": [
                    {"rule": rule.ref, "row": rule.index, "outputs": _brief(rule.outputs.get("", rule.outputs))}
                    for rule in table.rules
                ],
            }
            for table in trace.tables[:MAX_ITEMS]
        ],
    }


def _brief(value: object) -> object:
    if isinstance(value, str) and len(value) > MAX_CHARACTERS:
        return f"{value[:MAX_CHARACTERS]}…"
    if isinstance(value, list):
        return [*map(_brief, value[:MAX_ITEMS]), *(["…"] if len(value) > MAX_ITEMS else [])]
    if isinstance(value, Mapping):
        kept = {str(name): _brief(item) for name, item in list(value.items())[:MAX_ITEMS]}
        return kept | ({"…": "…"} if len(value) > MAX_ITEMS else {})
    return value
