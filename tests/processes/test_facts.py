"""The facts of the acceptance case at each of its tasks, and the words for every code the tables can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy.orm import Session

import processes
from engine.kernel.definition import Kind as Element
from engine.model.task import UserTask
from engine.runtime import Work
from forms import packaged_form_ids
from processes import packaged
from processes.facts import Fact, FactGroup, Kind, Words, facts_of, words
from processes.facts.opinions import SAID
from processes.registers import insert_given
from processes.registers.drawdown import REPORTS
from processes.registers.financing import STAGES, WARNINGS
from tests.processes.models import nodes
from tests.processes.watching import play

WIND = Path(processes.__file__).parent / "P00_project_lifecycle" / "scenarios" / "1-wind-farm.yaml"
M = 1_000_000
Seen = Mapping[str, Mapping[str, FactGroup]]


@pytest.fixture(scope="module")
def wind(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Facts of scenario 1 as they stood when each task was last open, by element and group key."""
    seen: dict[str, dict[str, FactGroup]] = {}

    def look(work: Work, task: UserTask, variables: Mapping[str, object]) -> None:
        whole = task.element in ("P07_pay_make", "P07_pay_check")
        found = facts_of(work.session, task.business_key, variables, whole_accounts=whole)
        seen[task.element] = {group.key: group for group in found}

    with pytest.MonkeyPatch.context() as patch:
        play(WIND, tmp_path_factory.mktemp("wind"), patch, look)
    return seen


def value(group: FactGroup, english: str) -> Any:
    return fact(group, english).value


def fact(group: FactGroup, english: str) -> Fact:
    found = [entry for entry in group.facts if entry.label.en == english]
    assert len(found) == 1, (english, [entry.label.en for entry in group.facts])
    return found[0]


def table(group: FactGroup) -> list[dict[str, Any]]:
    """The rows by English label, choices in Chinese."""
    return [
        {cell.label.en: cell.value.zh if isinstance(cell.value, Words) else cell.value for cell in row}
        for row in group.rows
    ]


def test_the_client_and_the_project_are_known_from_the_first_task(wind: Seen) -> None:
    groups = wind["P03_legal"]
    assert value(groups["client"], "Client") == "蒙东风电开发有限公司"
    assert value(groups["client"], "Relation") == Words("新客户", "New client")
    assert value(groups["client"], "Group exposure with this financing") == 450 * M
    project = groups["project"]
    assert fact(project, "Amount").emphasis
    assert value(project, "Industry") == Words("风电", "Wind power")
    assert value(project, "Equity ratio") == Decimal(25)
    assert value(project, "Stage") == Words("评估中", "In assessment")
    assert value(groups["eligibility"], "Minimum equity ratio") == Decimal(20)
    assert groups.keys() >= {"client", "project", "eligibility"}
    assert groups.keys().isdisjoint({"rating", "committee", "standing", "drawdown", "visits"})


def test_the_joint_report_sees_what_the_experts_said(wind: Seen) -> None:
    groups = wind["P03_joint_report"]
    said = {row["Step"]: row for row in table(groups["opinions"])}
    assert said.keys() == {"现场尽调（主办）", "现场尽调（协办）", "法律审查", "技术与模型审查", "环境与社会审查"}
    assert said["现场尽调（协办）"]["Conclusion"] == "一致"
    assert said["法律审查"]["Conclusion"] == "无重大法律障碍"
    assert said["环境与社会审查"]["By"] == "expert-es-1"
    assert said["技术与模型审查"]["Comment"].startswith("年等效满发小时数")
    assert value(groups["diligence"], "Minimum DSCR") == Decimal("1.32")
    assert [row["Minimum DSCR"] for row in table(groups["diligence"])] == [
        Decimal("1.18"),
        Decimal("1.26"),
        Decimal("1.24"),
    ]


def test_the_rating_is_confirmed_on_what_it_rests_on(wind: Seen) -> None:
    rating = wind["P04_confirm"]["rating"]
    assert (value(rating, "Grade"), value(rating, "Credit limit")) == ("AA", 470 * M)
    assert not fact(rating, "Credit limit").warning
    assert (value(rating, "Score"), value(rating, "Model score")) == (Decimal("84.5"), 83)
    assert value(rating, "Adjusted net worth") == 900 * M
    assert value(rating, "Audit opinion") == Words("标准无保留", "Clean")
    assert value(rating, "External rating") == "AA"
    assert [row["Points"] for row in table(rating)] == [38, Decimal("26.5"), 20]


