"""Compiled definitions, decisions and form files of one installation, cached by what was deployed.

A deployed file never changes, so what is compiled from it is kept by its digest, bounded, and shared between threads.
Which version is the latest does change: that is the `Catalogue`, kept for one epoch.
"""

from __future__ import annotations

import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from typing import TypeVar, cast

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.catalogue import Catalogue, DeployedFile, DeployedProcess, Versioned, Versions, read_catalogue
from engine.decisions import DeployedDecision
from engine.deployment.reading import DMN
from engine.dmn import DecisionModel, load
from engine.errors import NotFound
from engine.execution.epoch import epoch_column
from engine.kernel.compile import compile_model
from engine.kernel.definition import Binding, Definition
from engine.kernel.errors import NotDeployed
from engine.kernel.values import decode
from engine.model.data_store import DataStore
from engine.model.definition import Resource
from engine.runtime import Work
from engine.services import WorkingTime

T = TypeVar("T")
V = TypeVar("V", bound=Versioned)


_SMALL_FILE = 200_000
"""Bytes up to which a file is read and kept before it is asked for."""


class DefinitionCache:
    """What one process remembers of the installation's definitions. ``limit`` bounds the compiled things it keeps."""

    def __init__(self, *, limit: int = 1_000) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._catalogue: Catalogue | None = None

    def for_work(self, work: Work) -> BoundDefinitions:
        """The definitions as ``work``'s transaction sees them; no statement while nothing was deployed, except one for
        the epoch when no locking statement of the transaction has read it.
        """
        if work.epoch is None:
            work.epoch = work.session.scalar(select(epoch_column())) or 0
        catalogue = self.catalogue(work.session, work.epoch)
        return BoundDefinitions(self, work.session, catalogue, work.sancha.working_time, work.now)

    def catalogue(self, session: Session, epoch: int) -> Catalogue:
        """The catalogue of ``epoch``, which the caller read in this transaction before it changed anything."""
        known = self._catalogue
        if known is not None and known.epoch == epoch:
            return known
        read = read_catalogue(session, epoch)
        if epoch < 0:
            return read
        with self._lock:
            if self._catalogue is None or self._catalogue.epoch < epoch:
                self._catalogue = read
        return read

    def keep(self, entries: Mapping[Hashable, object]) -> None:
        """Remember ``entries``, which were read together, and forget what was used longest ago."""
        with self._lock:
            self._kept.update(entries)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for ``key`` before, else ``make()``; two threads may both make it, one result stays."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast(T, self._kept[key])
        made = make()
        self.keep({key: made})
        return made


