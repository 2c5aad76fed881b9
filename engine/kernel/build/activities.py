"""What activities do: people, services, scripts, decisions, calls, multi-instance."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.kernel.build.data import call_mappings
from engine.kernel.build.events import timer_literal, working_time
from engine.kernel.build.performers import performers
from engine.kernel.build.values import Values
from engine.kernel.definition import (
    Binding,
    DecisionCall,
    HumanWork,
    ProcessCall,
    Script,
    Service,
    TimerKind,
    Value,
)
from engine.kernel.dialect import attribute, extensions
from engine.kernel.graph import Element, local_part
from engine.kernel.timers import TimerSyntaxError, parse_timer

MOST_ATTEMPTS = 1_000
"""Of the work of a handler that a model may ask for."""
CLOCKS = ("running", "waiting-client", "waiting-third-party")
RESULT_SHAPES = ("singleEntry", "singleResult", "collectEntries", "resultList")
_COUNTED = re.compile(r"R([0-9]{1,9})/(P.+)")
_FORM = re.compile(r"(?:.*[/:])?([^/:]+?)(?:\.form|\.html|\.json)?")


def human_work(element: Element, given: Mapping[str, str], values: Values) -> HumanWork:
    """Who works on a user or manual task, by when, with what form; ``given`` are its extension properties."""

    def value(name: str) -> Value | None:
        return values.value(element, attribute(element, name), name)

    def instant(name: str) -> Value | None:
        found = value(name)
        if found is not None:
            timer_literal(element, (TimerKind.DATE, TimerKind.DURATION), found, values)
        return found

    priority = value("priority")
    if priority is not None and priority.expression is None:
        values.integer(element, priority.text, "priority")
    sla = values.value(element, given.get("sla"), "sla")
    if sla is not None:
        working_time(element, sla, values)
    clock = given.get("clock") or "running"
    if clock not in CLOCKS:
        values.report.error("execution/clock", element, f"clock is {clock!r}; it can be {', '.join(CLOCKS)}")
    people = performers(element, values)
    return HumanWork(
        assignee=people.assignee,
        candidate_users=people.candidate_users,
        candidate_groups=people.candidate_groups,
        due_date=instant("dueDate"),
        follow_up_date=instant("followUpDate"),
        priority=priority,
        form=_form(element, values),
        sla=sla,
        calendar=given.get("calendar") or None,
        escalation=given.get("escalation") or None,
        excludes=tuple(re.findall(r"[^\s,;]+", given.get("excludes", ""))),
        clock=clock,
    )


def _form(element: Element, values: Values) -> str | None:
    key, reference = attribute(element, "formKey"), attribute(element, "formRef")
    if key is not None and reference is not None and key != reference:
        values.report.error("execution/form", element, f"formKey {key!r} and formRef {reference!r} name two forms")
    if attribute(element, "formRefBinding") not in (None, "latest", "deployment"):
        values.report.error(
            "execution/form", element, "a form is taken as it was deployed, not in a version of its own"
        )
    text = reference or key
    if text is None:
        return None
    match = _FORM.fullmatch(text)
    if match is None or text.startswith("=") or "{" in text:
        message = f"the form {text!r} is not the name of a form file"
        values.report.error("execution/form", element, message, "name the form: site-visit, or site-visit.form")
        return None
    return match[1]


def service(element: Element, values: Values) -> Service | None:
    """The handler of a service or send task; None when it names none."""
    topic = attribute(element, "topic")
    kind = attribute(element, "type")
    if kind not in (None, "external", "external-worker"):
        message = f"type {kind!r} is not executed"
        values.report.error("execution/service", element, message, "use type='external' and a topic")
    if topic is None:
        if kind is not None:
            values.report.error("execution/service", element, f"type {kind!r} needs a topic", "set camunda:topic")
        return None
    if topic.startswith("=") or "{" in topic:
        values.report.error("execution/service", element, f"the topic {topic!r} is an expression; it must be fixed")
    return Service(topic, _result_variable(element, values), _retry(element, values))


def _retry(element: Element, values: Values) -> str | None:
    """``failedJobRetryTimeCycle``, an attribute or an extension element: ``R3/PT10M`` or ``PT1M,PT10M``."""
    name = "failedJobRetryTimeCycle"
    found = [child.text.strip() for child in extensions(element, name)]
    if (given := attribute(element, name)) is not None:
        found.append(given)
    if not found:
        return None
    text = found[0]
    counted = _COUNTED.fullmatch(text)
    problem = "" if all(other == text for other in found) else f"{name} is given twice, as {' and '.join(found)}"
    if text.startswith("R") and (counted is None or not 1 <= int(counted[1]) <= MOST_ATTEMPTS):
        problem = f"{text!r} does not say how many attempts there are, from 1 to {MOST_ATTEMPTS:,}"
    try:
        for wait in (counted[2],) if counted else text.split(","):
            parse_timer(TimerKind.DURATION, wait)
    except TimerSyntaxError as wrong:
        problem = problem or str(wrong)
    if problem:
        values.report.error("execution/service", element, problem, "R3/PT10M, or PT1M,PT10M,PT1H")
    return text


def script(element: Element, values: Values) -> Script | None:
    """A FEEL script; None after a finding."""
    found = element.child("script")
    text = "" if found is None else found.text
    values.language(element, text, "scriptFormat")
    if not text.strip():
        values.report.error("execution/script", element, "the script is empty")
        return None
    return Script(values.feel(found or element, text, "script"), _result_variable(element, values))


def decision(element: Element, values: Values) -> DecisionCall | None:
    """The DMN decision of a business rule task; None after a finding."""
    reference = values.value(element, attribute(element, "decisionRef"), "decisionRef")
    if reference is None:
        values.report.error(
            "execution/decision", element, "the business rule task names no decision", "set decisionRef"
        )
        return None
    shape = attribute(element, "mapDecisionResult")
    if shape is not None and shape not in RESULT_SHAPES:
        message = f"mapDecisionResult is {shape!r}; it can be {', '.join(RESULT_SHAPES)}"
        values.report.error("execution/decision", element, message)
    binding, version = _binding(element, "decisionRef", values)
    return DecisionCall(reference, binding, version, _result_variable(element, values), shape)


def process_call(element: Element, values: Values) -> ProcessCall | None:
    """What a call activity calls; None after a finding."""
    called = element.get("calledElement")
    if called is None:
        values.report.error(
            "execution/call", element, "the call activity names no process", "set calledElement to a process id"
        )
        return None
    binding, version = _binding(element, "calledElement", values)
    return ProcessCall(
        Value(local_part(called)),
        binding,
        version,
        call_mappings(extensions(element, "in"), values),
        call_mappings(extensions(element, "out"), values),
    )


def _binding(element: Element, prefix: str, values: Values) -> tuple[Binding, int | None]:
    text = attribute(element, f"{prefix}Binding") or "latest"
    version = values.integer(element, attribute(element, f"{prefix}Version"), f"{prefix}Version")
    if text not in tuple(Binding):
        message = f"{prefix}Binding is {text!r}; it can be {', '.join(Binding)}"
        values.report.error("execution/binding", element, message)
        return Binding.LATEST, None
    if (text == Binding.VERSION) != (version is not None):
        message = f"{prefix}Version and {prefix}Binding='version' belong together"
        values.report.error("execution/binding", element, message)
    return Binding(text), version


def _result_variable(element: Element, values: Values) -> str | None:
    name = attribute(element, "resultVariable") or attribute(element, "resultVariableName")
    return values.variable(element, name, "resultVariable")
