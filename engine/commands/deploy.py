"""Put BPMN, DMN and form files into force, together or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from engine.access import PUBLISHER, require
from engine.catalogue import read_catalogue
from engine.deployment.across import check_empty
from engine.deployment.checking import as_json, check_together
from engine.deployment.reading import Contents, read_files
from engine.deployment.storing import MANUAL, PACKAGED, DeployedDefinition, plan, remarks, store
from engine.errors import DeploymentRefused, InvalidInput
from engine.execution.epoch import DEFINITIONS, count_on, definitions_changed
from engine.execution.payload import readable
from engine.ids import new_id
from engine.kernel.findings import Severity
from engine.model.definition import Deployment
from engine.runtime import Work

_KERNELS = ("machine", "spiffworkflow")
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Deployed:
    """The outcome. ``id`` is the deployment's; when nothing was new, no deployment was made and it is the one that
    holds the first of the files already. ``warnings`` are the check's, as JSON objects.
    """

    id: str
    name: str
    definitions: tuple[DeployedDefinition, ...]
    warnings: tuple[Mapping[str, object], ...] = ()


def deploy(
    work: Work,
    *,
    name: str,
    files: Mapping[str, bytes],
    source: str = MANUAL,
    kernel: str = "machine",
    effective_from: datetime | None = None,
) -> Deployed:
    """Check ``files`` (name to bytes) and put what is new in them into force, in one transaction.

    Content that a key had before makes no new version. ``source`` ``packaged`` (the product's own files, at every
    start) never overrides what somebody deployed. Running instances stay on their version; messages, signals,
    timers and conditions start the latest version only. ``effective_from`` (aware): from when the decisions count whose
    files do not say it (``effectiveFrom``); until then the version before does. PUBLISHER only.

    Raises `DeploymentRefused` with all findings (file, element, line, column, reason) and stores nothing, `TooLarge`,
    `InvalidInput`, `Forbidden`.
    """
    require(work.principal, PUBLISHER, "deploy")
    _check(name, source, kernel)
    contents = read_files(
        files,
        kernel=kernel,
        max_bytes=work.sancha.limits.model_bytes,
        examine_form=work.sancha.examine_form,
        effective_from=effective_from,
    )
    _refuse(contents)
    # From here on deployments queue: versions are compared and given under the counter's row lock.
    number = count_on(work.session, DEFINITIONS)
    catalogue = read_catalogue(work.session, number)
    check_together(work, contents, catalogue)
    _refuse(contents)
    planned = plan(contents, catalogue, source=source, kernel=kernel)
    if source == MANUAL:  # the product offers its own files at every start
        contents.findings += remarks(contents, planned)
    deployment = Deployment(
        id=new_id(),
        number=number,
        name=name,
        source=source,
        kernel=kernel,
        deployed_by=work.principal.name,
        deployed_at=work.now,
    )
    if planned.changes:
        store(work, deployment, contents, planned, files)
        definitions_changed(work)
        _record(work, deployment, planned.outcome, contents)
    held_by = deployment.id if planned.changes else next(iter(planned.known), deployment.id)
    return Deployed(held_by, name, tuple(planned.outcome), tuple(as_json(each) for each in contents.findings))


def _check(name: str, source: str, kernel: str) -> None:
    if not 0 < len(name) <= _LONGEST:
        raise InvalidInput("A deployment's name has 1 to 255 characters.", {"name": ["wrong length"]})
    if kernel not in _KERNELS:
        raise InvalidInput(f"There is no kernel {kernel!r}.", {"kernel": list(_KERNELS)})
    if source not in (PACKAGED, MANUAL):
        raise InvalidInput(f"There is no source {source!r}.", {"source": [PACKAGED, MANUAL]})


def _refuse(contents: Contents) -> None:
    """Raises `DeploymentRefused` if anything found is an error, or if there is nothing to deploy."""
    check_empty(contents)
    if contents.refused:
        errors = [finding for finding in contents.findings if finding.severity is Severity.ERROR]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise DeploymentRefused(f"{errors[0]}{more}", [as_json(finding) for finding in contents.findings])


def _record(work: Work, deployment: Deployment, outcome: list[DeployedDefinition], contents: Contents) -> None:
    work.sancha.audit.append_administration(
        work.session,
        at=work.now,
        actor=work.principal.name,
        action="definition:deployed",
        payload=readable(
            {
                "deployment": deployment.id,
                "name": deployment.name,
                "source": deployment.source,
                "kernel": deployment.kernel,
                "definitions": [asdict(each) for each in outcome],
                "files": contents.digests,
            }
        ),
        on_behalf_of=work.on_behalf_of,
    )
