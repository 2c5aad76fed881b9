"""What can go wrong with a decision model; every error of `engine.dmn` derives from `DmnError`."""

from __future__ import annotations


class DmnError(Exception):
    """A model could not be read, or a decision could not be made.

    ``file`` is the model's source as given to `load`, ``line`` counts from 1 (None when unknown), ``element_id`` is
    the XML id of the nearest element that has one.
    """

    def __init__(self, message: str, file: str = "", line: int | None = None, element_id: str | None = None) -> None:
        place = ", ".join(
            part
            for part in (file, f"line {line}" if line else "", f"element {element_id}" if element_id else "")
            if part
        )
        super().__init__(f"{message} ({place})" if place else message)
        self.message = message
        self.file = file
        self.line = line
        self.element_id = element_id


class ModelInvalid(DmnError):
    """The model has problems; ``problems`` lists every one that was found, and the message shows them all."""

    def __init__(self, problems: tuple[DmnError, ...], file: str = "") -> None:
        first = problems[0]
        super().__init__("; ".join(str(problem) for problem in problems), "", None, None)
        self.problems = problems
        self.file = file
        self.line = first.line
        self.element_id = first.element_id


class UnknownDecision(DmnError):
    """The model has no decision of this id or name."""


class DecisionFailed(DmnError):
    """The decision has no result for these inputs: one is missing or not allowed, rules contradict each other, or an
    expression failed (the cause is the `engine.feel.FeelError`).
    """
