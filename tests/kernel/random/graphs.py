"""Random graphs of all elements, connected as it happens: most are models that no check would let pass."""

from __future__ import annotations

import random

from tests.kernel.bpmn import extended, flow
from tests.kernel.elements.compensating import process

_HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
_CYCLE = "<timerEventDefinition><timeCycle>R2/PT1H</timeCycle></timerEventDefinition>"
_TRUE = "<conditionalEventDefinition><condition>n &gt; {}</condition></conditionalEventDefinition>"
_ROOTS = (
    '<message id="m1" name="M1"/><signal id="s1" name="S1"/><signal id="s2" name="S2"/>'
    '<error id="e1" errorCode="E1"/><error id="e2" errorCode="E2"/><escalation id="x1" escalationCode="X1"/>'
)
_MESSAGE = '<messageEventDefinition messageRef="m1"/>'
_TERMINATE, _CANCEL = "<terminateEventDefinition/>", "<cancelEventDefinition/>"
_TASKS = ("task", "userTask", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask")
_GATEWAYS = ("exclusive", "exclusive", "parallel", "inclusive", "complex", "eventBased")
_CONTAINERS = ("subProcess", "transaction", "adHocSubProcess")


class Graph:
    """Draws one file with the processes ``p`` and ``q``."""

    def __init__(self, seed: int, size: int) -> None:
        self._random = random.Random(seed)
        self._count = 0
        self.root = self._process("p", size)
        self.called = self._process("q", 3)

    def _process(self, id: str, size: int) -> bytes:
        return process(self._container(size, 0), root=_ROOTS, attributes=f'id="{id}" isExecutable="true"')

    def _id(self) -> str:
        self._count += 1
        return f"n{self._count}"

    def _one(self, *of: str) -> str:
        return self._random.choice(of)

    def _maybe(self, text: str, chance: float = 0.3) -> str:
        return text if self._random.random() < chance else ""

    def _container(self, size: int, depth: int, begins: str = "startEvent") -> str:
        """Elements, flows between them, what is attached to them."""
        text = ""
        sources: list[str] = []
        targets: list[str] = []
        activities: list[str] = []
        for _ in range(1 if self._random.random() < 0.9 else 2):
            id = self._id()
            text += f'<{begins} id="{id}"/>'
            sources.append(id)
        conditional: set[str] = set()
        for _ in range(size):
            id = self._id()
            kind = self._random.random()
            if kind < 0.4:
                text += self._task(id)
                activities.append(id)
            elif kind < 0.6:
                gateway = self._one(*_GATEWAYS)
                text += self._gateway(id, gateway)
                if gateway in ("exclusive", "inclusive", "complex"):
                    conditional.add(id)
            elif kind < 0.72:
                text += f'<intermediateCatchEvent id="{id}">{self._caught()}</intermediateCatchEvent>'
            elif kind < 0.8:
                text += f'<intermediateThrowEvent id="{id}">{self._thrown(activities)}</intermediateThrowEvent>'
            elif kind < 0.9 and depth < 2:
                text += self._inside(id, size // 2 + 1, depth)
                activities.append(id)
            else:
                text += f'<endEvent id="{id}">{self._ended(activities)}</endEvent>'
                targets.append(id)
                continue
            sources.append(id)
            targets.append(id)
        for id in activities:
            if self._random.random() < 0.4:
                text += self._attached(id, sources)
        if depth < 2 and self._random.random() < 0.4:
            text += self._event_subprocess(depth)
        return text + self._flows(sources, targets, conditional)

    def _flows(self, sources: list[str], targets: list[str], conditional: set[str]) -> str:
        text = ""
        for index, source in enumerate(sources):
            for turn in range(self._random.choice((1, 1, 1, 2, 2, 3)) if targets else 0):
                target = self._one(*targets) if turn or index >= len(targets) else targets[index]
                condition = f"n &lt; {self._random.randrange(8)}" if source in conditional else ""
                text += flow(source, target, condition if self._random.random() < 0.8 else "", id=self._id())
        return text

    def _task(self, id: str) -> str:
        tag = self._one(*_TASKS)
        flags = self._maybe('startQuantity="2"', 0.1) + " " + self._maybe('completionQuantity="2"', 0.1)
        flags += self._maybe(' camunda:asyncBefore="true"', 0.1) + self._maybe(' camunda:asyncAfter="true"', 0.1)
        inside = self._maybe(_INPUT, 0.15) + self._repeated()
        if tag == "scriptTask":
            flags, inside = flags + ' camunda:resultVariable="n"', inside + "<script>n + 1</script>"
        elif tag == "serviceTask" or (tag == "sendTask" and self._random.random() < 0.5):
            flags += ' camunda:type="external" camunda:topic="t"'
        elif tag in ("sendTask", "receiveTask"):
            flags += ' messageRef="m1"'
        return f'<{tag} id="{id}" {flags}>{inside}</{tag}>'

    def _repeated(self) -> str:
        if self._random.random() < 0.75:
            return ""
        done = "<completionCondition>nrOfCompletedInstances = 1</completionCondition>"
        if self._random.random() < 0.3:
            condition = f"<loopCondition>n &lt; {self._random.randrange(4)}</loopCondition>"
            flags = f'testBefore="{self._one("true", "false")}" loopMaximum="3"'
            return f"<standardLoopCharacteristics {flags}>{condition}</standardLoopCharacteristics>"
        number = f"<loopCardinality>{self._random.randrange(4)}</loopCardinality>{self._maybe(done)}"
        flags = f'isSequential="{self._one("true", "false")}"'
        return f"<multiInstanceLoopCharacteristics {flags}>{number}</multiInstanceLoopCharacteristics>"

    def _gateway(self, id: str, kind: str) -> str:
        inside = ""
        if kind == "complex" and self._random.random() < 0.8:
            inside = f"<activationCondition>activationCount &gt;= {self._random.randrange(1, 3)}</activationCondition>"
        return f'<{kind}Gateway id="{id}">{inside}</{kind}Gateway>'

    def _inside(self, id: str, size: int, depth: int) -> str:
        """A subprocess of any kind, or a call."""
        if self._random.random() < 0.25:
            called = self._one("q", "q", "p")
            return f'<callActivity id="{id}" calledElement="{called}">{extended(_ALL_IN, _ALL_OUT)}</callActivity>'
        tag = self._one("subProcess", *_CONTAINERS)
        flags, last = "", ""
        if tag == "adHocSubProcess":
            ordering, cancels = self._one("Sequential", "Parallel"), self._one("true", "false")
            flags = f'ordering="{ordering}" cancelRemainingInstances="{cancels}"'
            last = self._maybe(f"<completionCondition>n &gt; {self._random.randrange(3)}</completionCondition>", 0.5)
        own = self._maybe(f'<property id="{id}_n" name="n"/>', 0.2)
        body = self._container(size, depth + 1, "task" if tag == "adHocSubProcess" else "startEvent")
        return f'<{tag} id="{id}" {flags}>{self._maybe(_INPUT, 0.1)}{own}{self._repeated()}{body}{last}</{tag}>'

    def _event_subprocess(self, depth: int) -> str:
        event = self._one(self._caught(), _error(self._one("", "e1")), _ESCALATION, "<compensateEventDefinition/>")
        start, end, id = self._id(), self._id(), self._id()
        body = self._container(2, depth + 1, "task")
        first = body.split('id="', 1)[1].split('"', 1)[0]
        flag = f'isInterrupting="{self._one("true", "false")}"'
        text = f'<startEvent id="{start}" {flag}>{event}</startEvent><endEvent id="{end}"/>{body}{flow(start, first)}'
        return f'<subProcess id="{id}" triggeredByEvent="true">{text}</subProcess>'

    def _attached(self, activity: str, sources: list[str]) -> str:
        id = self._id()
        undo = "<compensateEventDefinition/>"
        event = self._one(self._caught(), _CYCLE, _error(self._one("", "e1", "e2")), _ESCALATION, _CANCEL, undo, undo)
        flag = "" if event is _CANCEL else self._maybe('cancelActivity="false"', 0.5)
        text = f'<boundaryEvent id="{id}" attachedToRef="{activity}" {flag}>{event}</boundaryEvent>'
        if "compensate" not in event:
            sources.append(id)
            return text
        handler = self._id()
        made = self._task(handler).replace(">", ' isForCompensation="true">', 1)
        return f'{text}{made}<association id="{self._id()}" sourceRef="{id}" targetRef="{handler}"/>'

    def _caught(self) -> str:
        signal = f'<signalEventDefinition signalRef="{self._one("s1", "s2")}"/>'
        return self._one(_HOUR, _MESSAGE, signal, _TRUE.format(self._random.randrange(4)))

    def _thrown(self, activities: list[str]) -> str:
        signal = f'<signalEventDefinition signalRef="{self._one("s1", "s2")}"/>'
        undo = self._compensation(activities)
        return self._one("", signal, _ESCALATION, _MESSAGE, undo, undo)

    def _ended(self, activities: list[str]) -> str:
        return self._one("", "", _TERMINATE, _error(self._one("e1", "e2")), _CANCEL, _CANCEL, self._thrown(activities))

    def _compensation(self, activities: list[str]) -> str:
        ref = f'activityRef="{self._one(*activities)}"' if activities and self._random.random() < 0.4 else ""
        return f'<compensateEventDefinition {ref} waitForCompletion="{self._one("true", "false")}"/>'


_ESCALATION = '<escalationEventDefinition escalationRef="x1"/>'
_INPUT = extended(
    '<camunda:inputOutput><camunda:inputParameter name="half">=n / 2</camunda:inputParameter></camunda:inputOutput>'
)
_ALL_IN, _ALL_OUT = '<camunda:in variables="all"/>', '<camunda:out source="n" target="n"/>'


def _error(code: str) -> str:
    return f'<errorEventDefinition errorRef="{code}"/>' if code else "<errorEventDefinition/>"
