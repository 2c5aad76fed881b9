"""What only all files of a deployment together show: names that lead nowhere, variables nobody writes, duties."""

from __future__ import annotations

from collections.abc import Iterator

from engine.deployment.reading import Contents, ProcessFile, remark
from engine.deployment.references import Known, check_references
from engine.kernel.check.dataflow import not_passed, not_returned, suspicions
from engine.kernel.check.variables import Sources
from engine.kernel.definition import Node, ProcessCall
from engine.kernel.findings import Finding, Severity

_UNKNOWN = "execution/unknown-variable"


def check_across(contents: Contents, known: Known) -> list[Finding]:
    """The findings about the files together. ``known`` is what exists beside them."""
    return [*check_references(contents, known), *_variables(contents)]


def check_empty(contents: Contents) -> None:
    """Add a finding when there is nothing to deploy."""
    if not contents.refused and not (contents.processes or contents.decisions or contents.forms):
        contents.error(
            "deployment/empty",
            next(iter(contents.files), ""),
            "there is nothing executable in the files",
            "deploy at least one process, decision or form",
        )


def _variables(contents: Contents) -> Iterator[Finding]:
    sources = Sources(
        {form.key: form.names for form in contents.forms.values()},
        {decision.key: decision.names for decision in contents.decisions.values()},
    )
    passed: dict[str, set[str]] = {}
    for _, _, call, called in _calls(contents):
        passed.setdefault(called.key, set()).update(mapping.target for mapping in call.inputs if mapping.target)
    told: set[tuple[str, str]] = set()
    for process in contents.processes.values():
        given = frozenset(passed.get(process.key, ()))
        for found in suspicions(process.definition, sources, start_form=process.start_form, given=given):
            told.add((process.key, found.read.name))
            at = found.at
            place = {"line": at.line, "column": at.column, "element": at.owner, "name": at.title}
            yield remark(_UNKNOWN, Severity.WARNING, process.file, found.message, found.advice, **place)
    for process, node, call, called in _calls(contents):
        place = {"line": node.line, "column": node.column, "element": node.id, "name": node.name}
        for name in not_passed(called.definition, call, sources):
            if (called.key, name) in told:
                continue
            text = f"the called process {called.key!r} reads {name!r}, which this call does not give"
            yield remark(_UNKNOWN, Severity.WARNING, process.file, text, f"map {name!r} in", **place)
        for name in not_returned(called.definition, call, sources):
            text = f"an out mapping reads {name!r}, which the called process {called.key!r} never has"
            advice = "map a variable that the called process writes"
            yield remark(_UNKNOWN, Severity.WARNING, process.file, text, advice, **place)


def _calls(contents: Contents) -> Iterator[tuple[ProcessFile, Node, ProcessCall, ProcessFile]]:
    """The calls between processes of the deployment: caller, activity, call, called."""
    for process in contents.processes.values():
        for node in process.definition.nodes.values():
            if node.call is not None and node.call.called.expression is None:
                called = contents.processes.get(node.call.called.text)
                if called is not None:
                    yield process, node, node.call, called
