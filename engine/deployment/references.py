"""What the processes of a deployment refer to must be there: in the same deployment, or deployed before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from engine.deployment.reading import Contents, OtherFile, remark
from engine.kernel.definition import Node, Value
from engine.kernel.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Known:
    """What exists beside the files: keys of processes, decisions and forms, topics that are served, ids of roles.
    ``asked``: decisions that deployed processes ask for. ``all_decisions``, ``all_forms``: there are no others, so that
    a missing one is an error and no mere suspicion.
    """

    processes: Collection[str] = ()
    decisions: Collection[str] = ()
    forms: Collection[str] = ()
    topics: Collection[str] = ()
    roles: Collection[str] = ()
    asked: Collection[str] = ()
    all_decisions: bool = True
    all_forms: bool = True


def check_references(contents: Contents, known: Known) -> list[Finding]:
    """Findings about names that lead nowhere.

    A missing form or decision is an error: the case would stop there. A missing called process is a warning, as two
    processes that call each other may be deployed one after the other; so is a topic nobody serves or a role that the
    house does not have. A decision with a mistake is an error when a process of the files or a deployed one asks
    for it; else the other decisions of its file can be made nevertheless.
    """
    findings = [_replaced(decision) for decision in contents.decisions.values() if decision.broken]
    findings = [finding for finding in findings if finding.element in known.asked]
    tasks = {node.id for process in contents.processes.values() for node in process.definition.nodes.values()}
    for process in contents.processes.values():
        if process.start_form and not _form_known(process.start_form, contents, known):
            text, advice = f"the start form {process.start_form!r} is not deployed", "deploy it together"
            place = _place(process.starts[0]) if process.starts else {"element": process.key}
            findings.append(remark("references/form", _form_severity(known), process.file, text, advice, **place))
        for node in process.definition.nodes.values():
            findings += (
                remark(rule, severity, process.file, text, advice, **_place(node))
                for rule, severity, text, advice in _of_node(node, contents, known)
            )
            if node.human and (strange := [name for name in node.human.excludes if name not in tasks]):
                text = f"excludes names tasks that are not in this deployment: {', '.join(strange)}"
                advice = "right only for tasks of processes deployed otherwise"
                place = _place(node)
                findings.append(remark("references/excludes", Severity.WARNING, process.file, text, advice, **place))
    return findings


def _of_node(node: Node, contents: Contents, known: Known) -> Iterator[tuple[str, Severity, str, str]]:
    if node.human and node.human.form and not _form_known(node.human.form, contents, known):
        text = f"form {node.human.form!r} is not deployed"
        yield "references/form", _form_severity(known), text, "deploy it together"
    decision = fixed(node.decision.decision) if node.decision else None
    if decision and decision not in contents.decisions and decision not in known.decisions:
        severity = Severity.ERROR if known.all_decisions else Severity.WARNING
        yield "references/decision", severity, f"decision {decision!r} is not deployed", "deploy it together"
    elif decision in contents.decisions and (mistake := contents.decisions[decision].broken):
        text = f"decision {decision!r} cannot be made: {mistake}"
        yield "references/broken-decision", Severity.ERROR, text, "correct the decision"
    called = fixed(node.call.called) if node.call else None
    if called and called not in contents.processes and called not in known.processes:
        yield "references/process", Severity.WARNING, f"process {called!r} is not deployed yet", "deploy it first"
    if node.service and node.service.topic not in known.topics:
        text = f"nothing serves the topic {node.service.topic!r}: the case would wait there with an incident"
        yield "references/topic", Severity.WARNING, text, "register a handler for it, or correct the topic"
    if node.human and node.role and node.role not in known.roles:
        yield "references/role", Severity.WARNING, f"there is no role {node.role!r}", "add the role, or rename the lane"


def _replaced(decision: OtherFile) -> Finding:
    text = f"decision {decision.key!r} cannot be made, and a deployed process asks for it: {decision.broken}"
    advice = "correct the decision"
    return remark(
        "references/broken-decision",
        Severity.ERROR,
        decision.file,
        text,
        advice,
        element=decision.key,
        name=decision.name,
    )


def _form_known(form: str, contents: Contents, known: Known) -> bool:
    return form in contents.forms or form in known.forms


def _form_severity(known: Known) -> Severity:
    return Severity.ERROR if known.all_forms else Severity.WARNING


def fixed(value: Value) -> str | None:
    """The name, when it is written down; None for an expression, which is known only at run time."""
    return value.text if value.expression is None else None


def _place(node: Node) -> dict[str, object]:
    return {"line": node.line, "column": node.column, "element": node.id, "name": node.name}
