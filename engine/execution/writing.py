"""What all row writers of one step share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions import BoundDefinitions
from engine.execution.lock import Root
from engine.kernel.definition import Definition
from engine.model.instance import ProcessInstance
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class Writing:
    """One step being written. ``ref_of`` gives the definition ref of the instance at a scope."""

    work: Work
    root: Root
    definitions: BoundDefinitions
    ref_of: Callable[[str], str]
    on_behalf_of: str | None

    @property
    def session(self) -> Session:
        """The transaction's session."""
        return self.work.session

    @property
    def now(self) -> datetime:
        """Business time of the command, aware, UTC."""
        return self.work.now

    @property
    def actor(self) -> str:
        """Who acts."""
        return self.work.principal.name

    def definition_at(self, scope: str) -> Definition:
        """The definition that the instance at ``scope`` runs."""
        return self.definitions.get(self.ref_of(scope))

    def know(self, scopes: Iterable[str]) -> None:
        """Look up the ids of instances that are not known yet; no statement when all are."""
        unknown = sorted(set(scopes) - self.root.instances.keys())
        if not unknown:
            return
        found = select(ProcessInstance.scope, ProcessInstance.id).where(
            ProcessInstance.root_id == self.root.id, ProcessInstance.scope.in_(unknown)
        )
        self.root.instances.update(dict(self.session.execute(found).all()))


def split_ref(ref: str) -> tuple[str, int]:
    """Key and version of a definition ref ``key:version``."""
    key, _, version = ref.rpartition(":")
    return key, int(version)
