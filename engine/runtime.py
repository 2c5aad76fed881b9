"""What a command works with: the wired engine, and one transaction of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine.access import Principal
from engine.callbacks import CallbackKeys
from engine.clock import read_clock
from engine.lint.configuration import Configuration
from engine.services import Handlers, NoOutgoing, Outgoing
from engine.store import Store

if TYPE_CHECKING:
    from engine.audit.chain import AuditTrail
    from engine.definitions import DefinitionCache
    from engine.kernel.findings import Finding
    from engine.queries.documents import DocumentView
    from engine.working_time import WorkingTime

CaseDocuments = Callable[[Sequence[str]], "Mapping[str, DocumentView]"]
"""(ids) -> those that are documents of the case at hand, by id."""
FormCheck = Callable[[bytes, Mapping[str, object], Mapping[str, object], datetime, CaseDocuments], Mapping[str, object]]
"""(form file, submitted data, visible variables, business time, the case's documents) -> cleaned variables; raises
`FormRefused`. Given by the web layer, because forms know marshmallow and the engine does not."""
FormExamination = Callable[[str, bytes], "Iterable[Finding]"]
"""(file name, content) -> what is wrong with a form that is to be deployed; likewise."""


def no_examination(file: str, body: bytes) -> Iterable[Finding]:
    """Of an installation that deploys forms unseen."""
    return ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes a command refuses to exceed, in bytes."""

    model_bytes: int = 10_000_000
    variables_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Sancha:
    """One installation: its database, what it has deployed (cached), its handlers, calendars and audit trail.

    ``callbacks`` signs the addresses given to third parties and checks their answers; ``outgoing`` is the way to them.
    ``lint`` is what the house made of the deployment check.
    """

    store: Store
    definitions: DefinitionCache
    working_time: WorkingTime
    audit: AuditTrail
    handlers: Handlers
    check_form: FormCheck
    callbacks: CallbackKeys
    outgoing: Outgoing = field(default_factory=NoOutgoing)
    limits: Limits = field(default_factory=Limits)
    default_kernel: str = "machine"
    lint: Configuration = field(default_factory=Configuration)
    examine_form: FormExamination = no_examination

    @contextmanager
    def work(self, principal: Principal, *, write: bool = True) -> Iterator[Work]:
        """One transaction on behalf of ``principal``; see `Store.transaction` for commit, rollback and errors."""
        with self.store.transaction(write=write) as session:
            clock = read_clock(session)
            yield Work(self, session, principal, now=clock.business, raw_now=clock.raw)


@dataclass(slots=True)
class Work:
    """One command's transaction. ``now`` is business time, ``raw_now`` the database's; both read once, aware, UTC.

    ``on_behalf_of`` names the person a substitute acts for. ``epoch`` counts the changes of what is deployed, as a
    locking statement saw it (`engine.execution.epoch`); None until one did.
    """

    sancha: Sancha
    session: Session
    principal: Principal
    now: datetime
    raw_now: datetime
    on_behalf_of: str | None = None
    epoch: int | None = None
