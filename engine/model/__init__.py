"""The engine's tables, one file per aggregate. Importing this package registers all of them on `Base`."""

from __future__ import annotations

from engine.model import (
    audit,
    comment,
    data_store,
    definition,
    identity,
    incident,
    instance,
    job,
    request,
    subscription,
    task,
)
from engine.model.base import Base

__all__ = [
    "Base",
    "audit",
    "comment",
    "data_store",
    "definition",
    "identity",
    "incident",
    "instance",
    "job",
    "request",
    "subscription",
    "task",
]
