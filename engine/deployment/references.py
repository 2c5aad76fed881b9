"""What the processes of a deployment refer to must be there: in the same deployment, or deployed before."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.catalogue import Catalogue
from engine.deployment.reading import Contents, ProcessFile, remark
from engine.kernel.definition import Node, Value
from engine.kernel.findings import Finding, Severity


def check_references(
    contents: Contents, catalogue: Catalogue, *, topics: Collection[str], roles: Collection[str]
) -> list[Finding]:
    """Findings about names that lead nowhere.

    A missing form or decision is an error: the case would stop there. A missing called process is a warning, as two
    processes that call each other may be deployed one after the other; so is a topic nobody serves or a role that the
    house does not have.
    """
    findings: list[Finding] = []
    tasks = {node.id for process in contents.processes.values() for node in process.definition.nodes.values()}
    for process in contents.processes.values():
        if process.start_form and not _form_known(process.start_form, contents, catalogue):
            text = f"the start form {process.start_form!r} is not deployed"
            findings.append(remark("references/form", Severity.ERROR, process.file, text, element=process.key))
        for node in process.definition.nodes.values():
            findings += (
                remark(rule, severity, process.file, text, advice, **_place(node))
                for rule, severity, text, advice in _of_node(process, node, contents, catalogue, topics, roles)
            )
            if node.human and (strange := [name for name in node.human.excludes if name not in tasks]):
                text = f"excludes names tasks that are not in this deployment: {', '.join(strange)}"
                advice = "right only for tasks of processes deployed otherwise"
                place = _place(node)
                findings.append(remark("references/excludes", Severity.WARNING, process.file, text, advice, **place))
    return findings


def _of_node(
    process: ProcessFile,
    node: Node,
    contents: Contents,
    catalogue: Catalogue,
    topics: Collection[str],
    roles: Collection[str],
) -> Iterator[tuple[str, Severity, str, str]]:
    if node.human and node.human.form and not _form_known(node.human.form, contents, catalogue):
        yield "references/form", Severity.ERROR, f"form {node.human.form!r} is not deployed", "deploy it together"
    decision = _fixed(node.decision.decision) if node.decision else None
    if decision and decision not in contents.decisions and decision not in catalogue.decisions.by_key:
        yield "references/decision", Severity.ERROR, f"decision {decision!r} is not deployed", "deploy it together"
    called = _fixed(node.call.called) if node.call else None
    if called and called not in contents.processes and called not in catalogue.processes.by_key:
        yield "references/process", Severity.WARNING, f"process {called!r} is not deployed yet", "deploy it first"
    if node.service and node.service.topic not in topics:
        text = f"nothing serves the topic {node.service.topic!r}: the case would wait there with an incident"
        yield "references/topic", Severity.WARNING, text, ""
    if node.human and node.role and node.role not in roles:
        yield "references/role", Severity.WARNING, f"there is no role {node.role!r}", "add the role, or rename the lane"


def _form_known(form: str, contents: Contents, catalogue: Catalogue) -> bool:
    return form in contents.forms or form in catalogue.forms.by_key


def _fixed(value: Value) -> str | None:
    """The name, when it is written down; an expression is known only at run time."""
    return value.text if value.expression is None else None


def _place(node: Node) -> dict[str, object]:
    return {"line": node.line, "column": node.column, "element": node.id, "name": node.name}
