"""What a state tells from outside, and how little a step reads and writes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from engine.kernel import NoSuchScope, State
from engine.kernel import effects as e
from engine.kernel import stimuli as s
from engine.kernel.encoding import decode_scope
from engine.kernel.errors import UnreadableState
from engine.kernel.scope import Phase, Scope, ScopeKind, Token, Wait, ancestors_of, parent_of, split_handle
from engine.kernel.state import MemorySource
from tests.kernel.bpmn import around, extended, flow, model
from tests.kernel.driver import Run, run

CHILD = model(
    around('<subProcess id="x"><startEvent id="is"/><userTask id="i"/>' + flow("is", "i") + "</subProcess>"),
    process='id="child" isExecutable="true"',
)


def nested() -> Run:
    """A subprocess inside a called process, twice, side by side."""
    data = extended('<camunda:in source="client" target="who"/>')
    calls = "".join(f'<callActivity id="c{n}" calledElement="child">{data}</callActivity>' for n in (1, 2))
    body = '<startEvent id="s"/><parallelGateway id="f"/>' + calls + flow("s", "f") + flow("f", "c1") + flow("f", "c2")
    return run(model(body), {"client": "C1"}, CHILD)


def test_ids_are_paths() -> None:
    assert ancestors_of("1.5.12") == ["1", "1.5", "1.5.12"]
    assert parent_of("1.5.12") == "1.5"
    assert parent_of("1") == ""
    assert split_handle("1.5:13") == ("1.5", 13)
    assert split_handle("nonsense") == ("", 0)


def test_a_step_reads_and_writes_only_what_it_touches() -> None:
    r = nested()
    assert len(r.store.scopes) == 5
    first, second = (r.open.tasks[token].token for token in r.open.tasks)
    r.checks = False  # they read everything
    r.send(s.CompleteTask(first))
    assert set(r.store.loaded) == set(ancestors_of(split_handle(first)[0]))
    untouched = ancestors_of(split_handle(second)[0])[1:]
    assert not set(untouched) & set(r.store.written)
    assert set(untouched) <= set(r.store.scopes)


def test_what_a_state_tells() -> None:
    r = nested()
    state = r.state
    token = next(iter(r.open.tasks))
    view = state.token(token)
    assert view is not None
    assert (view.element, view.waits_for, view.definition) == ("i", "task", "child:1")
    assert view.instance == state.instance_of(view.scope) == parent_of(view.scope)
    assert state.variables(view.scope) == state.own_variables(view.instance) == {"who": "C1"}
    assert state.own_variables(view.scope) == {}
    assert state.variable(view.scope, "who") == "C1"
    with pytest.raises(KeyError):
        state.variable(view.scope, "client")
    assert state.children("1") == [id for id in r.store.scopes if id.count(".") == 1]
    assert [one.waits_for for one in state.tokens()].count("child") == 4
    assert not state.ended
    assert State.new().ended
    assert state.token("1:99") is None
    with pytest.raises(NoSuchScope):
        state.variables("1.99")


def test_a_snapshot_is_the_whole_state() -> None:
    r = nested()
    assert r.state.snapshot() == r.store.scopes
    again = State.from_snapshot(r.state.snapshot())
    assert again.snapshot() == r.store.scopes
    assert again.changed == {}
    assert again.removed == frozenset()


def test_setting_variables_from_outside() -> None:
    r = nested()
    scope = next(iter(r.open.calls))
    r.send(s.SetVariables(scope, {"who": "C2", "new": 1}))
    assert r.variables(scope) == {"who": "C2", "new": 1}
    assert r.variables() == {"client": "C1"}
    assert r.last == (e.VariablesWritten(scope, scope, "", {"who": "C2", "new": 1}),)
    for missing in ("1.99", "", "2", "x"):
        with pytest.raises(NoSuchScope):
            r.send(s.SetVariables(missing, {"a": 1}))


def test_children_come_in_numeric_order() -> None:
    source = MemorySource(dict.fromkeys(("1", "1.10", "1.9", "1.9.11", "11"), "{}"))
    assert source.children("1") == ["1.9", "1.10"]


def test_changing_a_copy_of_a_scope_leaves_the_scope_as_it_was() -> None:
    scope = Scope(ScopeKind.PROCESS)
    copy = scope.copy()
    copy.variables["a"] = 1
    copy.tokens[1] = Token(1, "x", Phase.ENTER, 1)
    copy.waits[2] = Wait(2, 1, "x")
    copy.gates["g"] = ["f"]
    assert scope == Scope(ScopeKind.PROCESS)


LONG = ("members", [f"m{n}" for n in range(100)]), ("prices", {f"k{n}": n for n in range(100)}), ("text", "a\n" * 2_000)


@pytest.mark.parametrize(("name", "value"), LONG)
def test_what_is_long_is_stored_apart_and_read_only_when_it_is_looked_at(name: str, value: object) -> None:
    r = run(model(around('<userTask id="x"/>')), {name: value, "a": 1, "z": 2})
    head, apart = r.store.scopes["1"].split("\n")
    assert json.loads(apart) == value
    assert len(head) < 200
    assert r.variables() == {name: value, "a": 1, "z": 2}
    damaged = {"1": f"{head}\n{apart[:-1]}"}
    state = State.from_snapshot(damaged)
    assert state.variable("1", "a") == 1, "nothing of it was read"
    with pytest.raises(UnreadableState):
        state.variable("1", name)
    r.complete("x", **{name: "short"})
    assert r.open.ended is not None
    assert r.open.ended.variables == {name: "short", "a": 1, "z": 2}


@pytest.mark.parametrize("damage", [lambda text: text.split("\n")[0], lambda text: text + "\n1", lambda text: "{}\n1"])
def test_a_scope_with_too_little_or_too_much_behind_it_cannot_be_read(damage: Callable[[str], str]) -> None:
    r = run(model(around('<userTask id="x"/>')), dict(LONG))
    with pytest.raises(UnreadableState):
        decode_scope(damage(r.store.scopes["1"]))
