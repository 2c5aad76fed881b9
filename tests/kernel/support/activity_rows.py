"""Activities, loops and data."""

from __future__ import annotations

from tests.kernel.bpmn import extended
from tests.kernel.support.pieces import E, S, called, end, line, script, subprocess, user
from tests.kernel.support.rows import Row, Spiff

_T = "tests/kernel/"


def _one(element: str) -> str:
    return S + element + E + line("s", "x", "e")


_GLOBAL = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:test">'
    b'<bpmn:globalUserTask id="approve" name="Approve"/></bpmn:definitions>'
)
_LOOP = (
    "<standardLoopCharacteristics {}><loopCondition>loopCounter &lt; 2</loopCondition></standardLoopCharacteristics>"
)
_ITEMS = (
    "<multiInstanceLoopCharacteristics {}><loopCardinality>2</loopCardinality>{}</multiInstanceLoopCharacteristics>"
)
_INPUT = extended(
    '<camunda:inputOutput><camunda:inputParameter name="n">=2</camunda:inputParameter></camunda:inputOutput>'
)
_DONE = "<completionCondition>nrOfCompletedInstances = 1</completionCondition>"

ACTIVITY_ROWS = (
    Row("userTask", "Waits for a person.", "10.3.3, 13.3.3", _T + "test_tasks.py", _one(user("x")),
        (("complete", "x"),), ("s", "x", "e"), spiff=Spiff.RUNS),
    Row("manualTask",
        "Waits for a person when it has a role or names somebody, else passes.", "10.3.3, 13.3.3", _T + "test_tasks.py",
        _one('<manualTask id="x"/>'), (), ("s", "x", "e"), spiff=Spiff.RUNS),
    Row("task", "Passes.", "10.3.3, 13.3.3", _T + "test_tasks.py", _one('<task id="x"/>'), (), ("s", "x", "e"),
        spiff=Spiff.RUNS),
    Row("serviceTask", "Done by the handler of its `topic`.", "10.3.3, 13.3.3", _T + "test_tasks.py",
        _one('<serviceTask id="x" camunda:topic="rate"/>'), (("done", "x", {"grade": "A"}),), ("s", "x", "e"),
        variables={"grade": "A"}, spiff=Spiff.RUNS),
    Row("sendTask", "Done by the handler of its `topic`, or throws the message of `messageRef`.", "10.3.3, 13.3.3",
        _T + "test_tasks.py", _one('<sendTask id="x" messageRef="m"/>'), (), ("s", "x", "e")),
    Row("receiveTask", "Waits for the message of `messageRef`.", "10.3.3, 13.3.3", _T + "test_tasks.py",
        _one('<receiveTask id="x" messageRef="m"/>'), (("deliver", "x"),), ("s", "x", "e"), spiff=Spiff.RUNS),
    Row("businessRuleTask", "Takes a DMN decision (`decisionRef`).", "10.3.3, 13.3.3", _T + "test_tasks.py",
        _one('<businessRuleTask id="x" camunda:decisionRef="grade" camunda:resultVariable="grade"/>'), (),
        ("s", "x", "e"), start={"amount": 1}, variables={"amount": 1, "grade": "A"}),
    Row("subProcess", "Runs what is in it; its variables are those of the process, except those that it declares.",
        "10.3.5, 13.3.4", _T + "test_subprocess_and_call.py",
        _one(subprocess("x", '<startEvent id="is"/>' + user("i") + end("ie") + line("is", "i", "ie"))),
        (("complete", "i"),), ("s", "is", "i", "ie", "x", "e"), spiff=Spiff.RUNS),
    Row("callActivity",
        "Runs another process (`calledElement`) as a child instance with variables and history of its own.",
        "10.3.6, 13.3.3", _T + "test_subprocess_and_call.py", _one('<callActivity id="x" calledElement="q"/>'),
        (("complete", "i"),), ("s", "is", "i", "ie", "x", "e"),
        others=(called("q", '<startEvent id="is"/>' + user("i") + end("ie") + line("is", "i", "ie")),)),
    Row("globalTask, globalUserTask, globalManualTask, globalScriptTask, globalBusinessRuleTask",
        "Tasks beside the processes, which call activities of any file can call.",
        "10.3.7", _T + "test_global_tasks.py",
        _one('<callActivity id="x" calledElement="approve"/>'), (("complete", "approve"),),
        ("s", "approve_start", "approve", "approve_end", "x", "e"), others=(_GLOBAL,)),
    Row("transaction", "A subprocess that a cancel end event can undo.", "10.3.5, 13.3.4",
        _T + "elements/test_transactions.py",
        _one(subprocess("x", '<startEvent id="is"/>' + user("i") + end("ie") + line("is", "i", "ie"),
                        tag="transaction")),
        (("complete", "i"),), ("s", "is", "i", "ie", "x", "e")),
    Row("adHocSubProcess",
        "Its activities begin all at once, or one after the other (`ordering` Sequential). It ends when its "
        "`completionCondition` is true after one of them (`cancelRemainingInstances`: without the rest); until then "
        "they begin again. Without a condition it ends when all are done.",
        "10.3.5, 13.3.5", _T + "elements/test_ad_hoc.py",
        _one(subprocess("x", user("a") + user("b") + "<completionCondition>ok</completionCondition>",
                        tag="adHocSubProcess")),
        (("complete", "b", {"ok": False}), ("complete", "a", {"ok": True})), ("s", "b", "a", "x", "e")),
    Row("standardLoopCharacteristics, loopCondition",
        "Repeats the activity while its condition is true, at most `loopMaximum` times; `testBefore` asks before the "
        "first round. `loopCounter` is the number of rounds done.",
        "10.3.8, 13.3.6", _T + "elements/test_standard_loops.py", _one(user("x", _LOOP.format(""))),
        (("complete", "x"), ("complete", "x")), ("s", "x", "x", "x", "e")),
    Row("multiInstanceLoopCharacteristics, loopCardinality, loopDataInputRef, inputDataItem, loopDataOutputRef, "
        "outputDataItem",
        "Once for each item of a collection, or a number of times, at once or one after the other (`isSequential`).",
        "10.3.8, 13.3.7", _T + "test_multi_instance.py", _one(user("x", _ITEMS.format("", ""))),
        (("complete", "x"), ("complete", "x")), ("s", "x", "x", "x", "e")),
    Row("completionCondition", "Asked after each item; true ends the rest.", "10.3.8, 13.3.7",
        _T + "test_multi_instance.py", _one(user("x", _ITEMS.format("", _DONE))), (("complete", "x"),),
        ("s", "x", "x", "e")),
    Row("behavior, noneBehaviorEventRef, oneBehaviorEventRef, complexBehaviorDefinition, event, "
        "implicitThrowEvent",
        "Events that ending items throw: each (None), the first (One), by conditions (Complex). The activity's "
        "boundary events catch them without ending it.",
        "10.3.8, tables 10.29 to 10.31", _T + "elements/test_multi_instance_behavior.py",
        _one(user("x", _ITEMS.format('behavior="One" oneBehaviorEventRef="shared"', "")))
        + '<boundaryEvent id="b" attachedToRef="x" cancelActivity="false">'
        '<signalEventDefinition signalRef="sig"/></boundaryEvent>' + end("e2") + line("b", "e2"),
        (("complete", "x"), ("complete", "x")), ("s", "x", "b", "e2", "x", "x", "e")),
    Row("dataObject, dataObjectReference, property",
        "A variable of the process or subprocess that declares it, null until written.", "10.4.1",
        _T + "elements/test_data.py",
        '<dataObject id="d" name="grade"/>' + _one(script("x", "grade", '"A"')), (), ("s", "x", "e"),
        variables={"grade": "A"}, spiff=Spiff.RUNS),
    Row("ioSpecification, dataInput, dataOutput, inputSet, outputSet, dataInputAssociation, dataOutputAssociation, "
        "sourceRef, targetRef, transformation, assignment, from, to",
        "Carry data into an activity's own scope and out of it, as they are or computed. An association that only a "
        "drawing needs has no effect.",
        "10.4.2, 13.3.2", _T + "elements/test_data.py",
        '<dataObject id="d" name="total"/>'
        + _one('<scriptTask id="x" camunda:resultVariable="out"><ioSpecification><dataInput id="i" name="n"/>'
               '<dataOutput id="o" name="out"/><inputSet><dataInputRefs>i</dataInputRefs></inputSet><outputSet>'
               "<dataOutputRefs>o</dataOutputRefs></outputSet></ioSpecification>"
               "<dataInputAssociation><sourceRef>d</sourceRef><targetRef>i</targetRef></dataInputAssociation>"
               "<dataOutputAssociation><sourceRef>o</sourceRef><targetRef>d</targetRef></dataOutputAssociation>"
               "<script>n + 1</script></scriptTask>"),
        (), ("s", "x", "e"), start={"total": 1}, variables={"total": 2}),
    Row("dataStoreReference, dataStore", "Read and written by associations; holds its value for all instances.",
        "10.4.1", _T + "elements/test_data_stores.py",
        '<dataStoreReference id="d" dataStoreRef="store"/>'
        + _one('<scriptTask id="x" camunda:resultVariable="out"><ioSpecification><dataOutput id="o" name="out"/>'
               "<inputSet/><outputSet><dataOutputRefs>o</dataOutputRefs></outputSet></ioSpecification>"
               "<dataOutputAssociation><sourceRef>o</sourceRef><targetRef>d</targetRef></dataOutputAssociation>"
               "<script>7</script></scriptTask>"),
        (), ("s", "x", "e"), variables={}),
    Row("humanPerformer, performer, potentialOwner, resourceRef, resourceAssignmentExpression, "
        "formalExpression, expression",
        "Who may do a task: people and groups, as the vendors' attributes say it.", "10.3.1, 10.3.2",
        _T + "test_performers.py",
        _one(user("x", '<potentialOwner id="po"><resourceAssignmentExpression><formalExpression>group(RM)'
                       "</formalExpression></resourceAssignmentExpression></potentialOwner>")),
        (("complete", "x"),), ("s", "x", "e"), spiff=Spiff.RUNS),
    Row("asyncBefore, asyncAfter (extension)", "The step begins, or goes on, in a transaction of its own; "
        "before an event that has happened already it is what follows.", "-",
        _T + "elements/test_async.py", _one('<task id="x" camunda:asyncBefore="true"/>'), (("fire", "x"),),
        ("s", "x", "e")),
    Row("inputOutput (extension)", "Maps data into and out of an activity.", "-", _T + "test_tasks.py",
        _one(f'<scriptTask id="x" camunda:resultVariable="r">{_INPUT}<script>n</script></scriptTask>'),
        (), ("s", "x", "e"), variables={"r": 2}),
)  # fmt: skip
