"""What to do about a finding that does not say it itself, by rule."""

from __future__ import annotations

from dataclasses import replace

from engine.kernel.check.rules import RULES_BY_ID
from engine.kernel.findings import Finding

ADVICE: dict[str, str] = {
    "xml/malformed": "save the file from the modeler again, or correct the place by hand",
    "xml/encoding": "save the file as UTF-8",
    "xml/doctype": "remove the document type; a model needs none",
    "xml/too-large": "split the model into processes that call each other",
    "xml/too-long": "shorten the text, or keep it in a document beside the model",
    "xml/too-deep": "move inner subprocesses into processes of their own and call them",
    "xml/too-many": "split the model into processes that call each other",
    "xml/not-bpmn": "export the diagram as BPMN 2.0 XML",
    "xml/schema": "correct the place by hand, or save the file from a modeler that writes BPMN 2.0",
    "events/timer": "set exactly one of timeDate, timeDuration and timeCycle, in ISO 8601",
    "events/calendar": "use a timeDuration, or remove the calendar",
    "events/message": "give the message a fixed name",
    "execution/multi-instance": "set a collection with an element variable, or a loopCardinality",
    "execution/clock": "use one of the clocks that are named, or remove the property",
    "execution/form": "name one form by its id in formRef",
    "execution/service": "write the topic as a fixed text",
    "execution/script": "write the script in FEEL, or remove the task",
    "execution/decision": "use one of the shapes that are named, or remove mapDecisionResult",
    "execution/binding": "use latest, deployment, or version with a version number",
    "execution/excludes": "remove the task's own id from excludes",
    "execution/result": "remove resultVariable, or set a topic",
    "execution/key": "give each process an id of its own",
    "execution/topic-or-message": "keep one of the two",
    "execution/mapping": "remove the parameter, or put it where data goes in or comes out",
    "expressions/number": "write a whole number, or an expression that begins with '='",
    "expressions/empty": "write the expression, or remove it",
    "expressions/feel": "correct the expression; attributes are literals unless they begin with '='",
    "expressions/mapping": "set target, and either source or sourceExpression",
    "expressions/start-timer": "write a fixed time, or one that needs no variables",
    "structure/long-name": "shorten the name",
    "references/dangling": "refer to an element that is in the file, or remove the reference",
    "unsupported/root": "nothing needs to be done when it is meant as documentation",
    "unsupported/extension": "remove mustUnderstand, or the extension",
    "extensions/foreign": "nothing needs to be done when another tool reads them",
    "extensions/ignored": "remove it, or leave it for other tools",
    "extensions/refused": "remove it, or draw what it did",
    "extensions/misplaced": "move it to an element on which it has an effect, or remove it",
    "extensions/unknown": "correct its name, or remove it",
    "extensions/property": "give each property a name of its own on an element that has it",
    "spiffworkflow/refused": "deploy with the kernel 'machine', or draw it otherwise",
    "deployment/decision": "correct the decision in a DMN editor",
    "deployment/form": "save the form from a form editor again",
    "deployment/twice": "keep one of the two, or give one another id",
    "deployment/key": "shorten the id",
    "deployment/start-timer": "correct the timer's expression or calendar",
}
"""Sentences without a capital and a full stop, as findings carry them."""


def advised(finding: Finding) -> Finding:
    """The finding with something to do: its own advice, that of its rule, or the rule itself."""
    if finding.advice:
        return finding
    rule = RULES_BY_ID.get(finding.rule)
    text = ADVICE.get(finding.rule) or (rule.text.rstrip(".") if rule is not None else "")
    return replace(finding, advice=text)
