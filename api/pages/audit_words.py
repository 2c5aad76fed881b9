"""Words for what the audit trail calls by codes: actions, effects, findings, and what payloads are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from engine.audit.findings import Fault

ACTION_GROUPS: Mapping[Any, Mapping[str, Any]] = {
    _l("Cases"): {
        "instance:started": _l("Case started"),
        "instance:suspended": _l("Case suspended"),
        "instance:resumed": _l("Case resumed"),
        "instance:cancelled": _l("Case cancelled"),
        "variables:set": _l("Data corrected"),
        "document:attached": _l("Document attached"),
        "case:commented": _l("Comment written"),
    },
    _l("Tasks"): {
        "task:claimed": _l("Task claimed"),
        "task:released": _l("Task released"),
        "task:assigned": _l("Task assigned"),
        "task:draft-saved": _l("Draft saved"),
        "task:due-date-changed": _l("Deadline changed"),
        "task:completed": _l("Task completed"),
    },
    _l("System steps"): {
        "timer:fired": _l("Timer fired"),
        "message:correlated": _l("Message received"),
        "message:expired": _l("Message expired"),
        "signal:thrown": _l("Signal thrown"),
        "signal:received": _l("Signal received"),
        "service:completed": _l("System step done"),
        "service:error-thrown": _l("System step reported an error"),
        "service:escalation-raised": _l("System step reported an escalation"),
        "service:failed": _l("System step failed"),
        "job:failed": _l("Job failed"),
        "job:retried": _l("Job tried again"),
        "job:made-due": _l("Job made due"),
        "job:due-date-changed": _l("Job's due date changed"),
        "incident:resolved": _l("Incident resolved"),
        "incident:acknowledged": _l("Incident seen to"),
    },
    _l("Administration"): {
        "definition:deployed": _l("Process deployed"),
        "user:created": _l("User created"),
        "user:changed": _l("User changed"),
        "user:disabled": _l("User disabled"),
        "user:enabled": _l("User enabled"),
        "role:created": _l("Role created"),
        "role:granted": _l("Role granted"),
        "role:revoked": _l("Role revoked"),
        "unit:created": _l("Unit created"),
        "password:changed": _l("Password changed"),
        "password:reset": _l("Password reset"),
        "session:opened": _l("Signed in"),
        "session:ended": _l("Signed out"),
        "token:created": _l("Access token created"),
        "token:revoked": _l("Access token revoked"),
        "audit:exported": _l("Audit trail exported"),
    },
}
"""Every action that the engine records, by what it is about."""
ACTIONS: Mapping[str, Any] = {action: words for group in ACTION_GROUPS.values() for action, words in group.items()}

EFFECTS: Mapping[str, Any] = {
    "StepEntered": _l("Step entered"),
    "StepLeft": _l("Step left"),
    "FlowTaken": _l("Way taken"),
    "TaskOpened": _l("Task opened"),
    "TaskClosed": _l("Task closed"),
    "TimerSet": _l("Timer set"),
    "TimerCleared": _l("Timer cleared"),
    "AwaitMessage": _l("Message awaited"),
    "AwaitSignal": _l("Signal awaited"),
    "StopAwaiting": _l("Message or signal no longer awaited"),
    "MessageThrown": _l("Message sent"),
    "SignalThrown": _l("Signal thrown"),
    "EscalationRaised": _l("Escalation raised"),
    "StoreWritten": _l("Data store written"),
    "CallStarted": _l("Called process started"),
    "CallEnded": _l("Called process ended"),
    "ServiceRequested": _l("System step requested"),
    "ServiceWithdrawn": _l("System step withdrawn"),
    "DecisionTaken": _l("Decision taken"),
    "VariablesWritten": _l("Data written"),
    "StepFailed": _l("Step failed"),
    "StepRecovered": _l("Step went on"),
    "InstanceEnded": _l("Process ended"),
}
"""What a step did (`engine.kernel.effects`)."""

FAULTS: Mapping[Fault, Any] = {
    Fault.EDITED: _l("This row was changed."),
    Fault.MOVED: _l("This row stood elsewhere."),
    Fault.DELETED: _l("A row is missing here."),
    Fault.UNLINKED: _l("This row does not continue the row before it."),
    Fault.TAIL_CUT: _l("The end of the chain is missing from here on."),
    Fault.SURPLUS: _l("Rows were added that the case does not know."),
    Fault.MISSING_CHAIN: _l("The whole chain is missing."),
    Fault.UNOWNED_CHAIN: _l("The case of this chain is gone, or the chain was made up."),
    Fault.REWRITTEN: _l("This row, or rows before it, were rewritten."),
    Fault.PAYLOAD_EDITED: _l("The content of this row was changed."),
    Fault.PAYLOAD_SURPLUS: _l("There is content that no row speaks of."),
    Fault.CHECKPOINT_EDITED: _l("The checkpoint was changed."),
    Fault.CHECKPOINT_MISSING: _l("A checkpoint is missing."),
    Fault.CHECKPOINT_FILE: _l("The checkpoint file cannot be read."),
}
"""What verification finds wrong."""

NAMES: Mapping[str, Any] = {
    "assignee": _l("Held by"),
    "attachments": _l("Attachments"),
    "attempt": _l("Attempt"),
    "code": _l("Code"),
    "comment": _l("Comment"),
    "cut": _l("Cut off at the limit"),
    "definitions": _l("Definitions"),
    "deployment": _l("Deployment"),
    "disabled": _l("Disabled"),
    "display_name": _l("Displayed name"),
    "document": _l("Document"),
    "due": _l("Due"),
    "email": _l("E-mail"),
    "error": _l("Error"),
    "expires": _l("Expires"),
    "filters": _l("Filters"),
    "form": _l("Form"),
    "id": _l("Identifier"),
    "incident": _l("Incident"),
    "instance": _l("Process instance"),
    "instances": _l("Process instances"),
    "job": _l("Job"),
    "kernel": _l("Kernel"),
    "key": _l("Key"),
    "kind": _l("Kind"),
    "label": _l("Label"),
    "language": _l("Language"),
    "message": _l("Message"),
    "name": _l("Called"),
    "name_en": _l("English name"),
    "parent": _l("Belongs to"),
    "reason": _l("Reason"),
    "role": _l("Role"),
    "rows": _l("Rows"),
    "session": _l("Session"),
    "sha256": _l("Fingerprint (SHA-256)"),
    "signal": _l("Signal"),
    "size": _l("Size in bytes"),
    "source": _l("Source"),
    "status": _l("Status"),
    "task": _l("Task"),
    "text": _l("Text"),
    "throw": _l("Throw of the signal"),
    "thrownAt": _l("Thrown at"),
    "thrownBy": _l("Thrown by"),
    "token": _l("Access token"),
    "topic": _l("Topic"),
    "unit": _l("Unit"),
    "user": _l("User"),
    "variables": _l("Variables"),
}
"""What payloads are made of; other names are shown as they are."""


def action_words(action: str) -> str:
    """``action`` in words; as it is when a later or foreign version wrote it."""
    return str(ACTIONS.get(action, action))
