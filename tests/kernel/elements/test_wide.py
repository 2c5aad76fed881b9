"""Many items: what a step reads and writes does not depend on how many there are.

Scopes and bytes are counted, not seconds (those are for the benchmark of items).
"""

from __future__ import annotations

import pytest

from engine.kernel import stimuli as s
from tests.kernel.driver import Deployed, Run
from tests.kernel.elements.parts import end, flows, process, rounds, start, sub, user, within
from tests.kernel.test_flatness import calls_of

GATHER = (
    '<extensionElements><camunda:properties><camunda:property name="outputCollection" value="votes"/>'
    '<camunda:property name="outputElement" value="=vote"/></camunda:properties></extensionElements>'
)
SIZES = (10, 2_000)
INSIDE = start("is") + user("i") + end("ie") + flows("is > i > ie")


def items(count: int, *, sequential: bool, collection: bool, inside: str = "") -> str:
    flag = f'isSequential="{str(sequential).lower()}"'
    done = f"<completionCondition>{inside}</completionCondition>" if inside else ""
    if collection:
        each = 'camunda:collection="members" camunda:elementVariable="member"'
        return f"<multiInstanceLoopCharacteristics {flag} {each}>{done}</multiInstanceLoopCharacteristics>"
    return (
        f"<multiInstanceLoopCharacteristics {flag}><loopCardinality>{count}</loopCardinality>{done}"
        "</multiInstanceLoopCharacteristics>"
    )


def begun(activity: str, members: int = 0) -> Run:
    """The activity ``x`` between start and end."""
    deployed = Deployed()
    ref = deployed.deploy(process(start(), activity, end(), flows("s > x > e")))
    return Run(deployed, checks=False).start(ref, {"members": [f"member {n}" for n in range(members)]})


def middle(r: Run) -> str:
    """A token in the middle of what is open."""
    tokens = list(r.open.tasks)
    return tokens[len(tokens) // 2]


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("collection", [False, True])
@pytest.mark.parametrize("activity", [f'<userTask id="x">{GATHER}</userTask>', sub("x", INSIDE)])
def test_completing_an_item_touches_its_own_scopes_only(activity: str, collection: bool, sequential: bool) -> None:
    read, written, calls, bytes_ = [], [], [], []
    for count in SIZES:
        made = within(activity, items(count, sequential=sequential, collection=collection))
        r = begun(made, count)
        for _ in range(3):
            r.send(s.CompleteTask(middle(r), {"vote": "FOR"}))
        token = middle(r)
        calls.append(calls_of(lambda r=r, token=token: r.send(s.CompleteTask(token, {"vote": "FOR"}))))  # type: ignore[misc]  # bound at once
        read.append(len(r.store.loaded))
        written.append(len(r.store.written))
        root = r.store.written.get("1", 0)
        bytes_.append(sum(r.store.written.values()) - root)
    assert len(set(read)) == len(set(written)) == 1
    assert read[0] <= 5, "its own, those of the item, of all items and of the root; of the next one when one follows"
    assert written[0] <= 5
    assert max(bytes_) <= min(bytes_) + 40, "only numbers have more digits"
    assert max(calls) <= 1.1 * min(calls)


@pytest.mark.parametrize("sequential", [False, True])
def test_a_thousand_items_run_to_their_end_in_one_step(sequential: bool) -> None:
    """Without people; each item is a script in a subprocess."""
    inside = (
        start("is") + '<scriptTask id="i" camunda:resultVariable="vote"><script>loopCounter</script></scriptTask>'
        + end("ie") + flows("is > i > ie")
    )  # fmt: skip
    loop = items(1_000, sequential=sequential, collection=True)
    made = f'<subProcess id="x">{GATHER}{loop}{inside}</subProcess>'
    r = begun(made, 1_000)
    assert r.ended == "completed"
    assert r.variables()["votes"] == [*range(1_000)]


def test_more_than_the_most_items_are_an_incident() -> None:
    r = begun(within(user("x"), items(0, sequential=False, collection=True)), 10_001)
    assert r.failure("x").code == "LOOP_LIMIT"
    r.retry("x", members=[1])
    assert r.tasks == ["x"]


def test_a_completion_condition_ends_all_that_is_open_at_once() -> None:
    loop = items(3_000, sequential=False, collection=False, inside="nrOfCompletedInstances = 2")
    r = begun(within(user("x"), loop))
    r.send(s.CompleteTask(middle(r)))
    r.send(s.CompleteTask(middle(r)))
    assert (r.ended, r.open.tasks, r.store.scopes) == ("completed", {}, {})


def test_items_in_a_loop_leave_nothing_behind() -> None:
    loop = items(3, sequential=False, collection=False)
    inner = sub("x", start("is"), within(user("i"), loop), end("ie"), flows("is > i > ie"))
    r = begun(within(inner, rounds(300)))
    sizes = set()
    for _ in range(300):
        sizes.add(len(r.store.scopes))
        for token in list(r.open.tasks):
            r.send(s.CompleteTask(token))
        r.log.clear()
    assert r.ended == "completed"
    assert len(sizes) == 1


LINE = {
    "s": '<scriptTask id="{}"><script>{{}}</script></scriptTask>',
    "g": '<exclusiveGateway id="{}"/>',
    "t": '<intermediateThrowEvent id="{}"/>',
    "u": '<subProcess id="{0}"><task id="i{0}"/></subProcess>',
}


def test_three_thousand_elements_of_all_kinds_in_a_line() -> None:
    names = [f"{'sgtu'[n % 4]}{n}" for n in range(3_000)]
    body = start("first") + "".join(LINE[name[0]].format(name) for name in names) + end()
    deployed = Deployed()
    r = Run(deployed, checks=False).start(deployed.deploy(process(body, flows(" > ".join(["first", *names, "e"])))))
    assert r.ended == "completed"
    assert [id for id in r.path() if id in set(names)] == names
