"""The house's configuration of the deployment check: which rules count, and what is deployed elsewhere.

A YAML file, by default ``sancha-lint.yaml`` in a folder above the models::

    rules:
      execution/no-sla: off
      execution/no-form: error
    topics: [payment.send]        # served by workers elsewhere
    roles: [TREASURER]            # beside the standard roles
    called: [P09_collection]      # processes deployed elsewhere
    decisions: [DMN-FX]           # decisions deployed elsewhere
    forms: [fx-request]           # forms deployed elsewhere

Errors say that the engine could not run the model as it is drawn, so they cannot be switched.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import yaml

from engine.kernel.check.rules import RULES, RULES_BY_ID
from engine.kernel.findings import Finding, Severity

FILE_NAME = "sancha-lint.yaml"
OFF = "off"
LEVELS = (OFF, *(severity.value for severity in (Severity.WARNING, Severity.ERROR)))
MAX_BYTES = 100_000
_LISTS = ("topics", "roles", "called", "decisions", "forms")


class ConfigurationError(ValueError):
    """The configuration cannot be used; the message is one line and names the file."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """``levels``: off, warning or error by rule id. The others name what exists outside the files; ``decisions`` and
    ``forms`` are None when the file does not list them, so that what is missing may still be deployed elsewhere.
    """

    levels: Mapping[str, str] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    decisions: frozenset[str] | None = None
    forms: frozenset[str] | None = None

    def applied(self, findings: Iterable[Finding]) -> list[Finding]:
        """``findings`` as this house wants them: without what is switched off, at the level that was chosen."""
        kept = []
        for finding in findings:
            level = self.levels.get(finding.rule)
            if level is None or not switchable(finding.rule):
                kept.append(finding)
            elif level != OFF:
                kept.append(replace(finding, severity=Severity(level)))
        return kept


def switchable(rule: str) -> bool:
    """Whether a rule may be switched: only what merely warns."""
    known = RULES_BY_ID.get(rule)
    return known is not None and known.severity is Severity.WARNING


def read_configuration(text: bytes, *, file: str) -> Configuration:
    """The configuration in a YAML file; an empty file configures nothing. Raises `ConfigurationError`."""
    if len(text) > MAX_BYTES:
        raise ConfigurationError(f"{file}: a configuration has at most {MAX_BYTES:,} bytes")
    try:
        given = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise ConfigurationError(f"{file}: this is not YAML: {' '.join(str(problem).split())}") from None
    if given is None:
        return Configuration()
    if not isinstance(given, dict):
        raise ConfigurationError(f"{file}: expected entries such as rules, topics and roles")
    for name in given:
        if name not in ("rules", *_LISTS):
            hint = _hint(str(name), ("rules", *_LISTS))
            raise ConfigurationError(f"{file}: {str(name)!r} is no entry of a configuration{hint}")
    lists = {name: _names(given[name], name, file) for name in _LISTS if name in given}
    return Configuration(_levels(given.get("rules"), file), **lists)


def _levels(given: object, file: str) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise ConfigurationError(f"{file}: rules: expected rule ids with a level each")
    levels = {}
    for rule, level in given.items():
        if not isinstance(rule, str) or rule not in RULES_BY_ID:
            hint = _hint(str(rule), [known.id for known in RULES])
            raise ConfigurationError(f"{file}: rules: there is no rule {str(rule)!r}{hint}")
        text = OFF if level is False else level  # YAML 1.1 reads a bare off as false
        if not isinstance(text, str) or text not in LEVELS:
            raise ConfigurationError(f"{file}: rules: {rule}: {level!r} is no level; it can be {', '.join(LEVELS)}")
        if not switchable(rule) and text != Severity.ERROR:
            raise ConfigurationError(
                f"{file}: rules: {rule} is an error and cannot be set to {text}: the model could not be executed"
            )
        levels[rule] = text
    return levels


def _names(given: object, entry: str, file: str) -> frozenset[str]:
    if given is None:
        return frozenset()
    if not isinstance(given, list) or not all(isinstance(name, str) and name for name in given):
        raise ConfigurationError(f"{file}: {entry}: expected a list of names")
    return frozenset(given)


def _hint(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""
