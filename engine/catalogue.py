"""What is deployed, without the files: every version of every process, decision and form, as of one epoch.

Read with three small statements whenever the epoch (`engine.execution.epoch`) has moved, else from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.model.definition import DecisionDefinition, Deployment, FormDefinition, ProcessDefinition, Resource


class Versioned(Protocol):
    """A row of something deployed in versions."""

    @property
    def key(self) -> str:
        """Process, decision or form id."""

    @property
    def version(self) -> int:
        """From 1."""

    @property
    def digest(self) -> str:
        """SHA-256 of its file, hex."""

    @property
    def deployment(self) -> int:
        """The number of its deployment."""


@dataclass(frozen=True, slots=True)
class DeployedFile:
    """A version of a decision or form. ``source``: packaged or manual. ``name`` and ``effective_from`` (since when it
    counts, None for since it was deployed) are those of decisions.
    """

    id: str
    key: str
    version: int
    digest: str
    deployment_id: str
    deployment: int
    source: str
    resource_id: str
    file: str
    deployed_at: datetime
    name: str = ""
    effective_from: datetime | None = None

    @property
    def ref(self) -> str:
        """``key:version``."""
        return f"{self.key}:{self.version}"


@dataclass(frozen=True, slots=True)
class DeployedProcess:
    """A version of a process; see `engine.model.definition.ProcessDefinition`."""

    id: str
    key: str
    version: int
    digest: str
    deployment_id: str
    deployment: int
    source: str
    resource_id: str
    file: str
    name: str
    kernel: str
    start_form: str | None
    start_roles: tuple[str, ...]
    excludes: Mapping[str, tuple[str, ...]]
    suspended: bool

    @property
    def ref(self) -> str:
        """``key:version``, as states and effects record it."""
        return f"{self.key}:{self.version}"


T = TypeVar("T", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Versions(Generic[T]):
    """All versions of one kind of thing, by key, in order of version."""

    by_key: Mapping[str, tuple[T, ...]]

    @classmethod
    def of(cls, rows: Iterable[T]) -> Versions[T]:
        """``rows`` in any order."""
        by_key: dict[str, list[T]] = {}
        for row in sorted(rows, key=lambda row: (row.key, row.version)):
            by_key.setdefault(row.key, []).append(row)
        return cls({key: tuple(found) for key, found in by_key.items()})

    def latest(self, key: str) -> T | None:
        """The newest version of ``key``."""
        found = self.by_key.get(key)
        return found[-1] if found else None

    def effective(self, key: str, at: datetime, since: Callable[[T], tuple[datetime | None, datetime]]) -> T | None:
        """The version of ``key`` that counts at an instant (aware). ``since`` gives the date from which a version
        counts, if it names one, and when it was deployed.

        A version takes the place of those deployed before it from its date on (without one, at once), but not of one
        whose own date is later: what was announced for July stays announced when something is mended in May.
        """
        current: T | None = None
        for row in self.by_key.get(key, ()):
            named, deployed = since(row)
            if named is not None and named > at:
                continue
            if current is not None:
                before, _ = since(current)
                if before is not None and (named or deployed) < before:
                    continue
            current = row
        return current

    def version(self, key: str, version: int) -> T | None:
        """That very version of ``key``."""
        return next((row for row in self.by_key.get(key, ()) if row.version == version), None)

    def as_of(self, key: str, deployment: int) -> T | None:
        """The version that was in force with deployment number ``deployment``: identical content makes no new version,
        so it may come from an earlier one. If ``key`` was deployed only later, its first version.
        """
        found = self.by_key.get(key)
        if not found:
            return None
        return max((row for row in found if row.deployment <= deployment), key=lambda r: r.version, default=found[0])

    def same_content(self, key: str, digest: str, accept: Callable[[T], bool] = lambda row: True) -> T | None:
        """The version of ``key`` with this content, if there is one."""
        return next((row for row in self.by_key.get(key, ()) if row.digest == digest and accept(row)), None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything deployed at ``epoch``. ``excluders`` maps an element id to the elements, of any process, that exclude
    its performers.
    """

    epoch: int
    processes: Versions[DeployedProcess]
    decisions: Versions[DeployedFile]
    forms: Versions[DeployedFile]
    excluders: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def process(self, ref: str) -> DeployedProcess | None:
        """The process version named ``key:version``."""
        key, _, version = ref.rpartition(":")
        return self.processes.version(key, int(version)) if version.isdigit() else None


def read_catalogue(session: Session, epoch: int) -> Catalogue:
    """Three statements."""
    processes = [
        DeployedProcess(
            **{
                **row._asdict(),
                "start_roles": tuple(row.start_roles),
                "excludes": {element: tuple(others) for element, others in row.excludes.items()},
            }
        )
        for row in session.execute(
            select(
                *_common(ProcessDefinition),
                *(ProcessDefinition.name, ProcessDefinition.kernel, ProcessDefinition.start_form),
                *(ProcessDefinition.start_roles, ProcessDefinition.excludes, ProcessDefinition.suspended),
            )
            .join(Deployment, Deployment.id == ProcessDefinition.deployment_id)
            .join(Resource, Resource.id == ProcessDefinition.resource_id)
        )
    ]
    excluders: dict[str, set[str]] = {}
    for process in processes:
        for element, others in process.excludes.items():
            for other in others:
                excluders.setdefault(other, set()).add(element)
    return Catalogue(
        epoch,
        Versions.of(processes),
        Versions.of(_files(session, DecisionDefinition)),
        Versions.of(_files(session, FormDefinition)),
        {element: frozenset(found) for element, found in excluders.items()},
    )


def _files(session: Session, table: type[DecisionDefinition] | type[FormDefinition]) -> list[DeployedFile]:
    own = (table.name, table.effective_from) if issubclass(table, DecisionDefinition) else ()
    statement = (
        select(*_common(table), Deployment.deployed_at, *own)
        .join(Deployment, Deployment.id == table.deployment_id)
        .join(Resource, Resource.id == table.resource_id)
    )
    return [DeployedFile(**row._asdict()) for row in session.execute(statement)]


def _common(table: type[ProcessDefinition] | type[DecisionDefinition] | type[FormDefinition]) -> tuple[Any, ...]:
    return (
        *(table.id, table.key, table.version, table.digest, table.deployment_id, table.resource_id),
        *(Deployment.number.label("deployment"), Deployment.source, Resource.name.label("file")),
    )
