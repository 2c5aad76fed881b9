"""What a person can filter the inbox by: from what is deployed and the duties they hold, without looking at tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.access import NOT_BUSINESS
from engine.queries.model_names import ModelNames
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """``process_names``: the Chinese and English name (None without one) of each deployed process in its latest
    version, by key, in order. ``roles``: ids of the roles that the principal holds and that work on cases, in order.
    """

    process_names: Mapping[str, tuple[str, str | None]]
    roles: tuple[str, ...]


def filter_choices(work: Work) -> FilterChoices:
    """The choices of the principal. One small statement, and what reading new definitions takes after a deployment."""
    names = ModelNames.of(work)
    processes = {}
    for key, versions in sorted(names.definitions.catalogue.processes.by_key.items()):
        name = names.process(versions[-1].ref)
        processes[key] = (name.zh, name.en)
    return FilterChoices(processes, tuple(sorted(work.principal.roles - NOT_BUSINESS)))
