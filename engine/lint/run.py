"""Checks a set of files as one deployment, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.deployment.across import check_across, check_empty
from engine.deployment.reading import Contents, dmn_files, read_file
from engine.deployment.references import Known
from engine.kernel.check.advice import advised
from engine.kernel.findings import Finding, Severity
from engine.kernel.hostile import MAX_BYTES
from engine.lint.configuration import Configuration
from engine.runtime import FormExamination, no_examination

_NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Outcome:
    """``findings`` by file and place; ``files`` are the names that were looked at."""

    files: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """How many findings refuse a deployment."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many do not."""
        return len(self.findings) - self.errors


def lint(
    files: Mapping[str, bytes],
    *,
    house: Configuration | None = None,
    known: Known = _NOTHING,
    kernel: str = "machine",
    max_bytes: int = MAX_BYTES,
    examine_form: FormExamination = no_examination,
) -> Outcome:
    """Every finding about ``files`` (name to bytes), which are deployed together; never raises for what they say.

    ``known`` is what every installation has (handlers, standard roles, packaged processes), ``house`` what this one has
    beside it and which rules count there. Decisions and forms that are nowhere are errors only when ``house`` lists
    those that are deployed elsewhere, because nobody else knows all of them. ``examine_form`` checks a form file.
    """
    house = house or Configuration()
    contents = Contents(files=tuple(sorted(files)), dmn=dmn_files(files))
    for name, body in sorted(files.items()):
        read_file(contents, name, body, kernel=kernel, max_bytes=max_bytes, examine_form=examine_form)
    contents.findings += check_across(contents, _with_house(known, house))
    check_empty(contents)
    found = [_placed(finding) for finding in house.applied(contents.findings)]
    return Outcome(contents.files, tuple(sorted(dict.fromkeys(found), key=_order)))


def _with_house(known: Known, house: Configuration) -> Known:
    return replace(
        known,
        processes={*known.processes, *house.called},
        decisions={*known.decisions, *(house.decisions or ())},
        forms={*known.forms, *(house.forms or ())},
        topics={*known.topics, *house.topics},
        roles={*known.roles, *house.roles},
        all_decisions=house.decisions is not None,
        all_forms=house.forms is not None,
    )


def _placed(finding: Finding) -> Finding:
    """What concerns a file as a whole is shown at its beginning, which editors and code hosts can open."""
    return replace(advised(finding), line=max(finding.line, 1), column=max(finding.column, 1))


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.file, finding.line, finding.column, finding.rule, finding.message
