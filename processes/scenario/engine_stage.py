"""The stage that drives the real engine in this process, on a database of its own and a clock that is moved."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from engine.access import SYSTEM, Principal
from engine.clock import move_clock, read_clock
from engine.commands.assign_task import assign_task
from engine.commands.claim_task import claim_task
from engine.commands.complete_task import complete_task
from engine.commands.correlate_message import correlate_message
from engine.commands.release_task import release_task
from engine.commands.start_instance import start_instance
from engine.errors import EngineError
from engine.jobs.tick import run_due
from engine.model.instance import BusinessClock, ProcessInstance, Step
from engine.model.job import READY, Job
from engine.model.subscription import Subscription
from engine.model.task import OPEN, UserTask
from engine.queries.instances import instance_variables
from engine.runtime import Sancha, Work
from processes.organisation import accounts
from processes.registers import case_rows
from processes.scenario.play import Failed, OpenTask, Refused

WORKER = "scenario"
MAX_JOBS = 10_000


@dataclass(slots=True)
class ScriptedCounterparties:
    """Stands where the way out is: takes every request, answers look-ups from the scenario's ``answers``.

    ``answers`` maps ``GET <path>`` to one answer or a list of answers given in turn, the last again and again.
    """

    answers: Mapping[str, Any]
    sent: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    _given: Counter[str] = field(default_factory=Counter)

    def post(self, url: str, body: Mapping[str, object], *, key: str) -> Mapping[str, object]:
        """Accepted, and remembered."""
        self.sent.append((url, dict(body)))
        return {"accepted": True, "key": key}

    def get(self, url: str) -> Mapping[str, object]:
        """The scripted answer. Raises LookupError when the scenario has none for this address."""
        name = next((name for name in self.answers if url.endswith(name.removeprefix("GET ").strip())), None)
        if name is None:
            raise LookupError(f"the scenario has no answer for GET {url}")
        given = self.answers[name]
        options = given if isinstance(given, list) else [given]
        answer: Mapping[str, object] = options[min(self._given[name], len(options) - 1)]
        self._given[name] += 1
        return answer


class EngineStage:
    """Plays on ``sancha``. Due jobs run after every verb, in order of their instants."""

    def __init__(self, sancha: Sancha, starts_at: datetime) -> None:
        self._sancha = sancha
        self._numbers = itertools.count(1)
        self._set_clock(starts_at)

    def start(self, process: str, by: str, variables: Mapping[str, Any]) -> str:
        """Start a case and return its id."""
        case: str = self._do(by, lambda work: start_instance(work, key=process, variables=variables).id)
        return case

    def tasks(self, case: str) -> list[OpenTask]:
        """The open tasks of the case, oldest first."""
        columns = (UserTask.id, UserTask.element, UserTask.assignee, UserTask.role, UserTask.due)
        wanted = select(*columns).where(UserTask.root_id == case, UserTask.status == OPEN).order_by(UserTask.id)
        with self._sancha.store.transaction(write=False) as session:
            return [OpenTask(*row) for row in session.execute(wanted)]

    def claim(self, task: str, by: str) -> None:
        """``by`` takes the task."""
        self._do(by, lambda work: claim_task(work, task))

    def release(self, task: str, by: str) -> None:
        """``by`` gives the task back."""
        self._do(by, lambda work: release_task(work, task))

    def assign(self, task: str, by: str, to: str) -> None:
        """``by`` gives the task to ``to``."""
        self._do(by, lambda work: assign_task(work, task, to))

    def complete(self, task: str, by: str, data: Mapping[str, Any]) -> None:
        """``by`` finishes the task."""
        self._do(by, lambda work: complete_task(work, task, data))

    def callback(self, case: str, message: str, key: str | None, payload: Callable[[str], Mapping[str, Any]]) -> None:
        """Answer ``key``, or every open wait of the case for this message. Raises `Failed` when there is none."""
        for found in [key] if key is not None else self._awaited(case, message):
            number = f"{message}-{next(self._numbers)}"
            content = dict(payload(found))
            self._send(message, found, number, content)

    def advance(self, to: datetime) -> None:
        """Move business time to ``to``, stopping at each job that comes due on the way."""
        for _ in range(MAX_JOBS):
            due = self._next_due(to)
            if due is None:
                break
            self._move_to(due)
            self._run()
        else:
            raise Failed(f"more than {MAX_JOBS} jobs came due before {to.isoformat()}")
        self._move_to(to)

    def now(self) -> datetime:
        """Business time, aware, UTC."""
        with self._sancha.store.transaction(write=False) as session:
            return read_clock(session).business

    def facts(self, case: str) -> Mapping[str, Any]:
        """See `processes.scenario.expect`."""
        with self._sancha.work(SYSTEM, write=False) as work:
            tree = work.session.scalars(
                select(ProcessInstance).where(ProcessInstance.root_id == case).order_by(ProcessInstance.id)
            ).all()
            root = next(row for row in tree if row.id == case)
            variables: dict[str, Any] = {}
            for row in tree:
                if row.status == "active":
                    variables.update(instance_variables(work, row.id))
            done = select(Step.element).where(Step.root_id == case, Step.outcome == "completed")
            instances: dict[str, list[str]] = {}
            for row in tree:
                instances.setdefault(row.definition_key, []).append(row.status)
            return {
                "status": root.status,
                "end_event": root.end_event,
                "variables": variables,
                "instances": instances,
                "history": Counter(work.session.scalars(done)),
                "rows": case_rows(work.session, root.business_key),
            }

    def _do(self, by: str, command: Callable[[Work], Any]) -> Any:
        role, unit = accounts().get(by, (None, None))
        if role is None or unit is None:
            raise Failed(f"the model organisation has no account {by!r}")
        result = self._command(Principal(by, frozenset({(role, unit)})), command)
        self._run()
        return result

    def _command(self, principal: Principal, command: Callable[[Work], Any]) -> Any:
        try:
            with self._sancha.work(principal) as work:
                return command(work)
        except EngineError as error:
            errors = getattr(error, "errors", None)
            raise Refused(error.code, f"{error.message} {errors}" if errors else error.message) from error

    def _send(self, message: str, key: str, number: str, payload: Mapping[str, Any]) -> None:
        def command(work: Work) -> Any:
            return correlate_message(work, source="scenario", message_id=number, name=message, key=key, payload=payload)

        self._command(SYSTEM, command)
        self._run()

    def _awaited(self, case: str, message: str) -> list[str]:
        wanted = select(Subscription.key).where(Subscription.root_id == case, Subscription.name == message)
        with self._sancha.store.transaction(write=False) as session:
            keys = list(session.scalars(wanted.order_by(Subscription.id)))
        if not keys:
            raise Failed(f"the case does not wait for {message}")
        return keys

    def _run(self) -> None:
        """Run what is due until nothing is."""
        for _ in range(MAX_JOBS):
            if run_due(self._sancha, WORKER) == 0:
                return
        raise Failed("jobs keep coming due without end")

    def _next_due(self, until: datetime) -> datetime | None:
        wanted = select(Job.due).where(Job.status == READY, Job.suspended.is_(False), Job.due <= until)
        with self._sancha.store.transaction(write=False) as session:
            return session.scalar(wanted.order_by(Job.due).limit(1))

    def _move_to(self, instant: datetime) -> None:
        with self._sancha.store.transaction() as session:
            missing = (instant - read_clock(session).business).total_seconds()
            if missing > 0:
                # Rounded up: a job due at a fraction of a second is due after the move.
                move_clock(session, timedelta(seconds=int(missing) + 1))

    def _set_clock(self, instant: datetime) -> None:
        with self._sancha.store.transaction() as session:
            offset = int((instant.astimezone(UTC) - read_clock(session).raw).total_seconds())
            session.execute(delete(BusinessClock))
            session.add(BusinessClock(id=1, offset_seconds=offset))
