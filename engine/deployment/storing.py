"""Which things of a deployment are new, and their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.catalogue import Catalogue, DeployedFile, DeployedProcess
from engine.deployment.reading import Contents, remark
from engine.deployment.starts import arm_starts
from engine.execution.upsert import rows_into
from engine.ids import new_id
from engine.kernel.findings import Finding, Severity
from engine.model.definition import DecisionDefinition, Deployment, FormDefinition, ProcessDefinition, Resource
from engine.runtime import Work

PACKAGED, MANUAL = "packaged", "manual"
Kind = Literal["process", "decision", "form"]


@dataclass(frozen=True, slots=True)
class DeployedDefinition:
    """A process, decision or form of the deployment (``kind``). ``new`` is False when its content was known as
    ``version`` already. ``skipped``: a packaged file left aside because somebody deployed another version, which stays.
    """

    kind: Kind
    key: str
    version: int
    new: bool
    skipped: bool = False


@dataclass(slots=True)
class Plan:
    """What becomes of each thing in the files. ``known``: deployments that hold what is not new; ``older``: what is not
    new and not in force either, with the version that is.
    """

    outcome: list[DeployedDefinition] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    older: list[tuple[DeployedDefinition, int]] = field(default_factory=list)

    def fresh(self, kind: Kind) -> dict[str, int]:
        """New versions by key."""
        return {each.key: each.version for each in self.outcome if each.kind == kind and each.new}

    @property
    def changes(self) -> bool:
        """Whether anything is new."""
        return any(each.new for each in self.outcome)


def plan(contents: Contents, catalogue: Catalogue, *, source: str, kernel: str) -> Plan:
    """Compare ``contents`` with what is deployed. Pure."""
    made = Plan()
    for kind, key, digest in _things(contents):
        latest, same = _known(catalogue, kind, key, digest, kernel)
        if same is not None:
            made.outcome.append(DeployedDefinition(kind, key, same.version, new=False))
            made.known.append(same.deployment_id)
            if latest is not None and same.version < latest.version:
                made.older.append((made.outcome[-1], latest.version))
        elif latest is not None and source == PACKAGED and latest.source != PACKAGED:
            made.outcome.append(DeployedDefinition(kind, key, latest.version, new=False, skipped=True))
            made.known.append(latest.deployment_id)
        else:
            version = latest.version + 1 if latest is not None else 1
            made.outcome.append(DeployedDefinition(kind, key, version, new=True))
    return made


def remarks(contents: Contents, planned: Plan) -> list[Finding]:
    """A warning for each thing whose content is an earlier version's: that version does not come back into force."""
    findings = []
    for each, latest in planned.older:
        text = f"{each.key!r} had this content as version {each.version} already; version {latest} stays in force"
        advice = "to go back to it, deploy it with a change, such as a remark in its documentation"
        file = _file(contents, each)
        findings.append(remark("deployment/older", Severity.WARNING, file, text, advice, element=each.key))
    return findings


def _file(contents: Contents, thing: DeployedDefinition) -> str:
    if thing.kind == "process":
        return contents.processes[thing.key].file
    return (contents.decisions if thing.kind == "decision" else contents.forms)[thing.key].file


def _things(contents: Contents) -> Iterator[tuple[Kind, str, str]]:
    for process in contents.processes.values():
        yield "process", process.key, process.digest
    for decision in contents.decisions.values():
        yield "decision", decision.key, decision.digest
    for form in contents.forms.values():
        yield "form", form.key, form.digest


def _known(
    catalogue: Catalogue, kind: Kind, key: str, digest: str, kernel: str
) -> tuple[DeployedProcess | DeployedFile | None, DeployedProcess | DeployedFile | None]:
    """The latest version of ``key`` and the one with this content."""
    if kind == "process":
        processes = catalogue.processes
        same = processes.same_content(key, digest, lambda row: row.kernel == kernel)
        return processes.latest(key), same
    files = catalogue.decisions if kind == "decision" else catalogue.forms
    return files.latest(key), files.same_content(key, digest)


def store(work: Work, deployment: Deployment, contents: Contents, planned: Plan, files: Mapping[str, bytes]) -> None:
    """Insert the deployment, its files and the new versions, and arm what starts by itself."""
    work.session.add(deployment)
    work.session.flush()
    digests = contents.digests
    resources = {name: new_id() for name in files}
    work.session.execute(
        rows_into(Resource),
        [
            {
                "id": resources[name],
                "deployment_id": deployment.id,
                "name": name,
                "digest": digests[name],
                "body": body,
            }
            for name, body in sorted(files.items())
            if name in digests
        ],
    )
    _store_processes(work, deployment, contents, planned, resources)
    for kind, things, table in (
        ("decision", contents.decisions, DecisionDefinition),
        ("form", contents.forms, FormDefinition),
    ):
        rows = [
            _row(deployment, resources[things[key].file], key, version, things[key].digest)
            | (
                {"name": things[key].name[:255], "effective_from": things[key].effective_from}
                if table is DecisionDefinition
                else {}
            )
            for key, version in planned.fresh(kind).items()  # type: ignore[arg-type]  # one of the two literals
        ]
        if rows:
            work.session.execute(rows_into(table), rows)


def _store_processes(
    work: Work, deployment: Deployment, contents: Contents, planned: Plan, resources: Mapping[str, str]
) -> None:
    fresh = planned.fresh("process")
    rows = []
    for key, version in fresh.items():
        process = contents.processes[key]
        rows.append(
            _row(deployment, resources[process.file], key, version, process.digest)
            | {
                "name": (process.definition.name or key)[:255],
                "kernel": deployment.kernel,
                "start_form": process.start_form,
                "start_roles": list(process.start_roles),
                "excludes": process.excludes,
                "suspended": False,
            }
        )
    if rows:
        work.session.execute(rows_into(ProcessDefinition), rows)
    for key, version in fresh.items():
        arm_starts(work, contents.processes[key], version)


def _row(deployment: Deployment, resource_id: str, key: str, version: int, digest: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "key": key,
        "version": version,
        "digest": digest,
        "deployment_id": deployment.id,
        "resource_id": resource_id,
    }
