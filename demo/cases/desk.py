"""Lets people of the model organisation act on the real engine, each with their own permissions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from demo.cases.project import Project
from demo.cases.quiet import QuietCounterparties
from demo.cases.timetable import Timetable
from engine.access import SYSTEM, Principal
from engine.clock import move_clock, read_clock
from engine.commands.add_comment import add_comment
from engine.commands.attach_document import attach_document
from engine.commands.claim_task import claim_task
from engine.commands.complete_task import complete_task
from engine.commands.correlate_message import correlate_message
from engine.commands.save_draft import save_draft
from engine.commands.start_instance import start_instance
from engine.commands.suspend_instance import suspend_instance
from engine.documents import DocumentStore
from engine.jobs.tick import run_due
from engine.model.job import READY, Job
from engine.model.subscription import Subscription
from engine.model.task import OPEN, UserTask
from engine.runtime import Sancha, Work
from processes.organisation import accounts

WORKER = "demonstration"
PROCESS = "P00_project_lifecycle"
T = TypeVar("T")


class StoryFailed(Exception):
    """A story asks for something that the case does not offer; the message says what, and what there is."""


@dataclass(slots=True)
class Desk:
    """Where the stories happen: the engine, business time, documents, counterparties."""

    sancha: Sancha
    parties: QuietCounterparties
    folder: DocumentStore
    times: Timetable
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        with self.sancha.store.transaction(write=False) as session:
            self.now = read_clock(session).business

    def open(self, project: Project, by: str) -> Case:
        """``by`` starts a case for ``project``."""
        begun = self.act(by, lambda work: start_instance(work, key=PROCESS, variables=project.application()))
        case = Case(self, project, begun.id, begun.business_key)
        self.run()
        return case

    def act(self, by: str, command: Callable[[Work], T]) -> T:
        """Run ``command`` as ``by``, in a transaction of its own."""
        duty = accounts()[by]
        with self.sancha.work(Principal(by, frozenset({duty}))) as work:
            return command(work)

    def run(self) -> None:
        """Run what is due."""
        run_due(self.sancha, WORKER)

    def advance(self, to: datetime) -> None:
        """Move business time to ``to``, stopping at each job that comes due on the way; never backward."""
        while (due := self._next_due(to)) is not None:
            self._move(due)
            self.run()
        self._move(to)

    def _next_due(self, until: datetime) -> datetime | None:
        wanted = select(Job.due).where(Job.status == READY, Job.suspended.is_(False), Job.due <= until)
        with self.sancha.store.transaction(write=False) as session:
            return session.scalar(wanted.order_by(Job.due).limit(1))

    def _move(self, to: datetime) -> None:
        with self.sancha.store.transaction() as session:
            self.now = read_clock(session).business
            missing = (to - self.now).total_seconds()
            if missing > 0:
                # Rounded up: a job due at a fraction of a second is due after the move.
                move_clock(session, timedelta(seconds=int(missing) + 1))
                self.now += timedelta(seconds=int(missing) + 1)


@dataclass(slots=True)
class Case:
    """A running case; people are named by their accounts, tasks by their elements."""

    desk: Desk
    project: Project
    id: str
    number: str

    def do(self, element: str, by: str, data: Mapping[str, Any]) -> None:
        """``by`` takes the task unless they hold it, and completes it with ``data``; what follows by itself is done."""
        task = self.take(element, by)
        self.desk.act(by, lambda work: complete_task(work, task, data))
        self.desk.run()

    def take(self, element: str, by: str) -> str:
        """``by`` takes the task; returns its id."""
        task, holder = self._open_task(element, by)
        if holder is None:
            self.desk.act(by, lambda work: claim_task(work, task))
        return task

    def begin(self, element: str, by: str, draft: Mapping[str, Any]) -> None:
        """``by`` takes the task and leaves it half done."""
        task = self.take(element, by)
        self.desk.act(by, lambda work: save_draft(work, task, draft))

    def say(self, by: str, text: str) -> None:
        """``by`` writes a comment."""
        self.desk.act(by, lambda work: add_comment(work, self.id, text))

    def file(self, by: str, name: str, content: bytes) -> str:
        """``by`` attaches a document; returns its id, for a form."""
        stored = self.desk.folder.put(name, content)
        return self.desk.act(by, lambda work: attach_document(work, self.id, stored)).id

    def answer(self, message: str, payload: Callable[[str], Mapping[str, object]]) -> None:
        """The counterparty answers every question of this kind that is open; ``payload`` makes the answer to a key."""
        wanted = select(Subscription.key).where(Subscription.root_id == self.id, Subscription.name == message)
        with self.desk.sancha.store.transaction(write=False) as session:
            keys = list(session.scalars(wanted.order_by(Subscription.id)))
        if not keys:
            raise StoryFailed(f"{self.number} does not wait for {message}")
        for key in keys:
            self.desk.parties.answer(self.desk.sancha, message, key, payload(key))
            self.desk.run()

    def withdraw(self) -> None:
        """The client takes the application back."""
        with self.desk.sancha.work(SYSTEM) as work:
            correlate_message(
                work,
                source="client-portal",
                message_id=f"withdrawal-{self.number}",
                name="WITHDRAWAL",
                key=self.number,
                payload={},
            )
        self.desk.run()

    def suspend(self, by: str, reason: str) -> None:
        """``by`` halts the case."""
        self.desk.act(by, lambda work: suspend_instance(work, self.id, reason))

    def _open_task(self, element: str, by: str) -> tuple[str, str | None]:
        """Id and holder of the open task: the one that ``by`` holds, else a free one."""
        columns = (UserTask.id, UserTask.element, UserTask.assignee)
        wanted = select(*columns).where(UserTask.root_id == self.id, UserTask.status == OPEN).order_by(UserTask.id)
        with self.desk.sancha.store.transaction(write=False) as session:
            rows = session.execute(wanted).all()
        order = {by: 0, None: 1}
        found = sorted((row for row in rows if row.element == element), key=lambda row: order.get(row.assignee, 2))
        if not found:
            names = ", ".join(sorted({row.element for row in rows})) or "nothing"
            raise StoryFailed(f"{self.number}: {element} is not open; open is {names}")
        return found[0].id, found[0].assignee
