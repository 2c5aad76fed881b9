"""What can go wrong, named by outcome. The API maps each class to a status and a problem document in one table.

Every error has a ``code`` (stable, for programs), a message (a sentence for a person) and ``details`` (JSON values).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime


class EngineError(Exception):
    """Base of all errors the engine raises on purpose; the transaction is rolled back and nothing has changed."""

    code = "engine-error"

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = {name: value for name, value in details.items() if value is not None}


class NotFound(EngineError):
    """It does not exist, or this person may not know that it does."""

    code = "not-found"


class Forbidden(EngineError):
    """The person may see it but not do this."""

    code = "forbidden"


class ExcludedPerformer(Forbidden):
    """Segregation of duties: the person performed a task of this case that excludes this one."""

    code = "excluded-performer"


class InvalidInput(EngineError):
    """A value cannot be accepted; ``errors`` maps field paths to messages."""

    code = "invalid-input"

    def __init__(self, message: str, errors: Mapping[str, Sequence[object]] | None = None, **details: object) -> None:
        super().__init__(message, **details)
        self.errors = {path: list(found) for path, found in (errors or {}).items()}


class FormRefused(InvalidInput):
    """The form data does not satisfy the form; ``errors`` per field path, in Chinese and English."""

    code = "form-refused"


class TooLarge(EngineError):
    """More bytes than a setting allows."""

    code = "too-large"


class DecisionNotMade(InvalidInput):
    """The decision has no result for these inputs, or takes more than an evaluation may."""

    code = "decision-failed"


class DataTooLarge(TooLarge, InvalidInput):
    """Variables have more bytes than a setting allows; ``errors`` names the one that goes over it."""

    code = "too-large"


class DeploymentRefused(EngineError):
    """A file of the deployment cannot run as it is; ``findings`` say where and why."""

    code = "deployment-refused"

    def __init__(self, message: str, findings: Sequence[Mapping[str, object]]) -> None:
        super().__init__(message)
        self.findings = list(findings)


class Conflict(EngineError):
    """The thing is no longer as the request assumed. ``who`` and ``when`` say who changed it, if known."""

    code = "conflict"

    def __init__(
        self, message: str, *, who: str | None = None, when: datetime | None = None, **details: object
    ) -> None:
        super().__init__(message, who=who, when=when.isoformat() if when else None, **details)


class StaleRevision(Conflict):
    """Someone changed it since the revision the request named."""

    code = "stale-revision"


class TaskAlreadyClaimed(Conflict):
    """Another person holds the task."""

    code = "task-already-claimed"


class TaskAlreadyCompleted(Conflict):
    """The task was finished, also for the person who did it."""

    code = "task-already-completed"


class TaskCancelled(Conflict):
    """The process no longer needs the task."""

    code = "task-cancelled"


class TaskNotClaimed(Conflict):
    """The task must be claimed before this."""

    code = "task-not-claimed"


class InstanceEnded(Conflict):
    """The case is over."""

    code = "instance-ended"


class InstanceSuspended(Conflict):
    """The case is suspended: nothing moves until it is resumed."""

    code = "instance-suspended"


class LeaseLost(Conflict):
    """A worker's result came after its lease was given to another: the fencing token is older."""

    code = "lease-lost"


class Drawstop(Conflict):
    """Drawdowns of this financing are stopped."""

    code = "drawstop"


class DuplicateName(Conflict):
    """The name is taken."""

    code = "duplicate-name"


class IdempotencyMismatch(EngineError):
    """The idempotency key was used before with another body."""

    code = "idempotency-mismatch"


class NotAuthenticated(EngineError):
    """No valid session or token, or wrong name or password."""

    code = "not-authenticated"


class TooManyAttempts(EngineError):
    """Rate limit reached; ``retry_after`` (seconds) says when to try again."""

    code = "too-many-attempts"


class CallbackRefused(EngineError):
    """A callback's signature, timestamp or nonce is not acceptable."""

    code = "callback-refused"


class Unavailable(EngineError):
    """The database cannot be reached or written now; nothing was changed; try again."""

    code = "unavailable"
