"""The DMN files of a deployment: what each holds, from when on it counts, and what is wrong with it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from engine.dmn import DecisionModel, DmnError, load
from engine.dmn.analysis import analyse
from engine.dmn.elements import Decision, Service, Target
from engine.dmn.typed import misfits
from engine.dmn.xml import child, children, parse
from engine.kernel.event_definitions import HOUSE_ZONE
from engine.kernel.findings import Finding, Severity

EFFECTIVE_FROM = "effectiveFrom"


@dataclass(frozen=True, slots=True)
class FoundDecision:
    """A decision or decision service of a file; ``names`` are the variables that it reads. ``broken``: the mistake that
    keeps it from being made, its own or that of something it needs; None for none.
    """

    key: str
    name: str
    names: frozenset[str]
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """``digest``: of the file, of what it imports and of the date given with the deployment: of all that decides what
    it means. ``effective_from``: since when it counts, None for since it is deployed.
    """

    digest: str
    effective_from: datetime | None
    decisions: tuple[FoundDecision, ...]
    findings: tuple[Finding, ...]


def read_decision_file(
    file: str, body: bytes, beside: Mapping[str, bytes], effective_from: datetime | None = None
) -> DecisionFile:
    """Read one DMN file; ``beside`` are those that it may import. ``effective_from`` (aware) is for files that do not
    say it themselves. Never raises for what the file says.
    """
    digest = hashlib.sha256(body).hexdigest()
    try:
        model = load(body, source=file, files={name: each for name, each in beside.items() if name != file})
    except DmnError as error:
        return DecisionFile(digest, None, (), (_error(file, error),))
    own_mistakes = {id(problem) for each in model.targets() for problem in _mistakes(each)}
    findings = [
        _broken(file, problem) if id(problem) in own_mistakes else _error(file, problem) for problem in model.problems
    ]
    findings += (
        Finding(each.rule, Severity.WARNING, file, each.line or 0, 0, each.element, "", each.message, each.advice)
        for each in analyse(model)
    )
    findings += (
        Finding(
            "dmn/types",
            Severity.WARNING,
            file,
            each.line or 0,
            0,
            each.element,
            "",
            each.message,
            "compare and calculate values of one type; convert with number(...), string(...) or date(...)",
        )
        for each in misfits(body, model, file)
    )
    try:
        own = written_instant(model.properties.get(EFFECTIVE_FROM) or None)
    except ValueError as error:
        own = None
        findings.append(_finding("dmn/effective-from", file, str(error), "write 2026-07-01, or an instant with zone"))
    parts = sorted(hashlib.sha256(each).hexdigest() for each in _imported(body, file, beside))
    if own is None and effective_from is not None:
        parts.append(effective_from.isoformat())
    if parts:
        digest = hashlib.sha256("\n".join((digest, *parts)).encode()).hexdigest()
    return DecisionFile(digest, own or effective_from, tuple(_decisions(model)), tuple(findings))


def written_instant(text: str | None) -> datetime | None:
    """A day (its beginning in the house's zone) or an instant with its zone, as it is written. Raises ValueError."""
    if text is None:
        return None
    text = text.strip()
    try:
        if len(text) == len("2026-07-01"):
            return datetime.combine(date.fromisoformat(text), time(), ZoneInfo(HOUSE_ZONE))
        value = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{EFFECTIVE_FROM} {text[:40]!r} is neither a day nor an instant") from None
    if value.tzinfo is None:
        raise ValueError(f"{EFFECTIVE_FROM} {text[:40]!r} needs a time zone")
    return value


def _decisions(model: DecisionModel) -> Iterator[FoundDecision]:
    found: list[Decision | Service] = [*model.decisions.values(), *model.services.values()]
    for each in found:
        mistake = next((problem.message for problem in _all_mistakes(each)), None)
        yield FoundDecision(each.id, each.label or each.name, each.input_names, mistake)


def _mistakes(target: Target) -> tuple[DmnError, ...]:
    """What is wrong with the logic of a decision or function itself."""
    return () if isinstance(target, Service) else target.problems


def _all_mistakes(target: Target) -> Iterator[DmnError]:
    """The same, with everything that it needs."""
    seen: set[int] = set()
    waiting: list[Target] = [target]
    while waiting:
        at = waiting.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        yield from _mistakes(at)
        if isinstance(at, Service):
            waiting += [*at.outputs, *at.making]
        else:
            waiting += [known for _, known in at.knowledge]
            waiting += at.making if isinstance(at, Decision) else ()


def _imported(body: bytes, file: str, beside: Mapping[str, bytes]) -> list[bytes]:
    """The files that one imports, and that those import. Others are read only when there is an import at all."""
    own = parse(body, file)
    if child(own, "import") is None:
        return []
    roots = {}
    for name, each in beside.items():
        try:
            root = parse(each, name)
        except DmnError:
            continue
        roots[root.get("namespace") or ""] = (each, root)
    found: dict[str, bytes] = {}
    waiting = [own]
    while waiting:
        for element in children(waiting.pop(), "import"):
            namespace = element.get("namespace") or ""
            if namespace in roots and namespace not in found:
                found[namespace], root = roots[namespace]
                waiting.append(root)
    return list(found.values())


def is_imported_only(body: bytes, file: str) -> bool:
    """Whether a DMN file holds nothing that can be asked for by itself: types and functions for others."""
    try:
        return child(parse(body, file), "decision", "decisionService") is None
    except DmnError:
        return False


def _error(file: str, error: DmnError) -> Finding:
    return Finding(
        "deployment/decision", Severity.ERROR, file, error.line or 0, 0, error.element_id or "", "", error.message
    )


def _broken(file: str, error: DmnError) -> Finding:
    """One mistake keeps no other decision from being made (DMN 1.5, 10.2); whoever asks for this one is told."""
    return Finding(
        "dmn/broken",
        Severity.WARNING,
        file,
        error.line or 0,
        0,
        error.element_id or "",
        "",
        f"this decision cannot be made: {error.message}",
        "correct it in a DMN editor; the other decisions of the file can be made",
    )


def _finding(rule: str, file: str, message: str, advice: str) -> Finding:
    return Finding(rule, Severity.ERROR, file, 0, 0, "", "", message, advice)