def test_a_member_does_not_see_how_the_others_vote(wind: Seen) -> None:
    committee = wind["P05_vote"]["committee"]
    assert committee.rows == ()
    assert value(committee, "Meeting") == datetime(2026, 5, 13, 6, 0, tzinfo=UTC)
    assert "In favour" not in {entry.label.en for entry in committee.facts}


def test_the_approver_sees_the_vote_and_the_review(wind: Seen) -> None:
    groups = wind["P05_approve"]
    committee = groups["committee"]
    assert value(committee, "Result") == Words("通过", "Passed")
    assert not fact(committee, "Result").warning
    assert value(committee, "In favour") == Decimal("85.71")
    assert (value(committee, "For"), value(committee, "Against")) == (6, 1)
    votes = {row["Member"]: row["Vote"] for row in table(committee)}
    assert votes == {f"member-{number}": "同意" for number in range(1, 7)} | {"member-7": "不同意"}
    assert value(groups["authority"], "Level") == Words("三级：总行贷审会", "L3: head office committee")
    review = next(row for row in table(groups["opinions"]) if row["Step"] == "信贷审查")
    assert review["Conclusion"] == "有条件同意"
    assert review["Reason"] == "资料完整、符合政策"
    assert review["By"] == "reviewer-1"
    assert review["At"].tzinfo is not None


def test_the_release_sees_conditions_equity_and_masked_accounts(wind: Seen) -> None:
    groups = wind["P07_release"]
    drawdown = groups["drawdown"]
    assert value(drawdown, "Drawdown amount") == 120 * M
    assert value(drawdown, "Gate") == Words("放款条件均已满足", "All conditions met")
    assert value(drawdown, "Equity required") == 40 * M
    assert value(drawdown, "Equity paid in") == 45 * M
    assert not fact(drawdown, "Equity paid in").warning
    payees = table(drawdown)
    assert [row["Method"] for row in payees] == ["受托支付", "受托支付", "自主支付"]
    assert payees[0]["Account"] == "•••• 2222"
    conditions = table(groups["conditions"])
    assert [row["Code"] for row in conditions] == ["CP-01", "CP-02", "CS-01"]
    assert conditions[0]["Evidence"] == ("0197a000-0000-7000-8000-000000000014",)
    assert conditions[2]["Due date"] == date(2027, 12, 31)
    assert conditions[2]["Evidence"] is None


def test_who_pays_sees_whole_accounts(wind: Seen) -> None:
    drawdown = wind["P07_pay_check"]["drawdown"]
    assert value(drawdown, "Account to debit") == "15000100200300400"
    assert table(drawdown)[0]["Account"] == "6222000011112222"


def test_the_review_of_a_visit_sees_its_report_and_the_calendar(wind: Seen) -> None:
    groups = wind["P08_visit_review"]
    assert next(iter(groups)) == "visit"
    assert value(groups["visit"], "Visit") == 1
    assert value(groups["visit"], "Use of funds") == Words("符合约定", "As agreed")
    assert value(groups["visit"], "Due") == datetime(2026, 6, 17, 10, 0, tzinfo=UTC)
    assert [(row["No."], row["Status"]) for row in table(groups["visits"])] == [(1, "待回访"), (2, "待回访")]
    assert value(groups["standing"], "Outstanding") == 120 * M
    assert [row["Status"] for row in table(groups["payments"])] == ["支付成功"] * 3


def test_an_ended_case_still_has_what_the_registers_know(session: Session) -> None:
    insert_given(session, GIVEN, datetime(2026, 6, 1, tzinfo=UTC))
    groups = {group.key: group for group in facts_of(session, "PF-1", {})}
    assert value(groups["client"], "Owed on other financings") == 30 * M
    assert value(groups["rating"], "Grade") == "A"
    assert fact(groups["rating"], "Credit limit").warning  # less than was asked for
    assert fact(groups["eligibility"], "Reason for the refusal").value == Words("风险过高", "Risk too high")


def test_a_case_that_is_no_financing_has_no_facts(session: Session) -> None:
    insert_given(session, GIVEN, datetime(2026, 6, 1, tzinfo=UTC))
    assert facts_of(session, "OTHER-1", {"grade": "AAA", "financingId": GIVEN["financing"][0]["id"]}) == ()


