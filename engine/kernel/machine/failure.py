"""The exception inside the machine for "this token cannot go on"; it never leaves `advance`."""

from __future__ import annotations

from engine.kernel.errors import Code


class StepFailure(Exception):
    """The step fails with ``code`` and ``message``. Raised before the step changes anything."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
