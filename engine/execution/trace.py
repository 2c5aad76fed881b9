"""Effects as documents for the audit trail: complete, so that replaying them rebuilds what the step did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from engine.execution.writing import Writing
from engine.kernel.effects import Effect, ServiceRequested


def trace(effects: Iterable[Effect], writing: Writing) -> list[dict[str, object]]:
    """One object per effect, ``type`` and its fields without those that are empty; `record` makes them plain JSON.

    A service request that maps no inputs sees every variable of the case: those were recorded when they were written,
    and are left out.
    """
    found = []
    for effect in effects:
        document: dict[str, object] = {"type": type(effect).__name__}
        for field in fields(effect):
            value = getattr(effect, field.name)
            if value is None or value == () or (field.name == "variables" and _everything(effect, writing)):
                continue
            document[field.name] = value
        found.append(document)
    return found


def _everything(effect: Effect, writing: Writing) -> bool:
    if not isinstance(effect, ServiceRequested):
        return False
    return not writing.definition_at(effect.instance).nodes[effect.element].inputs
