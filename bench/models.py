"""The processes that are measured. Their shapes are the ones that cases really have; their names say what they do."""

from __future__ import annotations

import json
from random import Random

from tests.factories import flow, in_a_row, lanes, process, task
from tests.kernel.bpmn import extended

MAKER, CHECKER = "rm-1", "reviewer-1"
FORM = "bench-ask"
_CLIENTS = 20


def two_people(key: str = "bench-pair") -> bytes:
    """RM fills a form, REVIEWER checks it; both under a service standard and with a reminder beside them."""
    tasks = (
        task("ask", name="撰写评估报告", attributes=f'camunda:formKey="{FORM}"', sla="PT16H", escalation="standard"),
        task("check", name="复核评估报告", sla="PT8H", escalation="standard", excludes="ask"),
    )
    return process(
        key,
        lanes(RM="s ask e late_ask reminded_ask", REVIEWER="check late_check reminded_check")
        + in_a_row(*tasks, ids="ask check")
        + reminder("ask")
        + reminder("check"),
    )


def reminder(host: str, duration: str = "PT4H") -> str:
    """A non-interrupting timer on ``host`` that leads to an end event."""
    return (
        boundary(f"late_{host}", host, duration)
        + f'<endEvent id="reminded_{host}"/>'
        + flow(f"late_{host}", f"reminded_{host}")
    )


def boundary(id: str, host: str, duration: str) -> str:
    """A non-interrupting timer event on ``host``."""
    return (
        f'<boundaryEvent id="{id}" attachedToRef="{host}" cancelActivity="false"><timerEventDefinition>'
        f"<timeDuration>{duration}</timeDuration></timerEventDefinition></boundaryEvent>"
    )


def escalating(key: str = "bench-timer") -> bytes:
    """RM's task with a timer beside it, which opens a task for SUPERVISOR."""
    return process(
        key,
        lanes(RM="s ask e late", SUPERVISOR="chase chased")
        + in_a_row(task("ask", sla="PT16H"), ids="ask")
        + boundary("late", "ask", "PT1H")
        + task("chase", sla="PT8H")
        + '<endEvent id="chased"/>'
        + flow("late", "chase")
        + flow("chase", "chased"),
    )


def waiting(key: str = "bench-message") -> bytes:
    """Waits for a message by its case's key, then asks RM."""
    key_property = '<camunda:properties><camunda:property name="correlationKey" value="=key"/></camunda:properties>'
    receive = f'<receiveTask id="await" messageRef="m">{extended(key_property)}</receiveTask>'
    body = lanes(RM="s await ask e") + in_a_row(receive, task("ask", sla="PT8H"), ids="await ask")
    return process(key, body, root='<message id="m" name="RATING"/>')


def serving(topic: str, key: str = "bench-service") -> bytes:
    """A service task of ``topic``, then a task of RM."""
    attributes = f'camunda:type="external" camunda:topic="{topic}" camunda:resultVariable="answer"'
    service = f'<serviceTask id="serve" {attributes}/>'
    return process(key, lanes(RM="s serve ask e") + in_a_row(service, task("ask", sla="PT8H"), ids="serve ask"))


def form() -> bytes:
    """The form of `two_people`: five fields, three of them required."""
    fields: list[dict[str, object]] = [
        {"type": "textfield", "key": "title", "validate": {"required": True, "maxLength": 200}},
        {"type": "number", "key": "amount", "decimalDigits": 2, "validate": {"required": True, "min": 0}},
        {"type": "textarea", "key": "opinion", "validate": {"required": True, "maxLength": 4000}},
        {"type": "checkbox", "key": "complete"},
        {"type": "textfield", "key": "remark", "validate": {"maxLength": 200}},
    ]
    components = [{"id": f"Field_{field['key']}", "label": field["key"], **field} for field in fields]
    return json.dumps({"type": "default", "id": FORM, "schemaVersion": 18, "components": components}).encode()


def case_data(chance: Random) -> dict[str, object]:
    """What a case begins with: its client and about 1 KB of other variables."""
    client = f"9115{chance.randrange(_CLIENTS):014d}"
    facts = {f"fact{number}": f"{chance.randrange(10**40):040d}" for number in range(18)}
    return {"clientId": client, "projectName": "80 MW 风电项目", "limit": chance.randrange(10**9), **facts}


def form_data(chance: Random) -> dict[str, object]:
    """What RM submits in `form`."""
    return {
        "title": f"评估报告 {chance.randrange(10**6)}",
        "amount": chance.randrange(1, 10**9),
        "opinion": "同意 " * chance.randrange(20, 40),
        "complete": True,
        "remark": "",
    }


def loop(body: str = "", *, work: str = "", host: str = "ask", late: str = "late", more: str = "") -> bytes:
    """A loop around ``work`` (default: one user task ``ask``) with a non-interrupting timer on ``host``."""
    return process(
        "loop",
        f'<startEvent id="s"/><exclusiveGateway id="again" default="again_{host}"/>'
        f"{work or task('ask')}{boundary(late, host, 'PT1H')}"
        f'<exclusiveGateway id="done" default="done_again"/><endEvent id="e"/>{more or reminded(late)}{body}'
        + flow("s", "again")
        + flow("again", host)
        + flow(host, "done")
        + flow("done", "again")
        + flow("done", "e", "finished"),
    )


def reminded(late: str) -> str:
    """An end event behind the timer ``late``."""
    return f'<endEvent id="reminded"/>{flow(late, "reminded")}'


def loop_with_escalation() -> bytes:
    """The loop; the timer opens another task, which may stay open."""
    return loop(more=f'{task("chase")}<endEvent id="chased"/>{flow("late", "chase")}{flow("chase", "chased")}')


def subprocess_in_loop() -> bytes:
    """The loop, its task and timer in an embedded subprocess."""
    inside = (
        f'<startEvent id="begin"/>{task("ask")}<endEvent id="over"/>{flow("begin", "ask")}{flow("ask", "over")}'
        f"{boundary('late', 'ask', 'PT1H')}{reminded('late')}"
    )
    return process(
        "loop",
        '<startEvent id="s"/><exclusiveGateway id="again" default="again_part"/>'
        f'<subProcess id="part">{inside}</subProcess>'
        '<exclusiveGateway id="done" default="done_again"/><endEvent id="e"/>'
        + flow("s", "again")
        + flow("again", "part")
        + flow("part", "done")
        + flow("done", "again")
        + flow("done", "e", "finished"),
    )


def two_branches() -> bytes:
    """Two parallel branches, each a loop around a user task with a timer beside it, then a join."""

    def branch(name: str) -> str:
        return (
            f'<exclusiveGateway id="again_{name}"/>{task(name)}{boundary(f"late_{name}", name, "PT1H")}'
            f'<endEvent id="reminded_{name}"/><exclusiveGateway id="done_{name}" default="back_{name}"/>'
            + flow(f"late_{name}", f"reminded_{name}")
            + flow("fork", f"again_{name}")
            + flow(f"again_{name}", name)
            + flow(name, f"done_{name}")
            + flow(f"done_{name}", f"again_{name}", id=f"back_{name}")
            + flow(f"done_{name}", "join", f"finished_{name}")
        )

    return process(
        "branches",
        '<startEvent id="s"/><parallelGateway id="fork"/><parallelGateway id="join"/><endEvent id="e"/>'
        + branch("left")
        + branch("right")
        + flow("s", "fork")
        + flow("join", "e"),
    )
