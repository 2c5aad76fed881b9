"""Events, at every position."""

from __future__ import annotations

from tests.kernel.support.pieces import (
    CANCEL,
    COMPENSATE,
    CONDITION,
    ERROR,
    ESCALATION,
    HOUR,
    LINK,
    MESSAGE,
    SIGNAL,
    TERMINATE,
    E,
    S,
    boundary,
    catch,
    end,
    handler,
    line,
    script,
    subprocess,
    throw,
    undo,
    undone,
    user,
)
from tests.kernel.support.rows import Row, Spiff

_T = "tests/kernel/"
_X = S + user("x") + E + line("s", "x", "e")
_AFTER = user("y") + end("e2") + line("b", "y", "e2")
_FORK = S + '<parallelGateway id="f"/>'

EVENT_ROWS = (
    Row(
        "startEvent, endEvent, intermediateThrowEvent (none)",
        "Begin, end and mark.",
        "10.5.2, 10.5.3, 13.5",
        _T + "test_events.py",
        S + throw("t") + E + line("s", "t", "e"),
        (),
        ("s", "t", "e"),
        spiff=Spiff.RUNS,
    ),
    Row(
        "messageEventDefinition (start)",
        "A message with its name begins an instance, at a process or an event subprocess.",
        "10.5.2, 13.5.1",
        _T + "test_events.py",
        f'<startEvent id="s">{MESSAGE}</startEvent>' + user("x") + E + line("s", "x", "e"),
        (("start", "s"), ("complete", "x")),
        ("s", "x", "e"),
    ),
    Row(
        "messageEventDefinition (catch)",
        "Waits for a message by name and correlation key; exactly one waiting event gets it.",
        "10.5.5, 13.5.2",
        _T + "test_events.py",
        S + catch("m1", MESSAGE) + E + line("s", "m1", "e"),
        (("deliver", "m1"),),
        ("s", "m1", "e"),
        spiff=Spiff.RUNS,
    ),
    Row(
        "messageEventDefinition (throw, end)",
        "Sends a message with the mapped payload and nothing else.",
        "10.5.5, 13.5.2, 13.5.6",
        _T + "test_events.py",
        S + throw("t", MESSAGE) + end("e", MESSAGE) + line("s", "t", "e"),
        (),
        ("s", "t", "e"),
    ),
    Row(
        "timerEventDefinition, timeDate, timeDuration, timeCycle",
        "Waits for an instant, a time, or again and again; see Timers.",
        "10.5.5, 13.5.2",
        _T + "test_timers.py",
        S + catch("t", HOUR) + E + line("s", "t", "e"),
        (("fire", "t"),),
        ("s", "t", "e"),
        spiff=Spiff.RUNS,
    ),
    Row(
        "boundaryEvent (interrupting)",
        "Ends the activity with everything open in it, at once, and goes on from the event.",
        "10.5.4, 13.5.3",
        _T + "test_events.py",
        _X + boundary("b", "x", HOUR) + _AFTER,
        (("fire", "b"), ("complete", "y")),
        ("s", "b", "y", "e2"),
        spiff=Spiff.RUNS,
    ),
    Row(
        "boundaryEvent (cancelActivity false)",
        "Goes on beside the activity, each time the event happens.",
        "10.5.4, 13.5.3",
        _T + "test_events.py",
        _X + boundary("b", "x", MESSAGE, 'cancelActivity="false"') + _AFTER,
        (("deliver", "b"), ("deliver", "b"), ("complete", "x"), ("complete", "y"), ("complete", "y")),
        ("s", "b", "b", "x", "e", "y", "e2", "y", "e2"),
    ),
    Row(
        "signalEventDefinition",
        "Reaches everything that listens to its name: in the same instance when all that is ready has settled, then in "
        "all others, and start events.",
        "10.5.5, 13.5.2",
        _T + "elements/test_signals.py",
        _FORK
        + catch("c", SIGNAL)
        + user("x")
        + throw("t", SIGNAL)
        + E
        + line("s", "f", "c", "e")
        + line("f", "x", "t", "e"),
        (("complete", "x"),),
        ("s", "f", "x", "c", "t", "e", "e"),
    ),
    Row(
        "errorEventDefinition",
        "Goes to the nearest catcher by code: boundary event, event subprocess, outwards through called processes; one "
        "without `errorRef` catches every error. Not caught, the instance ends as failed, with an incident.",
        "10.5.5, 10.5.6, 13.5.3",
        _T + "elements/test_errors.py",
        S
        + subprocess("x", '<startEvent id="is"/>' + end("ie", ERROR) + line("is", "ie"))
        + E
        + line("s", "x", "e")
        + boundary("b", "x", ERROR)
        + _AFTER,
        (("complete", "y"),),
        ("s", "is", "b", "y", "e2"),
    ),
    Row(
        "errorEventDefinition (not caught)",
        "Ends the instance as failed.",
        "10.5.6",
        _T + "elements/test_errors.py",
        S + end("e", ERROR) + line("s", "e"),
        (),
        ("s",),
        ended="failed",
    ),
    Row(
        "escalationEventDefinition",
        "Goes to the nearest catcher by code; what threw it goes on unless the catcher interrupts. Not caught, it is "
        "over.",
        "10.5.5, 13.5.3",
        _T + "elements/test_escalations.py",
        S
        + subprocess("x", '<startEvent id="is"/>' + throw("t", ESCALATION) + end("ie") + line("is", "t", "ie"))
        + E
        + line("s", "x", "e")
        + boundary("b", "x", ESCALATION, 'cancelActivity="false"')
        + _AFTER,
        (("complete", "y"),),
        ("s", "is", "t", "b", "ie", "x", "e", "y", "e2"),
    ),
    Row(
        "conditionalEventDefinition, condition",
        "Happens when its condition becomes true: looked at when it is armed, before the activity begins, and after "
        "every change of a variable that it reads.",
        "10.5.5, 13.5.2",
        _T + "elements/test_conditionals.py",
        _FORK + catch("c", CONDITION) + script("x", "amount", "6") + E + line("s", "f", "c", "e") + line("f", "x", "e"),
        (),
        ("s", "f", "x", "c", "e", "e"),
    ),
    Row(
        "linkEventDefinition",
        "A throwing link goes on at the catching one of the same name in the same process or subprocess.",
        "10.5.5",
        _T + "elements/test_links.py",
        S + throw("t", LINK) + catch("c", LINK) + user("x") + E + line("s", "t") + line("c", "x", "e"),
        (("complete", "x"),),
        ("s", "t", "c", "x", "e"),
    ),
    Row(
        "terminateEventDefinition",
        "Ends everything in the process, called process or subprocess in which it lies, and no more.",
        "10.5.3, 13.5.6",
        _T + "test_events.py",
        _FORK + user("a") + user("b") + end("e1", TERMINATE) + E + line("s", "f", "a", "e1") + line("f", "b", "e"),
        (("complete", "a"),),
        ("s", "f", "a", "e1"),
        ended="terminated",
        spiff=Spiff.RUNS,
    ),
    Row(
        "compensateEventDefinition, isForCompensation",
        "Runs the handlers of what has completed in the scope (or of `activityRef`), the latest first, with the data "
        "of the time; goes on when they are done, at once with `waitForCompletion` false.",
        "10.5.5, 10.7, 13.5.5",
        _T + "elements/test_compensation.py",
        S
        + '<task id="a"/><task id="b"/>'
        + undo("a")
        + undo("b")
        + throw("t", COMPENSATE)
        + E
        + line("s", "a", "b", "t", "e")
        + undone("a", "b"),
        (),
        ("s", "a", "b", "undo_b", "undo_a", "t", "e"),
        start={"log": []},
        variables={"log": ["b", "a"]},
    ),
    Row(
        "cancelEventDefinition",
        "Ends what runs in the transaction, undoes what completed in it, and leaves by the boundary event.",
        "10.3.5, 10.5.5, 13.5.6",
        _T + "elements/test_transactions.py",
        S
        + subprocess(
            "x",
            '<startEvent id="is"/><task id="a"/>' + undo("a") + end("ie", CANCEL) + line("is", "a", "ie") + undone("a"),
            tag="transaction",
        )
        + E
        + line("s", "x", "e")
        + boundary("b", "x", CANCEL)
        + _AFTER,
        (("complete", "y"),),
        ("s", "is", "a", "undo_a", "b", "y", "e2"),
        start={"log": []},
    ),
    Row(
        "intermediateCatchEvent, intermediateThrowEvent, boundaryEvent (several event definitions)",
        "Catching: any of them. Throwing: all of them, in the order of the file.",
        "10.5.4",
        _T + "elements/test_multiple_events.py",
        S + catch("c", MESSAGE + SIGNAL) + E + line("s", "c", "e"),
        (("signal", "STOP"),),
        ("s", "c", "e"),
    ),
    Row(
        "parallelMultiple",
        "All of its events must happen, in any order.",
        "10.5.4",
        _T + "elements/test_multiple_events.py",
        S + catch("c", MESSAGE + SIGNAL, 'parallelMultiple="true"') + E + line("s", "c", "e"),
        (("signal", "STOP"), ("deliver", "c")),
        ("s", "c", "e"),
    ),
    Row(
        "eventDefinitionRef",
        "A definition kept beside the processes, as if it stood in the event.",
        "10.5.1",
        _T + "elements/test_multiple_events.py",
        S + catch("c", "<eventDefinitionRef>shared</eventDefinitionRef>") + E + line("s", "c", "e"),
        (("signal", "STOP"),),
        ("s", "c", "e"),
    ),
    Row(
        "subProcess (triggeredByEvent, interrupting)",
        "Begins when its start event happens and ends everything else in the scope, at once.",
        "10.3.5, 13.5.4",
        _T + "elements/test_event_subprocesses.py",
        _X + handler("h", MESSAGE, True),
        (("deliver", "h_s"), ("complete", "h_t")),
        ("s", "h_s", "h_t", "h_e", "h"),
    ),
    Row(
        "subProcess (triggeredByEvent, isInterrupting false)",
        "Runs beside the rest, each time its start event happens; waiting for it keeps nothing alive.",
        "10.3.5, 13.5.4",
        _T + "elements/test_event_subprocesses.py",
        _X + handler("h", SIGNAL, False),
        (("signal", "STOP"), ("complete", "x"), ("complete", "h_t")),
        ("s", "h_s", "x", "e", "h_t", "h_e", "h"),
    ),
)
