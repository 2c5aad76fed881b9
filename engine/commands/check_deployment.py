"""Ask what deploying files would say, without putting anything into force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from engine.access import DESIGNER, PUBLISHER
from engine.catalogue import read_catalogue
from engine.deployment.across import check_empty
from engine.deployment.checking import as_json, check_together
from engine.deployment.reading import read_files
from engine.errors import Forbidden
from engine.execution.epoch import epoch_column
from engine.kernel.findings import Severity
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class Checked:
    """``deployable``: nothing found is an error. ``findings`` are JSON objects, in the order of files and places."""

    deployable: bool
    errors: int
    warnings: int
    findings: tuple[Mapping[str, object], ...]


def check_deployment(work: Work, *, files: Mapping[str, bytes], kernel: str = "machine") -> Checked:
    """The findings about ``files`` (name to bytes) against what is deployed now. DESIGNER or PUBLISHER.

    Nothing is written; a deployment may say something else when somebody deploys in between. Raises `TooLarge`,
    `InvalidInput`, `Forbidden`.
    """
    if not (work.principal.holds(DESIGNER) or work.principal.holds(PUBLISHER)):
        text = f"{work.principal.name} may not check deployments: this needs the role {DESIGNER} or {PUBLISHER}."
        raise Forbidden(text, role=DESIGNER)
    contents = read_files(
        files,
        kernel=kernel,
        max_bytes=work.sancha.limits.model_bytes,
        examine_form=work.sancha.examine_form,
    )
    catalogue = read_catalogue(work.session, work.session.scalar(select(epoch_column())) or 0)
    check_together(work, contents, catalogue)
    check_empty(contents)
    found = sorted(contents.findings, key=lambda each: (each.file, each.line, each.column, each.rule))
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    return Checked(not errors, errors, len(found) - errors, tuple(as_json(each) for each in found))
