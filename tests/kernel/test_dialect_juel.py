"""``${...}`` translated to FEEL: what means the same in both, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import feel
from engine.kernel.juel import UntranslatableExpression, translate

VARIABLES = {"amount": 10, "approved": True, "open": False, "none": None, "client": {"grade": "AA"}, "n": "x-1"}


@pytest.mark.parametrize(
    ("juel", "value"),
    [
        ("${approved}", True),
        ("#{approved}", True),
        ("${!approved}", False),
        ("${not approved}", False),
        ("${!!approved}", True),
        ("${!none}", True),
        ("${amount > 5}", True),
        ("${amount gt 5 && amount lt 10}", False),
        ("${amount ge 10 and amount le 10.0}", True),
        ("${open || approved}", True),
        ("${open or approved and open}", False),
        ("${(open or approved) and approved}", True),
        ("${client.grade == 'AA'}", True),
        ('${client.grade ne "B"}', True),
        ("${client.grade}", "AA"),
        ("${none == null}", True),
        ("${!open == true}", True),
        ("${!(amount > 5)}", False),
        ("${'it\\'s'}", "it's"),
        ("case-${n}", "case-x-1"),
        ("${n}/${client.grade}", "x-1/AA"),
        ('say "${n}"', 'say "x-1"'),
    ],
)
def test_translated(juel: str, value: object) -> None:
    assert feel.parse(translate(juel)).evaluate(VARIABLES) == value


@pytest.mark.parametrize(
    "juel",
    [
        "${}",
        "${a",
        "${service.call()}",
        "${''.getClass()}",
        "${list[0]}",
        "${a + b}",
        "${a ? b : c}",
        "${empty a}",
        "${a = b}",
        "${a.}",
        "${a b}",
        "${(a}",
        "${(a).b}",
        "${execution.processBusinessKey}",
        "${task.assignee}",
        "${a; b}",
        "${{}}",
        "#{" + "(" * 200 + "a" + ")" * 200 + "}",
        "${" + "a" * 3000 + "}",
        "x ${a} y ${",
    ],
)
def test_refused(juel: str) -> None:
    with pytest.raises(UntranslatableExpression):
        translate(juel)


_boolean = st.recursive(
    st.sampled_from([("approved", True), ("open", False), ("true", True), ("false", False)]),
    lambda inner: st.one_of(
        inner.map(lambda x: (f"!({x[0]})", not x[1])),
        st.tuples(inner, inner).map(lambda x: (f"({x[0][0]}) && ({x[1][0]})", x[0][1] and x[1][1])),
        st.tuples(inner, inner).map(lambda x: (f"({x[0][0]}) || ({x[1][0]})", x[0][1] or x[1][1])),
        st.tuples(inner, inner).map(lambda x: (f"({x[0][0]}) == ({x[1][0]})", x[0][1] == x[1][1])),
    ),
    max_leaves=8,
)


@settings(derandomize=True, max_examples=100)
@given(_boolean)
def test_boolean_expressions_mean_the_same(case: tuple[str, bool]) -> None:
    juel, expected = case
    assert feel.parse(translate("${" + juel + "}")).evaluate(VARIABLES) is expected
