"""``${...}`` translated to FEEL: what means the same in both, and nothing else."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import feel
from engine.kernel.juel import UntranslatableExpression, translate
from tests.kernel import juel_oracle as oracle

NOW = datetime(2026, 1, 31, 17, 30, tzinfo=UTC)  # in Shanghai the first of February has begun
VARIABLES = {
    "amount": 10,
    "approved": True,
    "open": False,
    "none": None,
    "client": {"grade": "AA", "first name": "Li"},
    "n": "x-1",
    "digit": "1",
    "members": ["RM", "PM", "CH"],
    "at": 1,
    "rows": [{"at": 7, "sum": 3}],
    "key": "grade",
}


def evaluated(juel: str) -> object:
    return feel.parse(translate(juel)).evaluate(VARIABLES, now=NOW)


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
        ("${open == amount > 20}", True),
        ("${!(amount > 5)}", False),
        ("${'it\\'s'}", "it's"),
        ("${'}'}", "}"),
        ("case-${n}", "case-x-1"),
        ("${n}/${client.grade}", "x-1/AA"),
        ("case-${none}", "case-"),
        ('say "${n}"', 'say "x-1"'),
        # arithmetic
        ("${amount + 2 * 3 - 1}", 15),
        ("${amount / 4}", Decimal("2.5")),
        ("${amount div 4 * 4}", 10),
        ("${amount % 4}", 2),
        ("${-amount mod 4}", -2),
        ("${amount % -4}", 2),
        ("${amount - -amount}", 20),
        ("${.5 + 1e1}", Decimal("10.5")),
        # choices and emptiness
        ("${amount > 5 ? 'big' : 'small'}", "big"),
        ("${open ? 1 : approved ? 2 : 3}", 2),
        ("${none ? 1 : 2}", 2),
        ("${empty none}", True),
        ("${empty members || empty client}", False),
        ("${!empty n and not empty members}", True),
        ("${empty ''}", True),
        # indexes
        ("${members[0]}", "RM"),
        ("${members[at + 1]}", "CH"),
        ("${members[at]}", "PM"),
        ("${members[at - 2]}", None),
        ("${members[-1]}", None),
        ("${members[3]}", None),
        ("${rows[at - 1].sum}", 3),
        ("${rows[0]['sum']}", 3),
        ("${client['grade']}", "AA"),
        ("${client['first name']}", "Li"),
        ("${client[key]}", "AA"),
        ("${client['nothing']}", None),
        ("${(open ? none : client).grade}", "AA"),
        # methods
        ("${members.size() > 2}", True),
        ("${members.isEmpty()}", False),
        ("${''.isEmpty()}", True),
        ("${members.contains('PM') && !members.contains('XX')}", True),
        ("${n.contains('-')}", True),
        ("${n.length()}", 3),
        ("${n.toUpperCase()}", "X-1"),
        ("${client.grade.toLowerCase()}", "aa"),
        ("${' a\u3000 '.trim()}", "a\u3000"),
        ("${n.startsWith('x') and n.endsWith('1')}", True),
        ("${members.get(0).equals('RM')}", True),
        ("${client.get('grade')}", "AA"),
        ("${client.containsKey('grade')}", True),
        ("${execution.getVariable('amount') > 5}", True),
        # time
        ("${now()}", NOW),
        ("${dateTime().plusDays(3).minusHours(2).toDate()}", NOW + timedelta(days=3, hours=-2)),
        ("${dateTime().plusWeeks(1).plusMinutes(90).plusSeconds(5)}", NOW + timedelta(days=7, minutes=90, seconds=5)),
        ("${dateTime().plusDays(amount - 8)}", NOW + timedelta(days=2)),
        ("${dateTime().plusMonths(-at)}", datetime(2025, 12, 31, 17, 30, tzinfo=UTC)),
        ("${now().plusDays(amount / 4)}", None),
        ("${dateTime().plusMonths(1).toDate()}", datetime(2026, 2, 28, 17, 30, tzinfo=UTC)),
        ("${dateTime().minusYears(1).toDate()}", datetime(2025, 1, 31, 17, 30, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_translated(juel: str, value: object) -> None:
    assert evaluated(juel) == value


@pytest.mark.parametrize(
    "juel",
    [
        "${digit + digit}",
        "${digit == 1}",
        "${!(digit == 1)}",
        "${digit > 0}",
        "${none + 1}",
        "${none > 1}",
        "${-digit}",
        "${client.size()}",
        "${none.size()}",
        "${none.isEmpty()}",
        "${amount.length()}",
        "${!n}",
        "${client[0]}",
        "${client.grade[0]}",
    ],
)
def test_what_juel_would_convert_or_fail_on_is_null(juel: str) -> None:
    assert evaluated(juel) is None


@pytest.mark.parametrize(
    ("juel", "reason"),
    [
        ("${}", "ends where a value is expected"),
        ("${a", "not closed"),
        ("${service.call()}", r"the call service.call\(...\)"),
        ("${notify(a)}", r"the call notify\(...\)"),
        ("${vars:get('a')}", "':' in"),
        ("${''.getClass()}", "getClass"),
        ("${n.substring(1)}", "substring"),
        ("${n.contains('a', 'b')}", "contains"),
        ("${'a' + b}", "joins no texts"),
        ("${a += b}", "'= b'"),
        ("${a = b}", "'= b'"),
        ("${a instanceof b}", "instanceof"),
        ("${a -> b}", "'>' in|'>'"),
        ("${a.}", "property name is missing"),
        ("${a b}", "'b' in"),
        ("${(a}", "parenthesis .* not closed"),
        ("${a[0}", "an index .* not closed"),
        ("${a ? b}", "a choice .* not closed"),
        ("${a.size(}", "ends where a value is expected"),
        ("${a.contains(b}", "a call .* not closed"),
        ("${true.size}", "no property 'size'"),
        ("${execution.processBusinessKey}", "business key is no variable"),
        ("${execution.hasVariable('a')}", "whether a variable exists"),
        ("${execution.getVariable(a)}", "the name of a variable"),
        ("${execution.getVariable('a b')}", "the name of a variable"),
        ("${execution}", "object of another engine"),
        ("${execution.id}", "object of another engine"),
        ("${task.assignee}", "object of another engine"),
        ("${task.getVariable('a')}", "object of another engine"),
        ("${return}", "keyword of FEEL"),
        ("${dateTime().plusDays(1, 2)}", "plusDays"),
        ("${now().getTime()}", "getTime"),
        ("${'a\\n'}", "n' in"),
        ("${a; b}", "'; b'"),
        ("${{}}", "braces inside"),
        ("#{" + "(" * 200 + "a" + ")" * 200 + "}", "nested too deeply"),
        ("#{" + "!" * 200 + "a}", "nested too deeply"),
        ("${" + "a" * 3000 + "}", "longer than"),
        ("x ${a} y ${", "not closed"),
        ("\\${a}", "escaped placeholder"),
    ],
)
def test_refused_with_the_reason(juel: str, reason: str) -> None:
    with pytest.raises(UntranslatableExpression, match=reason):
        translate(juel)


def test_variables_that_were_never_written_are_not_null() -> None:
    for juel in ("${empty other}", "${other == null}", "${execution.getVariable('other')}"):
        with pytest.raises(feel.UnknownVariable):
            evaluated(juel)


def test_what_is_easy_reads_easily() -> None:
    assert translate("${amount >= 10 && client.grade != 'B'}") == '(amount >= 10) and (client.grade != "B")'
    assert translate("${client['grade']}") == "client.grade"
    assert translate("${1 + amount * 2}") == "1 + (amount * 2)"


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.integers(0, 2**32))
def test_random_expressions_mean_the_same(seed: int) -> None:
    order = random.Random(seed)
    term = oracle.term(order, order.randrange(1, 16))
    juel = "${" + oracle.written(term, order.choice) + "}"
    translated = translate(juel)
    try:
        expected = oracle.value(term)
    except oracle.FailsInJuel:
        return
    assert feel.parse(translated).evaluate(oracle.VARIABLES) == expected, f"seed {seed}: {juel} is {translated}"
