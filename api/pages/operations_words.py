"""Words for what administrators look after: incidents, jobs, workers, deployments, differences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from engine.kernel.difference import Change
from engine.queries import jobs

TABS: Mapping[str, Any] = {
    "incidents": _l("Incidents"),
    "jobs": _l("Jobs"),
    "workers": _l("Workers"),
    "deployments": _l("Deployments"),
    "cases": _l("Cases"),
}

INCIDENT_STATES: Mapping[str, Any] = {"open": _l("Still open"), "resolved": _l("Resolved")}
INCIDENT_KINDS: Mapping[str, Any] = {
    "step": _l("Step of the process"),
    "job": _l("Job used up its attempts"),
    "message": _l("Message nobody wanted"),
    "task": _l("Task's attributes"),
}

JOB_STATES: Mapping[str, Any] = {
    jobs.DUE: _l("Due now"),
    jobs.RUNNING: _l("Being worked on"),
    jobs.WAITING: _l("Waiting for its time"),
    jobs.SUSPENDED: _l("Case suspended"),
    jobs.FAILED: _l("Failed"),
}
JOB_CHIPS: Mapping[str, tuple[str, str]] = {
    jobs.DUE: ("soon", "soon"),
    jobs.RUNNING: ("ok", "play"),
    jobs.WAITING: ("plain", "clock"),
    jobs.SUSPENDED: ("soon", "pause"),
    jobs.FAILED: ("late", "failed"),
    "done": ("ok", "check"),
    "cancelled": ("plain", "close"),
}
"""State to the chip's kind and its icon."""
JOB_OVER: Mapping[str, Any] = {"done": _l("Finished"), "cancelled": _l("Cancelled")}
JOB_KINDS: Mapping[str, Any] = {
    "timer": _l("Timer"),
    "service": _l("System step"),
    "start-timer": _l("Timed start"),
    "message": _l("Message"),
    "signal": _l("Signal"),
    "milestone": _l("Deadline milestone"),
    "checkpoint": _l("Audit checkpoint"),
    "expiry": _l("Expiry of what nobody collected"),
}

WORKER_KINDS: Mapping[str, Any] = {"worker": _l("Worker alone"), "serve": _l("Beside the web server")}
SOURCES: Mapping[str, Any] = {"packaged": _l("Comes with the product"), "manual": _l("Deployed by hand")}

CHANGES: Mapping[Change, tuple[Any, str]] = {
    Change.ADDED: (_l("added"), "plus"),
    Change.REMOVED: (_l("removed"), "minus"),
    Change.CHANGED: (_l("changed"), "edit"),
}
"""What became of something, and its icon."""
PARTS: Mapping[str, Any] = {"process": _l("Process"), "lane": _l("Lane"), "sequenceFlow": _l("Way")}
"""Elements that are no flow node; those are in `case_words.KINDS`."""
ATTRIBUTES: Mapping[str, Any] = {
    "name": _l("Called"),
    "name.en": _l("English name"),
    "lane": _l("Lane"),
    "container": _l("Lies in"),
    "sla": _l("Working time allowed"),
    "excludes": _l("Not by whoever did"),
    "escalation": _l("Escalation"),
    "clock": _l("Clock"),
    "calendar": _l("Calendar"),
    "formKey": _l("Form"),
    "role": _l("Role"),
    "topic": _l("Topic"),
    "documentation": _l("Description"),
    "sourceRef": _l("From element"),
    "targetRef": _l("To element"),
    "conditionExpression": _l("Condition"),
    "decisionRef": _l("Decision"),
    "calledElement": _l("Called process"),
    "assignee": _l("Held by"),
    "candidateUsers": _l("Possible people"),
    "candidateGroups": _l("Possible roles"),
    "priority": _l("Priority"),
    "dueDate": _l("Due date"),
}
"""What attributes of a model are called; others are shown as the model names them."""
