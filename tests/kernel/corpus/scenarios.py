"""What the corpus records: models, how far they ran before their state was stored, and how they go on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.feel import YearsMonths
from engine.kernel import stimuli as s
from tests.kernel.bpmn import around, extended, flow, model
from tests.kernel.corpus.elements import ELEMENTS
from tests.kernel.corpus.scenario import Scenario
from tests.kernel.driver import Run


def _fail_service(run: Run) -> None:
    run.send(s.JobFailed(run.service("x").token, "503"))


def _first(run: Run, **variables: object) -> None:
    run.send(s.CompleteTask(next(iter(run.open.tasks)), variables))


_HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
_CYCLE = "<timerEventDefinition><timeCycle>R5/PT1H</timeCycle></timerEventDefinition>"
_RATING = '<message id="m" name="RATING"/>'
_VALUES: dict[str, object] = {
    "amount": Decimal("320000000.00"),
    "signed": date(2026, 3, 1),
    "meeting": datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
    "grace": timedelta(days=3, hours=4),
    "term": YearsMonths(180),
    "client": {"name": "三查风电", "$id": "C1", "scores": [1, Decimal("0.5"), None, True]},
}
_SPLIT = (
    '<startEvent id="s"/><parallelGateway id="f"/><parallelGateway id="j"/><userTask id="a"/><userTask id="b"/>'
    '<userTask id="end"/>'
    + flow("s", "f")
    + flow("f", "a")
    + flow("f", "b")
    + flow("a", "j")
    + flow("b", "j")
    + flow("j", "end")
)
_VOTE = extended(
    '<camunda:properties><camunda:property name="outputCollection" value="votes"/>'
    '<camunda:property name="outputElement" value="={who: member, vote: vote}"/></camunda:properties>'
)
_EACH = 'camunda:collection="members" camunda:elementVariable="member"'
_EVENTS = (
    '<startEvent id="s"/><eventBasedGateway id="g"/><task id="x"/>'
    f'<intermediateCatchEvent id="t">{_HOUR}</intermediateCatchEvent>'
    '<intermediateCatchEvent id="c"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
    + flow("s", "g")
    + flow("g", "t")
    + flow("g", "c")
    + flow("t", "x")
    + flow("c", "x")
)
_SUB = '<startEvent id="is"/><userTask id="i"/><endEvent id="ie"/>' + flow("is", "i") + flow("i", "ie")
_CHILD = model(around('<userTask id="i"/>', "i"), process='id="child" isExecutable="true"')
_IN_OUT = extended('<camunda:in source="client" target="who"/>', '<camunda:out source="grade" target="grade"/>')
_LOCAL = extended(
    '<camunda:inputOutput><camunda:inputParameter name="half">=amount / 2</camunda:inputParameter>'
    '<camunda:outputParameter name="sum">=half + extra</camunda:outputParameter></camunda:inputOutput>'
)

SCENARIOS: dict[str, Scenario] = ELEMENTS | {
    "values": Scenario((model(around('<userTask id="x"/>')),), _VALUES, (), (lambda r: r.complete("x", done=True),)),
    "boundary-cycle": Scenario(
        (
            model(
                around(
                    '<userTask id="x"/><userTask id="y"/>'
                    f'<boundaryEvent id="b" attachedToRef="x" cancelActivity="false">{_CYCLE}</boundaryEvent>'
                    + flow("b", "y")
                )
            ),
        ),
        {},
        (lambda r: r.fire("b"), lambda r: r.fire("b")),
        (lambda r: r.fire("b"), lambda r: r.complete("x"), *[lambda r: r.complete("y")] * 3),
    ),
    "join-waiting": Scenario(
        (model(_SPLIT),),
        {},
        (lambda r: r.complete("a", a=1),),
        (lambda r: r.complete("b", b=2), lambda r: r.complete("end")),
    ),
    "event-gateway": Scenario((model(_EVENTS, root=_RATING),), {}, (), (lambda r: r.deliver("c", grade="AA"),)),
    "subprocess": Scenario(
        (model(around(f'<subProcess id="x">{_SUB}</subProcess>')),), {"a": 1}, (), (lambda r: r.complete("i", a=2),)
    ),
    "call": Scenario(
        (model(around(f'<callActivity id="x" calledElement="child">{_IN_OUT}</callActivity>')), _CHILD),
        {"client": "C1"},
        (),
        (lambda r: r.complete("i", grade="A"),),
    ),
    "vote": Scenario(
        (
            model(
                around(
                    f'<userTask id="x">{_VOTE}<multiInstanceLoopCharacteristics {_EACH}/></userTask>'
                    '<userTask id="y"/>' + flow("x", "y")
                )
            ),
        ),
        {"members": ["an", "bo", "cai"]},
        (lambda r: _first(r, vote="FOR"),),
        (
            lambda r: _first(r, vote="AGAINST"),
            lambda r: _first(r, vote="FOR"),
            lambda r: r.complete("y"),
        ),
    ),
    "sequential": Scenario(
        (
            model(
                around(f'<userTask id="x"><multiInstanceLoopCharacteristics isSequential="true" {_EACH}/></userTask>')
            ),
        ),
        {"members": ["an", "bo"]},
        (),
        (lambda r: r.complete("x"), lambda r: r.complete("x")),
    ),
    "mapped-inputs": Scenario(
        (model(around(f'<userTask id="x">{_LOCAL}</userTask>')),),
        {"amount": Decimal("10.00")},
        (),
        (lambda r: r.complete("x", extra=1),),
    ),
    "failed-outputs": Scenario(
        (model(around(f'<userTask id="x">{_LOCAL}</userTask>')),),
        {"amount": 10},
        (lambda r: r.complete("x"),),
        (lambda r: r.retry("x", extra=1),),
    ),
    "failed-service": Scenario(
        (model(around('<serviceTask id="x" camunda:type="external" camunda:topic="rate"/>')),),
        {},
        (_fail_service,),
        (lambda r: r.retry("x"), lambda r: r.done("x", grade="A")),
    ),
    "failed-gateway": Scenario(
        (
            model(
                '<startEvent id="s"/><exclusiveGateway id="g"/><task id="x"/>'
                + flow("s", "g")
                + flow("g", "x", "amount &gt; 1")
            ),
        ),
        {},
        (),
        (lambda r: r.retry("g", amount=2),),
    ),
}
