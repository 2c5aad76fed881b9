"""Rules about activities: tasks, loops, subprocesses."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error("activities/quantity", "An activity takes and gives at least one token.", "10.3.1"),
    error("activities/instantiate", "A receive task that starts instances has no incoming flow.", "10.3.3"),
    error("activities/called-start", "A called process begins without a trigger.", "10.3.6"),
    warning("activities/called-not-executable", "A called process should be executable.", "10.3.6"),
    error("loops/endless", "A standard loop needs a condition or a maximum.", "10.3.8"),
    error("loops/maximum", "A standard loop runs at least once.", "10.3.8"),
    error("loops/cardinality", "The number of items of a multi-instance loop is not negative.", "10.3.8"),
    error("loops/behavior", "A multi-instance loop throws signals, messages or escalations.", "10.3.8"),
    error("loops/complex-behavior", "Complex behavior needs a definition of when it throws what.", "10.3.8"),
    warning("loops/unused-event", "An event of a loop should belong to its behavior.", "10.3.8"),
    error("subprocesses/connected", "An event subprocess takes part in no sequence flow.", "10.3.5"),
    error("subprocesses/kind", "Only an embedded subprocess can be an event subprocess.", "10.3.5"),
    error("subprocesses/loop", "An event subprocess has no loop.", "10.3.5"),
    error("subprocesses/one-start", "An event subprocess has exactly one start event.", "10.3.5"),
    error("subprocesses/no-trigger", "The start event of an event subprocess has a trigger.", "10.5.2"),
    warning("subprocesses/not-interrupting", "Only events of event subprocesses may not interrupt.", "10.5.2"),
    error("subprocesses/ad-hoc-empty", "An ad-hoc subprocess holds an activity.", "10.3.5"),
    error("subprocesses/ad-hoc-event", "An ad-hoc subprocess has no start and end events.", "10.3.5"),
    error("execution/multi-instance", "A multi-instance loop needs a collection or a number of items.", "10.3.8"),
    error("execution/no-topic", "A service or send task must name a handler or a message.", "10.3.3"),
    error("execution/topic-or-message", "A send task names a handler or a message, not both.", "10.3.3"),
    error("execution/service", "A service or send task must be of an executable type, with a fixed topic.", "10.3.3"),
    error("execution/result", "Only a task with a handler gives a result.", "10.3.3"),
    error("execution/script", "A script task needs a script.", "10.3.3"),
    error("execution/decision", "A business rule task needs a decision and a known result shape.", "10.3.3"),
    error("execution/call", "A call activity must name what it calls.", "10.3.6"),
    error("execution/binding", "The binding to a version must be known and complete."),
    error("execution/key", "No two processes of a file may have the same key."),
    error("execution/form", "A form is named by one fixed name."),
    error("execution/clock", "The clock of a task must be one that the engine knows."),
    error("execution/performer", "A resource role names users or groups, on a task that a person does.", "10.3.1"),
    error("execution/excludes", "A task must not exclude its own performer."),
    warning("execution/excludes-elsewhere", "A task should exclude performers of tasks that exist."),
    warning("execution/no-role", "Somebody should be asked to do a user task."),
    warning("execution/no-form", "A user task should have a form."),
    warning("execution/no-sla", "A user task should have a service standard."),
)
