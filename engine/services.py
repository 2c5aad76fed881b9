"""Handlers of service and send tasks, by topic.

A **local** handler runs inside the transaction that settles its job: it reads and writes register tables through the
session and does no I/O. A **remote** handler runs outside any transaction: it talks to a third party and returns what
it learnt; its result is settled afterwards, when the fencing token of its lease is checked. Both return the variables
to write (through the task's output mappings or its result variable), or raise `BusinessError` to throw a BPMN error or
`BusinessEscalation` to raise an escalation with them. Any other exception counts as a failed attempt, which is retried
with backoff and ends in an incident.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session


class BusinessError(Exception):
    """The work was done and its outcome is a BPMN error with ``code``, for the process to catch."""

    def __init__(self, code: str, message: str = "", variables: Mapping[str, object] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.variables = dict(variables or {})


class BusinessEscalation(Exception):
    """The work was done, and somebody should know: an escalation with ``code`` that carries ``variables``, for the
    process to catch. ``result`` are the variables that the handler returns: they are written, and the task goes on,
    unless what catches the escalation interrupts it.
    """

    def __init__(
        self,
        code: str,
        variables: Mapping[str, object] | None = None,
        *,
        result: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.variables = dict(variables or {})
        self.result = dict(result or {})


Raised = BusinessError | BusinessEscalation
"""What a handler raises to say how its work turned out; any other exception says that it was not done."""


class WorkingTime(Protocol):
    """Deadline arithmetic in business calendars; instants are aware, UTC."""

    def add(self, start: datetime, duration: str, calendar: str | None = None) -> datetime:
        """``start`` plus an ISO 8601 ``duration`` of working time."""
        ...


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """What a handler is told.

    ``instance_id`` and ``root_id`` are process instance ids, ``business_key`` the root's case number, ``key`` stays the
    same for every attempt of this very piece of work (use it as idempotency key towards third parties), ``attempt``
    counts from 1, ``now`` is business time (aware, UTC). ``callback_url`` is the signed address for an answer.
    """

    topic: str
    root_id: str
    instance_id: str
    business_key: str
    element: str
    key: str
    attempt: int
    now: datetime
    variables: Mapping[str, object]
    working_time: WorkingTime
    callback_url: Callable[[str, str], str]


class Outgoing(Protocol):
    """The only way out for remote handlers: JSON over HTTP to an allowed host, no redirects, bounded time and size."""

    def post(self, url: str, body: Mapping[str, object], *, key: str) -> Mapping[str, object]:
        """The JSON object answered to ``body``; ``key`` travels as Idempotency-Key."""
        ...

    def get(self, url: str) -> Mapping[str, object]:
        """The JSON object at ``url``."""
        ...


class OutgoingRefused(Exception):
    """The address may not be called, or the body is not JSON; trying again cannot help, so the job gives up at once."""


class NoOutgoing:
    """An `Outgoing` without a single allowed host."""

    def post(self, url: str, body: Mapping[str, object], *, key: str) -> Mapping[str, object]:
        """Raises `OutgoingRefused`."""
        raise OutgoingRefused("this installation may call no host")

    def get(self, url: str) -> Mapping[str, object]:
        """Raises `OutgoingRefused`."""
        raise OutgoingRefused("this installation may call no host")


LocalHandler = Callable[[ServiceCall, Session], Mapping[str, object]]
RemoteHandler = Callable[[ServiceCall, Outgoing], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Handler:
    """Exactly one of ``local`` and ``remote`` is set. ``max_attempts`` bounds the retries."""

    topic: str
    local: LocalHandler | None = None
    remote: RemoteHandler | None = None
    max_attempts: int = 4

    def __post_init__(self) -> None:
        if (self.local is None) == (self.remote is None):
            raise ValueError(f"handler {self.topic!r} must be either local or remote")


class Handlers:
    """The topics this deployment can serve."""

    def __init__(self, handlers: Iterable[Handler] = ()) -> None:
        self._by_topic: dict[str, Handler] = {}
        for handler in handlers:
            self.register(handler)

    def register(self, handler: Handler) -> None:
        """Adds ``handler``; a second one for the same topic raises ValueError."""
        if handler.topic in self._by_topic:
            raise ValueError(f"topic {handler.topic!r} has two handlers")
        self._by_topic[handler.topic] = handler

    def get(self, topic: str) -> Handler | None:
        """The handler of ``topic``, or None."""
        return self._by_topic.get(topic)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._by_topic))
