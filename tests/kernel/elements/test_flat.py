"""Every element in a loop: the state keeps what is active, and nothing of what is over.

What waits takes fourteen steps a round and goes 300 rounds; each of them must leave the same state but for numbers.
"""

from __future__ import annotations

from engine.kernel import stimuli as s
from tests.kernel.driver import Deployed, Run
from tests.kernel.elements.parts import (
    boundary,
    call,
    catch,
    conditional,
    end,
    error,
    escalation,
    flows,
    gateway,
    handled,
    items,
    link,
    message,
    process,
    rounds,
    script,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
    within,
    write,
)
from tests.kernel.test_flatness import shape

ROUNDS = 1_000
ROUNDS_OF_WAITING = 300
CALLED = process(start("cs"), script("ci", "n", "n + 1"), end("ce"), flows("cs > ci > ce"), id="q")

UNDO = script("undo", "a", "2").replace("<scriptTask", '<scriptTask isForCompensation="true"')
UNDONE = sub(
    "undone", start("us"), script("work", "a", "1"), UNDO,
    boundary("ub", "work", "<compensateEventDefinition/>"), throw("ut", "<compensateEventDefinition/>"), end("ue"),
    flows("us > work > ut > ue"), '<association id="as" sourceRef="ub" targetRef="undo" associationDirection="One"/>',
)  # fmt: skip
CANCELLED = (
    "<transaction id='tx'>" + start("xs") + end("xe", "<cancelEventDefinition/>") + flows("xs > xe") + "</transaction>"
    + boundary("xb", "tx", "<cancelEventDefinition/>")
)  # fmt: skip
CAUGHT = (
    sub("caught", start("fs"), end("fe", error("E")), flows("fs > fe")) + boundary("fb", "caught", error("E"))
    + sub("told", start("ts"), throw("tt", escalation("X")), end("te"), flows("ts > tt > te"))
    + boundary("tb", "told", escalation("X"), interrupting=False) + "<task id='heard'/>" + flows("tb > heard")
)  # fmt: skip
AUTOMATIC = (
    gateway("f", "j") + gateway("g", "i", kind="inclusive") + "<task id='a'/><task id='b'/><task id='c'/><task id='d'/>"
    + '<complexGateway id="k"><activationCondition>activationCount &gt;= 1</activationCondition></complexGateway>'
    + "<task id='o'/><task id='o2'/>" + gateway("h")
    + throw("go", link("L")) + catch("come", link("L")) + throw("shout", signal()) + throw("send", message())
    + script("text", "m", "n") + sub("sub", '<dataObject id="own"/>', start("ss"), script("si", "own", "1"), end("se"),
                                    flows("ss > si > se"))
    + call("calls") + '<adHocSubProcess id="adhoc"><task id="d1"/><task id="d2"/></adHocSubProcess>'
    + within(script("many", "m", "loopCounter"), items(3)) + within(script("again", "m", "loopCounter"), rounds(3))
    + UNDONE + CANCELLED + CAUGHT + handled("h1", signal(), "<task id='h1_t'/>", interrupting=False)
)  # fmt: skip
CHAIN = flows(
    "in > turn > f > a > j", "f > b > j", "j > g", "g > [true] c > i", "g > [n > 500] d > i", "i > h", "h > o > k",
    "h > o2 > k", "k > go", "come > shout > send > text > sub > calls > adhoc > many > again > undone > tx",
    "xb > caught", "fb > told > out > [n < 1001] in", "out > e",
)  # fmt: skip
FRAME = (
    start() + gateway("in", kind="exclusive") + '<exclusiveGateway id="out" default="out_e"/>' + end() + flows("s > in")
)


def started(*body: str, **variables: object) -> Run:
    deployed = Deployed(CALLED)
    return Run(deployed, checks=False).start(deployed.deploy(process(*body)), variables)


class Watch:
    """Every round leaves the same state but for its numbers."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.shapes: set[str] = set()
        self.sizes: list[int] = []

    def look(self) -> None:
        self.shapes.add(shape(self.run))
        self.sizes.append(self.run.store.size)
        self.run.log.clear()

    def is_flat(self) -> None:
        assert len(self.shapes) == 1
        assert max(self.sizes[9:]) <= 1.3 * self.sizes[9]


def test_elements_that_do_not_wait() -> None:
    run = started(FRAME, user("turn"), AUTOMATIC, CHAIN, n=0)
    watch = Watch(run)
    run.complete("turn")
    for _ in range(ROUNDS):
        watch.look()
        assert list(run.store.scopes) == ["1"]
        run.complete("turn")
    assert run.ended == "completed", "every round went through all of it"
    watch.is_flat()


JOB = service("job").replace("<serviceTask", '<serviceTask camunda:asyncBefore="true"')
WAITING = (
    gateway("race", kind="eventBased") + catch("rt", timer()) + catch("rm", message("M"))
    + catch("ct", timer()) + catch("cs", signal()) + catch("cc", conditional("flag"))
    + '<receiveTask id="get" messageRef="message_N"/>' + JOB
    + sub("part", start("ps"), within(user("vote"), items(2)), end("pe"), flows("ps > vote > pe"),
          handled("ph", message("M"), interrupting=False))
    + boundary("late", "part", timer("R/PT1H"), interrupting=False) + "<task id='reminded'/>" + flows("late > reminded")
    + within(user("twice"), rounds(2)) + boundary("over", "twice", timer("P9D")) + script("calm", "flag", "false")
    + flows("in > race", "race > rt > ct", "race > rm > ct", "ct > cs > cc > calm > get > job > part > twice > out",
            "over > out", "out > [n < 5] in", "out > e")
)  # fmt: skip


def test_elements_that_wait() -> None:
    run = started(FRAME, WAITING, n=0, flag=False)
    watch = Watch(run)
    for turn in range(ROUNDS_OF_WAITING):
        watch.look()
        if turn % 2:
            run.fire("rt")
        else:
            run.deliver("rm")
        run.fire("ct")
        run.signal("S")
        write(run, flag=True)
        run.deliver("get")
        run.fire("job")
        run.done("job")
        run.fire("late")
        run.deliver("ph_s")
        run.complete("vote")
        run.complete("vote")
        run.complete("ph_t")
        run.complete("twice")
        if turn % 3:
            run.complete("twice")
        else:
            run.fire("over")
    watch.look()
    watch.is_flat()


def test_a_line_of_tokens_at_a_join_is_all_that_grows() -> None:
    """Excess tokens are active: they are kept, each as much as the one before."""
    r = started(start(), '<task id="x" completionQuantity="1000"/>', user("y", "k"), gateway("j"),
                flows("s > x > j", "s > y > j", "j > k"))  # fmt: skip
    tokens = r.store.size
    r.complete("y")
    assert r.tasks == ["k"]
    assert tokens < 1_000 * 60
    r.send(s.Cancel())
    assert r.store.scopes == {}
