"""What `advance` raises when a stimulus cannot be applied; the caller's state is then untouched.

What goes wrong *inside* a running instance (an expression that fails, a missing definition) is no exception: it leaves
the token failed, with a `StepFailed` effect whose ``code`` is one of `Code`.
"""

from __future__ import annotations

from enum import StrEnum


class KernelError(Exception):
    """Base of everything the kernel raises on purpose."""


class NotWaiting(KernelError):
    """The token or wait does not exist any more, or does not wait for such a stimulus.

    Completing a finished task, firing a cleared timer and settling withdrawn work end here. ``handle`` is the id.
    """

    def __init__(self, handle: str) -> None:
        super().__init__(f"{handle} does not wait for this")
        self.handle = handle


class NotDeployed(KernelError):
    """There is no such process or decision in the version asked for; raised by a `Definitions`. ``key`` names it."""

    def __init__(self, key: str, version: str = "") -> None:
        super().__init__(f"'{key}'{f' version {version}' if version else ''} is not deployed")
        self.key = key
        self.version = version


class DecisionFailed(KernelError):
    """A decision has no output for its inputs; raised by `BoundDecision.evaluate`, with the reason."""


class NoSuchStart(KernelError):
    """The process has no start event of that id, or no none start event when none was named."""

    def __init__(self, definition: str, event: str | None) -> None:
        super().__init__(f"{definition} has no {f'start event {event!r}' if event else 'none start event'}")
        self.definition = definition
        self.event = event


class AlreadyStarted(KernelError):
    """The state already holds a running instance."""

    def __init__(self) -> None:
        super().__init__("the state already holds a running instance")


class NoSuchScope(KernelError):
    """The scope ended or never was. ``scope`` is its id."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"there is no scope {scope}")
        self.scope = scope


class UnsupportedValue(KernelError):
    """A variable has a type (or a nesting depth) that a state cannot keep exactly; the message names it."""


class UnreadableState(KernelError):
    """A stored scope was written by a later version, or is damaged."""


class Code(StrEnum):
    """Why a token failed (`StepFailed.code`)."""

    EXPRESSION = "EXPRESSION_FAILED"
    """An expression could not be evaluated; an unknown variable has its own code."""
    UNKNOWN_VARIABLE = "UNKNOWN_VARIABLE"
    NOT_BOOLEAN = "CONDITION_NOT_BOOLEAN"
    """A condition gave neither true nor false; null (nothing to compare) counts as neither."""
    NO_FLOW = "NO_FLOW"
    """No outgoing flow's condition is true and there is no default flow."""
    BAD_VALUE = "BAD_VALUE"
    """An attribute's expression gave a value of the wrong type."""
    TIMER = "TIMER_INVALID"
    NOT_DEPLOYED = "NOT_DEPLOYED"
    NO_START = "NO_START"
    DECISION = "DECISION_FAILED"
    JOB = "JOB_FAILED"
    """A service handler gave up after its retries."""
    UNCAUGHT_ERROR = "UNCAUGHT_ERROR"
    JOIN_STUCK = "JOIN_STUCK"
    """A parallel join waits for a flow that no token can reach any more."""
    LOOP_LIMIT = "LOOP_LIMIT"
    """One stimulus set off more steps than allowed: most likely a loop in which nothing waits."""
