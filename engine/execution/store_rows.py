"""Data stores as rows: what a step wrote for all instances. Steps read it by `engine.definitions`."""

from __future__ import annotations

from collections.abc import Mapping

from engine.execution.payload import encode
from engine.execution.upsert import upsert_rows
from engine.execution.writing import Writing
from engine.kernel.effects import StoreWritten
from engine.model.data_store import DataStore

_CHANGING = ("value", "root_id", "updated_at", "updated_by")


def write_stores(writing: Writing, stored: Mapping[str, StoreWritten]) -> None:
    """Let each data store hold what was written to it last; no statement when there is nothing, else one.

    By name, so that two cases that write the same stores do not wait for each other crosswise. Whoever commits last
    is the last to have written.
    """
    rows = [
        {
            "name": name,
            "value": encode(effect.value),
            "root_id": writing.root.id,
            "updated_at": writing.now,
            "updated_by": writing.actor,
        }
        for name, effect in sorted(stored.items())
    ]
    if rows:
        writing.session.execute(upsert_rows(writing.session, DataStore, *_CHANGING), rows)
