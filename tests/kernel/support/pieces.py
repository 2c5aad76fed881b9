"""What the models of the table are made of."""

from __future__ import annotations

from itertools import pairwise

from tests.kernel.bpmn import flow, model

ROOTS = (
    '<message id="m" name="RATING"/><message id="n" name="REPORT"/><signal id="sig" name="STOP"/>'
    '<error id="err" errorCode="E"/><escalation id="esc" escalationCode="X"/>'
    '<dataStore id="store" name="rates"/>'
    '<signalEventDefinition id="shared" signalRef="sig"/>'
)
S = '<startEvent id="s"/>'
E = '<endEvent id="e"/>'
HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
MESSAGE = '<messageEventDefinition messageRef="m"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
ERROR = '<errorEventDefinition errorRef="err"/>'
ESCALATION = '<escalationEventDefinition escalationRef="esc"/>'
CONDITION = "<conditionalEventDefinition><condition>amount &gt; 5</condition></conditionalEventDefinition>"
COMPENSATE = "<compensateEventDefinition/>"
CANCEL = "<cancelEventDefinition/>"
TERMINATE = "<terminateEventDefinition/>"
LINK = '<linkEventDefinition name="L"/>'


def line(*ids: str) -> str:
    """Sequence flows from each to the next."""
    return "".join(flow(one, other) for one, other in pairwise(ids))


def catch(id: str, inside: str, attributes: str = "") -> str:
    return f'<intermediateCatchEvent id="{id}" {attributes}>{inside}</intermediateCatchEvent>'


def throw(id: str, inside: str = "") -> str:
    return f'<intermediateThrowEvent id="{id}">{inside}</intermediateThrowEvent>'


def end(id: str, inside: str = "") -> str:
    return f'<endEvent id="{id}">{inside}</endEvent>'


def boundary(id: str, host: str, inside: str, attributes: str = "") -> str:
    return f'<boundaryEvent id="{id}" attachedToRef="{host}" {attributes}>{inside}</boundaryEvent>'


def user(id: str, inside: str = "", attributes: str = "") -> str:
    return f'<userTask id="{id}" {attributes}>{inside}</userTask>'


def script(id: str, variable: str, text: str, attributes: str = "", inside: str = "") -> str:
    return (
        f'<scriptTask id="{id}" camunda:resultVariable="{variable}" {attributes}>{inside}'
        f"<script>{text}</script></scriptTask>"
    )


def subprocess(id: str, inside: str, attributes: str = "", tag: str = "subProcess") -> str:
    return f'<{tag} id="{id}" {attributes}>{inside}</{tag}>'


def handler(id: str, start: str, interrupting: bool, inside: str = "") -> str:
    """An event subprocess ``id`` with a user task ``{id}_t``."""
    flag = "true" if interrupting else "false"
    first = f'<startEvent id="{id}_s" isInterrupting="{flag}">{start}</startEvent>'
    body = first + user(f"{id}_t") + end(f"{id}_e") + inside + line(f"{id}_s", f"{id}_t", f"{id}_e")
    return subprocess(id, body, 'triggeredByEvent="true"')


def undo(host: str) -> str:
    """A compensation handler ``undo_{host}``, a script that appends the host's id to the log."""
    task = script(f"undo_{host}", "log", f'append(log, "{host}")', 'isForCompensation="true"')
    return task + boundary(f"c_{host}", host, COMPENSATE)


def undone(*hosts: str) -> str:
    """The associations of handlers; they come after all flow elements."""
    return "".join(
        f'<association id="as_{host}" sourceRef="c_{host}" targetRef="undo_{host}" associationDirection="One"/>'
        for host in hosts
    )


def called(key: str, inside: str) -> bytes:
    return model(inside, process=f'id="{key}" isExecutable="true"', root=ROOTS)
