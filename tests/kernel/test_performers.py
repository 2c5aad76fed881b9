"""Resource roles of the standard: who performs a task, who may claim it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.kernel.check import Severity
from engine.kernel.compile import compile_model
from engine.kernel.definition import HumanWork, Value
from tests.kernel.bpmn import around, model
from tests.kernel.cases import rules
from tests.kernel.driver import run
from tests.kernel.spiff_case import Case

NOW = datetime(2026, 3, 2, tzinfo=UTC)
RESOURCES = '<resource id="r" name="RATER"/><resource id="plain" name=" "/>'
VARIABLES = {"boss": "li", "team": ["RM", "PM"], "listed": "CH, RM"}


def role(tag: str, text: str, attributes: str = "") -> str:
    expression = f"<formalExpression {attributes}>{text}</formalExpression>"
    return f"<{tag}><resourceAssignmentExpression>{expression}</resourceAssignmentExpression></{tag}>"


def task(*roles: str, attributes: str = "", tag: str = "userTask") -> str:
    return around(f'<{tag} id="x" {attributes}>{"".join(roles)}</{tag}>')


def human(*roles: str, **options: str) -> HumanWork:
    definition = compile_model(model(task(*roles, **options), root=RESOURCES), file="test.bpmn")[0]
    found = definition.nodes["x"].human
    assert found is not None
    return found


def named(value: Value | None) -> object:
    return None if value is None else value.evaluate(VARIABLES, NOW)


@pytest.mark.parametrize(
    ("roles", "assignee", "users", "groups"),
    [
        ([role("potentialOwner", "RM")], None, None, "RM"),
        ([role("potentialOwner", "RM, PM")], None, None, "RM,PM"),
        ([role("potentialOwner", "user(li), group(RM), user( wang )")], None, "li,wang", "RM"),
        ([role("potentialOwner", "user(li, wang)")], None, "li, wang", None),
        ([role("potentialOwner", "RM"), role("potentialOwner", "PM")], None, None, "RM,PM"),
        ([role("potentialOwner", "=team")], None, None, ["RM", "PM"]),
        ([role("potentialOwner", "team", 'language="feel"')], None, None, ["RM", "PM"]),
        ([role("potentialOwner", "${team}")], None, None, ["RM", "PM"]),
        ([role("potentialOwner", "user(${boss}), group(${team})")], None, "li", ["RM", "PM"]),
        ([role("potentialOwner", "CH, group(${team}), ${listed}")], None, None, ["CH", "RM", "PM", "CH", "RM"]),
        ([role("potentialOwner", "${boss == 'li' ? 'RM' : 'PM'}")], None, None, "RM"),
        ([role("humanPerformer", "li")], "li", None, None),
        ([role("humanPerformer", "user(li)")], "li", None, None),
        ([role("performer", "${boss}")], "li", None, None),
        ([role("humanPerformer", "li"), role("potentialOwner", "RM")], "li", None, "RM"),
        (["<potentialOwner><resourceRef>r</resourceRef></potentialOwner>"], None, None, "RATER"),
        (["<humanPerformer><resourceRef>plain</resourceRef></humanPerformer>"], None, None, "plain"),
        ([role("potentialOwner", "RM").replace("formalExpression", "expression")], None, None, "RM"),
    ],
)  # fmt: skip
def test_roles_say_who(roles: list[str], assignee: object, users: object, groups: object) -> None:
    found = human(*roles)
    assert named(found.assignee) == assignee
    assert named(found.candidate_users) == users
    assert named(found.candidate_groups) == groups


def test_a_manual_task_has_them_too() -> None:
    assert named(human(role("humanPerformer", "li"), tag="manualTask").assignee) == "li"


@pytest.mark.parametrize(
    "named",
    [
        task(role("humanPerformer", "li"), tag="manualTask"),
        task(role("potentialOwner", "RM"), tag="manualTask"),
        task(attributes='camunda:candidateUsers="li"', tag="manualTask"),
    ],
)
def test_a_manual_task_waits_for_whom_it_names(named: str) -> None:
    assert run(model(named)).tasks == ["x"]
    assert Case(named).open == ["x"]
    unnamed = task(tag="manualTask")
    assert run(model(unnamed)).ended == "completed"
    assert Case(unnamed).open == []


def test_attributes_and_roles_that_say_different_things_go_together() -> None:
    found = human(role("potentialOwner", "RM"), attributes='camunda:assignee="li" camunda:candidateUsers="wang"')
    assert [named(found.assignee), named(found.candidate_users), named(found.candidate_groups)] == ["li", "wang", "RM"]


@pytest.mark.parametrize(
    "body",
    [
        task(role("humanPerformer", "li"), attributes='camunda:assignee="wang"'),
        task(role("potentialOwner", "user(li)"), attributes='camunda:candidateUsers="wang"'),
        task(role("potentialOwner", "RM"), attributes='flowable:candidateGroups="PM"'),
        task(role("humanPerformer", "li"), role("performer", "wang")),
        task(role("humanPerformer", "li, wang")),
        task(role("potentialOwner", "")),
        task(role("potentialOwner", "user()")),
        task(role("potentialOwner", "people(li)")),
        task("<potentialOwner/>"),
        task("<potentialOwner><resourceRef>r</resourceRef><resourceParameterBinding parameterRef='p'>"
             "<formalExpression>1</formalExpression></resourceParameterBinding></potentialOwner>"),
        task(role("resourceRole", "RM")),
        task(role("performer", "li"), tag="task"),
        task(role("potentialOwner", "RM"), tag="serviceTask", attributes='camunda:topic="t"'),
    ],
)  # fmt: skip
def test_roles_that_name_nobody_or_somebody_twice_are_refused(body: str) -> None:
    assert ("execution/performer", "x") in rules(body, root=RESOURCES)


def test_a_role_in_the_process_is_refused() -> None:
    assert ("execution/performer", "p") in rules(task() + role("performer", "li"))


def test_a_resource_that_is_not_there() -> None:
    body = task("<potentialOwner><resourceRef>nobody</resourceRef></potentialOwner>")
    assert rules(body) == {("references/dangling", "x")}


def test_expressions_are_checked() -> None:
    assert rules(task(role("potentialOwner", "=1 +"))) == {("expressions/feel", "x")}
    assert rules(task(role("potentialOwner", "${bean.team()}"))) == {("expressions/juel", "x")}
    assert rules(task(role("potentialOwner", "RM", 'language="http://www.w3.org/1999/XPath"'))) == {
        ("expressions/language", "x")
    }


def test_a_task_with_roles_asks_somebody() -> None:

    told = rules(task(role("potentialOwner", "RM")), severity=Severity.WARNING)
    assert ("execution/no-role", "x") not in told
    assert ("execution/no-role", "x") in rules(task(), severity=Severity.WARNING)