def test_variables_of_other_shapes_are_left_out(session: Session) -> None:
    insert_given(session, GIVEN, datetime(2026, 6, 1, tzinfo=UTC))
    strange: dict[str, object] = {
        "approval": "yes",
        "rating": {"score": "high", "subScores": 7},
        "votes": "none",
        "tally": {"present": Decimal(0), "inFavour": Decimal(0)},
        "drawdown": {"amount": True, "payees": [1, {"account": "12"}], "signedOn": "soon"},
        "conditions": None,
        "review": {"conditions": "none", "decision": Decimal(3)},
        "approvalLevel": "high",
    }
    groups = {group.key: group for group in facts_of(session, "PF-1", strange)}
    assert [row["Account"] for row in table(groups["drawdown"])] == ["••••"]
    assert "authority" not in groups


GIVEN: dict[str, Any] = {
    "client": [{"uscc": "91350100M000100Y43", "name": "甲公司"}],
    "financing": [
        {
            "id": f"0197a000-0000-7000-8000-00000000f00{number}",
            "case_no": f"PF-{number}",
            "root_id": "0197a000-0000-7000-8000-00000000f009",
            "uscc": "91350100M000100Y43",
            "project_name": "乙项目",
            "total_investment": 100 * M,
            "equity": 25 * M,
            "amount": 75 * M,
            "term_months": 60,
            "grade": "A",
            "credit_limit": 70 * M,
            "outstanding": outstanding,
            "refused_on": "2026-05-01",
            "refusal_reason": "RISK_TOO_HIGH",
        }
        for number, outstanding in ((1, 0), (2, 30 * M))
    ],
}


def test_every_register_state_has_words() -> None:
    assert words.STAGES.keys() == STAGES
    assert words.WARNINGS.keys() == set(WARNINGS)
    assert words.PAYMENTS.keys() == REPORTS


def test_every_code_that_a_decision_says_has_words() -> None:
    tables: dict[tuple[str, str], Mapping[str, Words]] = {
        ("DMN-ELIG", "result"): words.OUTCOMES,
        ("DMN-ELIG", "reason"): words.OUTCOMES,
        ("DMN-GATE", "reason"): words.GATE,
        ("DMN-PAY", "method"): words.METHODS,
        ("DMN-VOTE", "voteResult"): words.VOTE_RESULTS,
        ("DMN-VISIT-RESULT", "visitResult"): words.VISITS,
        ("DMN-VISIT-RESULT", "warning"): words.WARNINGS,
    }
    said = {key: codes for key, codes in outputs() if key in tables}
    assert said.keys() == tables.keys()
    for key, codes in said.items():
        assert codes
        assert codes <= tables[key].keys(), key


def outputs() -> Iterator[tuple[tuple[str, str], set[str]]]:
    """(decision, output name) and the texts the packaged table can say there."""
    for process in packaged():
        for name, content in process.resources.items():
            if not name.endswith(".dmn"):
                continue
            for decision in etree.fromstring(content).iterfind("{*}decision"):
                for number, output in enumerate(decision.iterfind("{*}decisionTable/{*}output")):
                    rules = decision.iterfind("{*}decisionTable/{*}rule")
                    entries = [rule.findall("{*}outputEntry")[number].findtext("{*}text") or "" for rule in rules]
                    codes = {entry.strip('"') for entry in entries if entry.startswith('"')}
                    yield (decision.get("id", ""), output.get("name") or ""), codes


def test_opinions_are_read_where_the_processes_write_them() -> None:
    written = {
        (node.id, mapping.target): node.human.form if node.human else None
        for _, node in nodes(Element.USER_TASK)
        for mapping in node.outputs
    }
    for said in SAID:
        for element, form in said.tasks:
            assert written[(element, said.context)] == form
            assert form in packaged_form_ids()


def test_kinds_have_the_types_they_promise(wind: Seen) -> None:
    promised: Mapping[Kind, type] = {
        Kind.AMOUNT: Decimal,
        Kind.NUMBER: Decimal,
        Kind.PERCENT: Decimal,
        Kind.DATE: date,
        Kind.INSTANT: datetime,
        Kind.TEXT: str,
        Kind.CHOICE: Words,
        Kind.PERSON: str,
        Kind.DOCUMENTS: tuple,
    }
    met: set[Kind] = set()
    for groups in wind.values():
        for group in groups.values():
            assert len({tuple(cell.label for cell in row) for row in group.rows}) <= 1
            for entry in (*group.facts, *(cell for row in group.rows for cell in row)):
                if entry.value is not None:
                    assert type(entry.value) is promised[entry.kind], entry
                    met.add(entry.kind)
    assert met == set(Kind)
