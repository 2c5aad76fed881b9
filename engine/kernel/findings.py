"""What the deployment check has to say about a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Severity(StrEnum):
    """An ``error`` refuses the deployment; a ``warning`` is shown to the designer."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about one place. ``rule`` is ``family/name`` and stable; ``line`` and ``column`` count from 1 and are
    0 when the place is unknown; ``element`` is the nearest element id, ``name`` the name shown in the diagram.
    ``message`` says what is wrong, ``advice`` what to do about it.
    """

    rule: str
    severity: Severity
    file: str
    line: int
    column: int
    element: str
    name: str
    message: str
    advice: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        what = f" {self.element}" if self.element else ""
        named = f" ({self.name})" if self.name else ""
        colon = ":" if what or named else ""
        return f"{where}: {self.severity}:{what}{named}{colon} {self.message} [{self.rule}]"


class ModelRefused(ValueError):
    """The model has findings of severity error; ``findings`` are all of them, warnings too, in the file's order."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [finding for finding in self.findings if finding.severity is Severity.ERROR]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{errors[0]}{more}" if errors else "the model was refused")


class Place(Protocol):
    """Something in the file that a finding can point at."""

    @property
    def owner(self) -> str:
        """The id of the element, or of the nearest one around it that has an id."""

    @property
    def title(self) -> str:
        """The name of that element."""

    @property
    def line(self) -> int:
        """From 1."""

    @property
    def column(self) -> int:
        """From 1."""


class Report:
    """Collects findings about one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._findings: list[Finding] = []

    def error(self, rule: str, place: Place, message: str, advice: str = "") -> None:
        """The model cannot be deployed as it is."""
        self._add(rule, Severity.ERROR, place, message, advice)

    def warning(self, rule: str, place: Place, message: str, advice: str = "") -> None:
        """The model can be deployed, but the designer should know."""
        self._add(rule, Severity.WARNING, place, message, advice)

    def _add(self, rule: str, severity: Severity, place: Place, message: str, advice: str) -> None:
        self._findings.append(
            Finding(rule, severity, self.file, place.line, place.column, place.owner, place.title, message, advice)
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """In the order of the file, each once."""
        return tuple(sorted(dict.fromkeys(self._findings), key=lambda found: (found.line, found.column)))

    @property
    def refused(self) -> bool:
        """Whether an error was reported."""
        return any(finding.severity is Severity.ERROR for finding in self._findings)
