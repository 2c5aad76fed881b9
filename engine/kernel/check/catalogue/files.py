"""Rules about the file: XML, what the engine does not execute, extensions, the deployment as a whole."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    # XML
    error("xml/malformed", "The file must be well-formed XML."),
    error("xml/encoding", "The file must be UTF-8 or UTF-16."),
    error("xml/doctype", "A document type is refused: it can define entities and load files."),
    error("xml/too-large", "The file must not be larger than the setting allows."),
    error("xml/too-long", "No tag and no text may be longer than any model needs."),
    error("xml/too-deep", "Elements must not be nested deeper than any model needs."),
    error("xml/too-many", "The file must not have more tags, attributes or flow nodes than the engine handles."),
    error("xml/not-bpmn", "The root of the file must be BPMN's definitions.", "15.3"),
    error("xml/schema", "The file must be valid against the XML schema of BPMN 2.0.", "15.3"),
    # what is not executed
    error("unsupported/element", "An element that the engine does not execute is refused."),
    error("unsupported/attribute", "An attribute value that the engine does not execute is refused."),
    error("unsupported/extension", "An extension that must be understood is refused when it is not.", "8.3.3"),
    warning("unsupported/root", "A root element that the engine does not use is only documentation."),
    warning("unsupported/language", "Expressions are FEEL, whatever language the file names.", "8.4.6"),
    # extensions
    error("extensions/refused", "An extension of another engine that changes the execution is refused."),
    error("extensions/unknown", "An extension in a namespace that is read must be understood."),
    error("extensions/misplaced", "An extension must stand on an element on which it has an effect."),
    error("extensions/property", "Extension properties need a name, each once, on an element that has them."),
    warning("extensions/ignored", "The extension has no effect, and nothing depends on it."),
    warning("extensions/foreign", "Extensions in a namespace of another tool are not read."),
    # the other kernel
    error("spiffworkflow/refused", "The SpiffWorkflow kernel does not execute the element."),
    # the deployment
    error("deployment/empty", "A deployment must hold something executable."),
    error("deployment/kind", "A file must be a process, a decision or a form."),
    error("deployment/twice", "No two files of a deployment may have the same key."),
    error("deployment/key", "The key of a file must not be longer than can be stored."),
    error("deployment/decision", "A decision file must be valid DMN."),
    error("deployment/form", "A form file must be a form of the size that the engine takes."),
    error("deployment/start-timer", "The timer of a start event must be computable at deployment."),
    error("deployment/start-signal", "The name of a signal that starts a process must be fixed."),
    warning("deployment/older", "A deployment should not bring back an older version."),
    error("references/form", "A form that a task names must be deployed."),
    error("references/decision", "A decision that a task names must be deployed."),
    error(
        "references/broken-decision", "A decision that a process asks for, here or deployed, must be one that works."
    ),
    warning("references/process", "A process that is called should be deployed."),
    warning("references/topic", "A topic should have a handler that serves it."),
    warning("references/role", "The role of a task should exist."),
    warning("references/duties", "A role should have enough people for the tasks that exclude each other."),
    warning("references/excludes", "Tasks that exclude each other's performers should exist."),
)
