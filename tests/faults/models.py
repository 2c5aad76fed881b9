"""Small processes around one thing that happens later or elsewhere, and the way to run them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from engine.access import SYSTEM
from engine.commands.deploy import deploy
from engine.commands.start_instance import start_instance
from engine.model.audit import AuditEvent
from engine.model.incident import OPEN as INCIDENT_OPEN
from engine.model.incident import Incident
from engine.model.instance import ProcessInstance
from engine.model.job import Job
from engine.model.task import OPEN, UserTask
from engine.runtime import Sancha
from engine.services import Handler
from tests.kernel.bpmn import extended, flow, model, props

BRANCH = "BR-1"
MESSAGES = '<message id="m" name="RATING"/><error id="e1" errorCode="NO_MONEY"/>'
SIGNALS = '<signal id="s" name="ALARM"/><signal id="s2" name="OTHER"/>'
_LANE = '<laneSet id="lanes"><lane id="lane" name="PLM"><flowNodeRef>visit</flowNodeRef></lane></laneSet>'


def process(key: str, *parts: str, task: str = "visit") -> bytes:
    """Start, the given elements in a row, then a user task of PLM and the end. A part is ``id|element``."""
    ids = ["start"]
    body = f'<laneSet id="lanes"><lane id="lane" name="PLM"><flowNodeRef>{task}</flowNodeRef></lane></laneSet>'
    body += '<startEvent id="start"/>'
    for part in parts:
        id_, _, element = part.partition("|")
        ids.append(id_)
        body += element
    body += f'<userTask id="{task}" name="回访"/><endEvent id="end"/>'
    ids += [task, "end"]
    body += "".join(flow(one, other) for one, other in itertools.pairwise(ids))
    return model(body, root=MESSAGES, process=f'id="{key}" isExecutable="true"')


def timer(duration: str) -> str:
    """An intermediate timer."""
    definition = f"<timerEventDefinition><timeDuration>{duration}</timeDuration></timerEventDefinition>"
    return f'wait|<intermediateCatchEvent id="wait">{definition}</intermediateCatchEvent>'


def service(topic: str) -> str:
    """A service task whose result goes to the variable ``answer``."""
    attributes = f'camunda:type="external" camunda:topic="{topic}" camunda:resultVariable="answer"'
    return f'ask|<serviceTask id="ask" {attributes}/>'


def receive(key: str = "=requestId") -> str:
    """A receive task for RATING."""
    return f'await|<receiveTask id="await" messageRef="m">{props(correlationKey=key)}</receiveTask>'


def guarded_service(topic: str) -> bytes:
    """A service task with an error boundary event that leads to another user task."""
    attributes = f'camunda:type="external" camunda:topic="{topic}" camunda:resultVariable="answer"'
    boundary = (
        '<boundaryEvent id="caught" attachedToRef="ask"><errorEventDefinition errorRef="e1"'
        ' camunda:errorCodeVariable="code"/></boundaryEvent>'
    )
    body = (
        '<laneSet id="lanes"><lane id="lane" name="PLM"><flowNodeRef>visit</flowNodeRef>'
        "<flowNodeRef>mend</flowNodeRef></lane></laneSet>"
        f'<startEvent id="start"/><serviceTask id="ask" {attributes}/>{boundary}'
        '<userTask id="visit"/><userTask id="mend"/><endEvent id="end"/><endEvent id="end2"/>'
    )
    flows = [("start", "ask"), ("ask", "visit"), ("visit", "end"), ("caught", "mend"), ("mend", "end2")]
    return model(
        body + "".join(flow(*one) for one in flows),
        root=MESSAGES,
        process='id="guarded" isExecutable="true"',
    )


def started_by_message() -> bytes:
    """A process that RATING starts."""
    body = (
        '<laneSet id="lanes"><lane id="lane" name="PLM"><flowNodeRef>visit</flowNodeRef></lane></laneSet>'
        '<startEvent id="start"><messageEventDefinition messageRef="m"/></startEvent>'
        '<userTask id="visit"/><endEvent id="end"/>'
    )
    flows = flow("start", "visit") + flow("visit", "end")
    return model(body + flows, root=MESSAGES, process='id="pushed" isExecutable="true"')


def started_by_timer(cycle: str) -> bytes:
    """A process that a timer starts."""
    body = (
        '<laneSet id="lanes"><lane id="lane" name="PLM"><flowNodeRef>visit</flowNodeRef></lane></laneSet>'
        f'<startEvent id="start"><timerEventDefinition><timeCycle>{cycle}</timeCycle></timerEventDefinition>'
        '</startEvent><userTask id="visit"/><endEvent id="end"/>'
    )
    flows = flow("start", "visit") + flow("visit", "end")
    return model(body + flows, process='id="periodic" isExecutable="true"')


def throwing() -> bytes:
    """A process that sends RATING with its variables ``rating`` to ``requestId`` and ends."""
    payload = extended(
        '<camunda:properties><camunda:property name="correlationKey" value="=requestId"/></camunda:properties>',
        '<camunda:inputOutput><camunda:inputParameter name="rating">${rating}</camunda:inputParameter>'
        "</camunda:inputOutput>",
    )
    body = (
        '<startEvent id="start"/>'
        f'<endEvent id="end">{payload}<messageEventDefinition messageRef="m"/></endEvent>' + flow("start", "end")
    )
    return model(body, root=MESSAGES, process='id="thrower" isExecutable="true"')


def listening(key: str = "listening", signal: str = "s") -> bytes:
    """Waits for the signal, then asks PLM."""
    body = (
        f'{_LANE}<startEvent id="start"/><intermediateCatchEvent id="hear">'
        f'<signalEventDefinition signalRef="{signal}"/></intermediateCatchEvent>'
        '<userTask id="visit"/><endEvent id="end"/>'
    )
    flows = flow("start", "hear") + flow("hear", "visit") + flow("visit", "end")
    return model(body + flows, root=SIGNALS, process=f'id="{key}" isExecutable="true"')


def started_by_signal(key: str = "started", signal: str = "s", extra: str = "") -> bytes:
    """Is started by the signal, then asks PLM."""
    body = (
        f'{_LANE}<startEvent id="on"><signalEventDefinition signalRef="{signal}"/></startEvent>'
        f'<userTask id="visit" name="visit{extra}"/><endEvent id="end"/>'
    )
    flows = flow("on", "visit") + flow("visit", "end")
    return model(body + flows, root=SIGNALS, process=f'id="{key}" isExecutable="true"')


def throwing_signal(key: str = "throwing") -> bytes:
    """Listens in one branch and throws in the other."""
    body = (
        f'{_LANE}<startEvent id="start"/><parallelGateway id="both"/>'
        '<intermediateCatchEvent id="hear"><signalEventDefinition signalRef="s"/></intermediateCatchEvent>'
        '<intermediateThrowEvent id="throw"><signalEventDefinition signalRef="s"/></intermediateThrowEvent>'
        '<userTask id="visit"/><endEvent id="end"/><endEvent id="end2"/>'
    )
    flows = [("start", "both"), ("both", "hear"), ("both", "throw"), ("hear", "visit"), ("visit", "end")]
    flows.append(("throw", "end2"))
    return model(body + "".join(flow(*one) for one in flows), root=SIGNALS, process=f'id="{key}" isExecutable="true"')


def deploy_files(sancha: Sancha, **files: bytes) -> None:
    """Deploys ``files`` (name without ending) as the engine itself."""
    with sancha.work(SYSTEM) as work:
        deploy(work, name="test", files={f"{name}.bpmn": body for name, body in files.items()})


def start(sancha: Sancha, key: str, variables: Mapping[str, object] | None = None) -> str:
    """Starts a case; its root instance id."""
    with sancha.work(SYSTEM) as work:
        return start_instance(work, key=key, variables=variables or {}, unit=BRANCH).id


def open_tasks(sancha: Sancha, root_id: str | None = None) -> list[str]:
    """Element ids of open tasks."""
    wanted = select(UserTask.element).where(UserTask.status == OPEN)
    if root_id is not None:
        wanted = wanted.where(UserTask.root_id == root_id)
    with sancha.store.transaction(write=False) as session:
        return sorted(session.scalars(wanted))


def jobs(sancha: Sancha, *kinds: str) -> list[Job]:
    """All jobs, or those of ``kinds``, oldest first."""
    with sancha.store.transaction(write=False) as session:
        found = session.scalars(select(Job).order_by(Job.id)).all()
    return [job for job in found if not kinds or job.kind in kinds]


def open_incidents(sancha: Sancha) -> list[Incident]:
    """Open incidents, oldest first."""
    with sancha.store.transaction(write=False) as session:
        return list(session.scalars(select(Incident).where(Incident.status == INCIDENT_OPEN).order_by(Incident.id)))


def instances(sancha: Sancha) -> list[ProcessInstance]:
    """All root instances, oldest first."""
    with sancha.store.transaction(write=False) as session:
        roots = select(ProcessInstance).where(ProcessInstance.scope == "1").order_by(ProcessInstance.id)
        return list(session.scalars(roots))


def serve(sancha: Sancha, topic: str, **handler: Any) -> None:
    """Gives ``topic`` a handler."""
    sancha.handlers.register(Handler(topic, **handler))


def asking(sancha: Sancha, topic: str = "ask") -> str:
    """A case whose service task has asked ``topic``."""
    deploy_files(sancha, asking=process("asking", service(topic)))
    return start(sancha, "asking", {"amount": Decimal("450.10")})


def timed(sancha: Sancha, count: int = 1) -> list[str]:
    """Cases that wait for an hour."""
    deploy_files(sancha, timed=process("timed", timer("PT1H")))
    return [start(sancha, "timed") for _ in range(count)]


def actions(sancha: Sancha, root_id: str) -> list[str]:
    """What the audit trail says happened in a case, in order."""
    found = select(AuditEvent.action).where(AuditEvent.stream == root_id).order_by(AuditEvent.seq)
    with sancha.store.transaction(write=False) as session:
        return list(session.scalars(found))
