"""Short ways to write the events, activities and flows of a model, for the tests of single elements.

The roots of the files are always the same: signals ``S`` and ``T``, errors ``E`` and ``F``, escalations ``X`` and
``Y``, messages ``M`` and ``N``; an event names them by these letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from engine.kernel import stimuli as s
from tests.kernel.bpmn import flow, model
from tests.kernel.driver import Run, run

ROOTS = "".join(
    f'<signal id="signal_{name}" name="{name}"/>'
    for name in "ST"
) + "".join(
    f'<error id="error_{name}" errorCode="{name}"/>'
    for name in "EF"
) + "".join(
    f'<escalation id="escalation_{name}" escalationCode="{name}"/>'
    for name in "XY"
) + "".join(
    f'<message id="message_{name}" name="{name}"/>'
    for name in "MN"
)  # fmt: skip


# Event definitions


def signal(name: str = "S") -> str:
    return f'<signalEventDefinition signalRef="signal_{name}"/>'


def message(name: str = "M") -> str:
    return f'<messageEventDefinition messageRef="message_{name}"/>'


def error(error_code: str = "", /, **variables: str) -> str:
    """Without a code: any error. ``variables``: ``code``, ``message`` name where those are written."""
    ref = f'errorRef="error_{error_code}"' if error_code else ""
    told = " ".join(f'camunda:error{what.title()}Variable="{name}"' for what, name in variables.items())
    return f"<errorEventDefinition {ref} {told}/>"


def escalation(code: str = "", variable: str = "") -> str:
    """Without a code: any escalation."""
    ref = f'escalationRef="escalation_{code}"' if code else ""
    told = f'camunda:escalationCodeVariable="{variable}"' if variable else ""
    return f"<escalationEventDefinition {ref} {told}/>"


def timer(text: str = "PT1H") -> str:
    kind = "timeCycle" if text.startswith("R") else "timeDuration"
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def conditional(condition: str, variable: str = "") -> str:
    named = f'camunda:variableName="{variable}"' if variable else ""
    escaped = condition.replace("<", "&lt;")
    return f"<conditionalEventDefinition {named}><condition>{escaped}</condition></conditionalEventDefinition>"


def link(name: str) -> str:
    return f'<linkEventDefinition name="{name}"/>'


TERMINATE = "<terminateEventDefinition/>"


# Events


def start(id: str = "s", event: str = "", *, interrupting: bool = True, attributes: str = "") -> str:
    flag = "" if interrupting else 'isInterrupting="false"'
    return f'<startEvent id="{id}" {flag} {attributes}>{event}</startEvent>'


def end(id: str = "e", event: str = "") -> str:
    return f'<endEvent id="{id}">{event}</endEvent>'


def catch(id: str, event: str, attributes: str = "") -> str:
    return f'<intermediateCatchEvent id="{id}" {attributes}>{event}</intermediateCatchEvent>'


def throw(id: str, event: str) -> str:
    return f'<intermediateThrowEvent id="{id}">{event}</intermediateThrowEvent>'


def boundary(id: str, on: str, event: str, *, interrupting: bool = True, attributes: str = "") -> str:
    flag = "" if interrupting else 'cancelActivity="false"'
    return f'<boundaryEvent id="{id}" attachedToRef="{on}" {flag} {attributes}>{event}</boundaryEvent>'


# Activities and gateways


def user(*ids: str) -> str:
    return "".join(f'<userTask id="{id}"/>' for id in ids)


def service(id: str) -> str:
    return f'<serviceTask id="{id}" camunda:type="external" camunda:topic="{id}"/>'


def script(id: str, variable: str, expression: str, inside: str = "") -> str:
    escaped = expression.replace("<", "&lt;")
    return (
        f'<scriptTask id="{id}" scriptFormat="feel" camunda:resultVariable="{variable}">{inside}'
        f"<script>{escaped}</script></scriptTask>"
    )


def sub(id: str, *body: str) -> str:
    return f'<subProcess id="{id}">{"".join(body)}</subProcess>'


def handler(id: str, *body: str) -> str:
    """An event subprocess."""
    return f'<subProcess id="{id}" triggeredByEvent="true">{"".join(body)}</subProcess>'


def handled(id: str, event: str, task: str = "", *, interrupting: bool = True, attributes: str = "") -> str:
    """An event subprocess ``id`` with a start event ``id_s``, a user task ``id_t`` (or ``task``), an end ``id_e``."""
    first = start(f"{id}_s", event, interrupting=interrupting, attributes=attributes)
    return handler(
        id, first, task or user(f"{id}_t"), end(f"{id}_e"), flows(f"{id}_s > {_id_of(task) or f'{id}_t'} > {id}_e")
    )


def call(id: str, process: str = "q", inside: str = "") -> str:
    everything = '<camunda:in variables="all"/><camunda:out variables="all"/>'
    return (
        f'<callActivity id="{id}" calledElement="{process}"><extensionElements>{everything}</extensionElements>'
        f"{inside}</callActivity>"
    )


def gateway(*ids: str, kind: str = "parallel", attributes: str = "") -> str:
    return "".join(f'<{kind}Gateway id="{id}" {attributes}/>' for id in ids)


def items(count: int, *, sequential: bool = False) -> str:
    """Makes the activity that it is put into a multi-instance one."""
    flag = 'isSequential="true"' if sequential else ""
    return (
        f"<multiInstanceLoopCharacteristics {flag}><loopCardinality>{count}</loopCardinality>"
        "</multiInstanceLoopCharacteristics>"
    )


def rounds(count: int) -> str:
    """Makes the activity that it is put into one that is repeated."""
    return f'<standardLoopCharacteristics loopMaximum="{count}"/>'


def within(activity: str, inside: str) -> str:
    """The activity with ``inside`` (a loop) where the schema wants it: first, after its extensions."""
    if activity.endswith("/>"):
        tag = activity[1:].split(" ", 1)[0]
        return f"{activity[:-2]}>{inside}</{tag}>"
    opening = _OPENING.match(activity)
    assert opening is not None
    return activity[: opening.end()] + inside + activity[opening.end() :]


_OPENING = re.compile(r"<[^>]*>(?:<extensionElements>.*?</extensionElements>)?")


def flows(*chains: str) -> str:
    """Flows of ``"a > b > c"``. A condition stands in brackets before the target: ``"a > [n = 1] b"``."""
    made: list[str] = []
    for chain in chains:
        ends = [_END.fullmatch(part) for part in re.split(r" > (?![^\[]*\])", chain)]
        for source, target in pairwise(ends):
            assert source is not None
            assert target is not None
            made.append(flow(source["id"], target["id"], (target["condition"] or "").replace("<", "&lt;")))
    return "".join(made)


_END = re.compile(r"(?:\[(?P<condition>.*)\] )?(?P<id>\w+)")


def _id_of(element: str) -> str:
    return element.partition('id="')[2].partition('"')[0]


def process(*body: str, id: str = "p") -> bytes:
    return model("".join(body), root=ROOTS, process=f'id="{id}" isExecutable="true"')


def started(*body: str, called: bytes | None = None, anyway: bool = False, **variables: object) -> Run:
    """An instance of the process with this body; ``called`` is deployed beside it."""
    others = () if called is None else (called,)
    given: Mapping[str, object] = variables
    return run(process(*body), given, *others, anyway=anyway)


def worked_on(r: Run, element: str) -> list[str]:
    """The tokens of the open tasks and services of an element."""
    tasks = [one.token for one in r.open.tasks.values() if one.element == element]
    return tasks + [one.token for one in r.open.services.values() if one.element == element]


def escalate(r: Run, element: str, code: str, **variables: object) -> None:
    """The person who works on ``element``, or the service, escalates."""
    r.send(s.ThrowEscalation(worked_on(r, element)[0], code, variables))


def write(r: Run, **variables: object) -> None:
    """Variables are written from outside, into the root instance."""
    r.send(s.SetVariables("1", variables))


def took(r: Run, *elements: str) -> list[str]:
    """Which of ``elements`` were left as completed, in order, as often as they were."""
    return [id for id in r.path() if id in elements]