@dataclasses.dataclass(frozen=True, slots=True)
class BoundDefinitions:
    """The kernel's `Definitions`, reading through one session; also what commands ask about deployed things."""

    cache: DefinitionCache
    session: Session
    catalogue: Catalogue
    working_time: WorkingTime
    now: datetime

    def row(self, ref: str) -> DeployedProcess:
        """The deployed process ``key:version``. Raises `NotFound`."""
        found = self.catalogue.process(ref)
        if found is None:
            raise NotFound(f"There is no process {ref}.", definition=ref)
        return found

    def get(self, ref: str) -> Definition:
        """The compiled process ``key:version``. Raises `NotFound`; a statement only when it is not cached."""
        row = self.row(ref)
        return self.cache.kept(("process", row.digest, row.kernel, ref), lambda: self._compile(row))

    def called(self, key: str, binding: Binding, version: int | None, caller_ref: str) -> Definition:
        """The process that a call activity of ``caller_ref`` calls now. Raises `NotDeployed`."""
        row = self._bound(self.catalogue.processes, key, binding, version, caller_ref)
        return self.get(row.ref)

    def decision(self, key: str, binding: Binding, version: int | None, caller_ref: str) -> DeployedDecision:
        """The decision that a business rule task of ``caller_ref`` takes now; bound to the latest, the version that
        counts now. Raises `NotDeployed`.
        """
        if binding is Binding.LATEST:
            row = self.decision_at(key, self.now)
        else:
            row = self._bound(self.catalogue.decisions, key, binding, version, caller_ref)
        return self.deployed(row)

    def decision_at(self, key: str, at: datetime) -> DeployedFile:
        """The version of a decision that counts at ``at``. Raises `NotDeployed`."""
        row = self.catalogue.decisions.effective(key, at, lambda each: (each.effective_from, each.deployed_at))
        if row is None:
            raise NotDeployed(key, "")
        return row

    def deployed(self, row: DeployedFile) -> DeployedDecision:
        """The decision in that version; no statement when it is cached."""
        return DeployedDecision(row.ref, row.key, self._model(row))

    def form(self, ref: str, form: str) -> bytes:
        """The file of ``form`` for the process version ``ref``. Raises `NotFound`.

        A form that is mended alone counts for the process version that is the latest then, also for its running cases;
        one that comes together with the next version of the process, or after it, leaves this version alone.
        """
        process = self.row(ref)
        following = self.catalogue.processes.version(process.key, process.version + 1)
        forms = self.catalogue.forms
        row = forms.latest(form) if following is None else forms.as_of(form, following.deployment - 1)
        if row is None:
            raise NotFound(f"There is no form {form!r}.", form=form)
        return self.cache.kept(("form", row.digest), lambda: self._file(row.resource_id))

    def stored(self, name: str) -> object | None:
        """What the data store ``name`` holds, also from this very transaction; None for nothing. One statement."""
        return decode(self.session.scalar(select(DataStore.value).where(DataStore.name == name)))

    def add_working_time(self, start: datetime, duration: str, calendar: str) -> datetime:
        """``start`` (aware) plus working time of ``calendar``, in UTC."""
        return self.working_time.add(start, duration, calendar)

    def _bound(self, versions: Versions[V], key: str, binding: Binding, version: int | None, caller_ref: str) -> V:
        row: V | None
        match binding:
            case Binding.LATEST:
                row = versions.latest(key)
            case Binding.DEPLOYMENT:
                row = versions.as_of(key, self.row(caller_ref).deployment)
            case Binding.VERSION:
                row = None if version is None else versions.version(key, version)
        if row is None:
            raise NotDeployed(key, "" if version is None else str(version))
        return row

    def _compile(self, row: DeployedProcess) -> Definition:
        compiled = compile_model(self._file(row.resource_id), file=row.file, kernel=row.kernel)
        found = next((definition for definition in compiled if definition.key == row.key), None)
        if found is None:
            raise NotFound(f"The file {row.file} holds no process {row.key!r}.", definition=row.ref)
        return dataclasses.replace(found, ref=row.ref)

    def _model(self, row: DeployedFile) -> DecisionModel:
        return self.cache.kept(("decisions", row.digest), lambda: self._load(row))

    def _load(self, row: DeployedFile) -> DecisionModel:
        body = self._file(row.resource_id)
        model = load(body, source=row.file)
        if not model.problems:
            return model
        # What it imports was deployed together with it.
        beside = select(Resource.name, Resource.body).where(
            Resource.deployment_id == row.deployment_id, Resource.id != row.resource_id
        )
        found = {name: each for name, each in self.session.execute(beside) if name.endswith(DMN)}
        return load(body, source=row.file, files=found)

    def _file(self, resource_id: str) -> bytes:
        return self.cache.kept(("file", resource_id), lambda: self._files(resource_id))

    def _files(self, resource_id: str) -> bytes:
        """The file; the small ones deployed with it come along, because a case soon needs them as well."""
        own = aliased(Resource)
        deployment = select(own.deployment_id).where(own.id == resource_id).scalar_subquery()
        together = select(Resource.id, Resource.body).where(
            Resource.deployment_id == deployment,
            or_(Resource.id == resource_id, func.length(Resource.body) <= _SMALL_FILE),
        )
        found = dict(self.session.execute(together).all())
        self.cache.keep({("file", id): body for id, body in found.items() if id != resource_id})
        return found[resource_id]
