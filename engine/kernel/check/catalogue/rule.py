"""What the catalogue says about a rule."""

from __future__ import annotations

from dataclasses import dataclass

from engine.kernel.findings import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the deployment check. ``id`` is ``family/name`` and stable; ``severity`` the gravest that it reports;
    ``text`` one sentence for the designer; ``section`` that of BPMN 2.0.2 it comes from, "" for a rule of the engine.
    """

    id: str
    severity: Severity
    text: str
    section: str = ""


def error(id: str, text: str, section: str = "") -> Rule:
    """A rule whose violation refuses the deployment."""
    return Rule(id, Severity.ERROR, text, section)


def warning(id: str, text: str, section: str = "") -> Rule:
    """A rule whose violation is only told."""
    return Rule(id, Severity.WARNING, text, section)
