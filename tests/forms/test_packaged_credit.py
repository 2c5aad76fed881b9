"""The packaged forms from the request to the approval: each rule of the house."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms import load_form, packaged_form
from tests.forms.packaged import DOC, M, changed, wrong

REQUEST: dict[str, Any] = {
    "clientName": "蒙东风电开发有限公司",
    "uscc": "91350100M000100Y43",
    "projectName": "80 MW 风电",
    "institutionType": "BANK",
    "industry": "WIND",
    "totalInvestment": 600 * M,
    "equity": 150 * M,
    "amount": 450 * M,
    "termMonths": 180,
    "fundsUse": "FIXED_ASSET",
    "groupExposure": 0,
    "permitsComplete": True,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"uscc": "91350100M000100Y44"}, {"uscc": ["check-uscc"]}),
        ({"termMonths": 0}, {"termMonths": ["least"]}),
        ({"termMonths": 361}, {"termMonths": ["most"]}),
        ({"termMonths": "12.5"}, {"termMonths": ["places"]}),
        ({"amount": -1}, {"amount": ["least"]}),
        ({"amount": 0}, {"amount": ["least"]}),
        ({"amount": 450 * M + 1}, {"amount": ["rule"]}),
        ({"equity": 601 * M}, {"equity": ["rule"]}),
        ({"industry": "GAMBLING"}, {"industry": ["not-option"]}),
        ({"ordinaryCredit": True}, {"ordinaryCredit": ["hidden"]}),
        ({"newClient": True, "ordinaryCredit": True}, {}),
        ({"password": "x"}, {"password": ["unknown"]}),
    ],
)
def test_a_financing_request(changes: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert wrong("p00-start", changed(REQUEST, **changes)) == expected


def test_the_equity_ratio_is_computed() -> None:
    clean = load_form(packaged_form("p00-start")).validate(changed(REQUEST, equityPct=99), {})
    assert clean["equityPct"] == Decimal(25)


VISIT: dict[str, Any] = {
    "visitDate": "2026-06-01",
    "visitors": [{"name": "张伟"}, {"name": "李娜"}],
    "photos": DOC,
    "findings": "场址、道路、电网接入条件与可行性研究报告一致，未见异常。",
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"visitors": [{"name": "张伟"}]}, {"visitors": ["min-items"]}),
        ({"visitors": [{"name": "张伟"}, {"name": " 张伟 "}]}, {"visitors": ["rule"]}),
        ({"photos": DOC[:2]}, {"photos": ["min-items"]}),
        ({"photos": []}, {"photos": ["required"]}),
        ({"visitDate": "2026-06-02"}, {"visitDate": ["rule"]}),
        ({"findings": "一切正常"}, {"findings": ["min-length"]}),
    ],
)
def test_a_site_visit_takes_two_people_and_three_photos(
    changes: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    assert wrong("p03-site-visit", changed(VISIT, **changes)) == expected


def test_the_model_review_needs_the_three_stress_cases() -> None:
    cases = [{"scenario": name, "minDSCR": "1.1"} for name in ("REVENUE_MINUS_10", "COST_PLUS_10", "RATE_PLUS_100")]
    review: dict[str, Any] = {
        "minDSCR": "1.32",
        "avgDSCR": "1.55",
        "llcr": "1.45",
        "debtCapacity": 470 * M,
        "sensitivity": cases,
        "opinion": "模型勾稽一致，参数审慎，偿债能力充足，建议予以支持。",
    }
    assert wrong("p03-technical", review) == {}
    combined = [*cases[:2], {"scenario": "COMBINED", "minDSCR": "1.0"}]
    assert wrong("p03-technical", changed(review, sensitivity=combined)) == {"sensitivity": ["rule"]}
    assert wrong("p03-technical", changed(review, avgDSCR="1.31")) == {"avgDSCR": ["rule"]}


RATING: dict[str, Any] = {
    "score": "84.5",
    "subScores": [{"name": "偿债", "points": "44.5"}, {"name": "股东", "points": "40"}],
    "adjustedNetWorth": 900 * M,
    "auditOpinion": "CLEAN",
    "override": "NONE",
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"score": "100.01"}, {"score": ["most"]}),
        ({"score": "84"}, {"subScores": ["rule"]}),
        ({"override": "UP"}, {"overrideReason": ["required"]}),
        ({"override": "UP", "overrideReason": "太短"}, {"overrideReason": ["min-length"]}),
        ({"override": "UP", "overrideReason": "股东为央企，拟上调一级。"}, {}),
        ({"override": "UP_TWO"}, {"override": ["not-option"]}),
        ({"overrideReason": "没有调整却写了理由。"}, {"overrideReason": ["hidden"]}),
        ({"dishonestList": False, "externalRating": "AAA"}, {}),
    ],
)
def test_a_rating(changes: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert wrong("p04-rating", changed(RATING, **changes)) == expected


def test_what_the_bureau_said_cannot_be_changed_by_the_rater() -> None:
    facts = {"dishonestList": True, "overdueMaxDays": 40, "externalRating": "A"}
    clean = load_form(packaged_form("p04-rating")).validate(changed(RATING, dishonestList=False), facts)
    assert clean["dishonestList"] is True


def test_a_bureau_report_is_thirty_days_old_at_most() -> None:
    entry: dict[str, Any] = {"overdueMaxDays": 0, "reportDate": "2026-05-02", "reportFiles": DOC[:1]}
    assert wrong("p04-bureau-manual", entry) == {}
    assert wrong("p04-bureau-manual", changed(entry, reportDate="2026-05-01")) == {"reportDate": ["rule"]}
    assert wrong("p04-bureau-manual", changed(entry, reportDate="2026-06-02")) == {"reportDate": ["rule"]}


ROSTER = {"roster": [{"label": f"委员{number}", "value": f"member-{number}"} for number in range(1, 9)]}
MEMBERS = [f"member-{number}" for number in range(1, 8)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"recused": ["member-7"]}, {}),
        ({"members": MEMBERS[:6]}, {"members": ["min-items"]}),
        ({"members": [*MEMBERS, "member-8"]}, {"members": ["max-items"]}),
        ({"members": [*MEMBERS[:6], "rm-1"]}, {"members": ["not-option"]}),
        ({"members": [*MEMBERS[:6], "member-1"]}, {"members": ["twice"]}),
        ({"present": [*MEMBERS[:5], "member-8"]}, {"present": ["rule"]}),
        ({"recused": ["member-8"]}, {"recused": ["rule"]}),
        ({"present": []}, {"present": ["required"]}),
    ],
)
def test_attendance_is_of_the_committee(changes: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert wrong("p05-attendance", changed({"members": MEMBERS, "present": MEMBERS[:5]}, **changes), ROSTER) == expected


@pytest.mark.parametrize(
    ("ballot", "expected"),
    [
        ({"vote": "FOR", "opinion": "现金流覆盖充分，担保结构完整，同意批准本笔融资。"}, {}),
        ({"vote": "FOR", "opinion": "同意"}, {"opinion": ["min-length"]}),
        ({"opinion": "现金流覆盖充分，担保结构完整，同意批准本笔融资。"}, {"vote": ["required"]}),
        ({"recused": True, "opinion": "本人亲属在借款人任职，依规申请回避本次表决。"}, {}),
        (
            {"recused": True, "vote": "FOR", "opinion": "本人亲属在借款人任职，依规申请回避本次表决。"},
            {"vote": ["hidden"]},
        ),
    ],
)
def test_a_ballot(ballot: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert wrong("p05-vote", ballot) == expected


APPROVAL: dict[str, Any] = {
    "decision": "APPROVE_WITH_CONDITIONS",
    "reasonCode": "COMPLETE",
    "comment": "同意贷审会意见，附条件批准。",
    "approvedAmount": 450 * M,
    "approvedTermMonths": 180,
    "rate": "3.65",
    "availableUntil": "2027-12-31",
    "conditions": [{"code": "CP-01", "type": "PRECEDENT", "text": "抵押登记"}],
}
TERMS = {"amount": Decimal(450 * M), "limit": Decimal(470 * M), "termMonths": Decimal(180), "grade": "AA"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"approvedAmount": 450 * M + 1}, {"approvedAmount": ["rule"]}),
        ({"approvedTermMonths": 181}, {"approvedTermMonths": ["rule"]}),
        ({"availableUntil": "2026-06-01"}, {"availableUntil": ["rule"]}),
        ({"conditions": [{"code": "cp 1", "type": "PRECEDENT", "text": "x"}]}, {"conditions[0].code": ["rule"]}),
        ({"comment": "同意"}, {"comment": ["min-length"]}),
    ],
)
def test_an_approval(changes: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert wrong("p05-approve", changed(APPROVAL, **changes), TERMS) == expected


def test_an_approval_stays_within_the_limit_and_names_each_condition_once() -> None:
    assert wrong("p05-approve", APPROVAL, TERMS | {"limit": Decimal(449 * M)}) == {"approvedAmount": ["rule"]}
    twice = [{"code": "CP-01", "type": "PRECEDENT", "text": text} for text in ("一", "二")]
    assert wrong("p05-approve", changed(APPROVAL, conditions=twice), TERMS) == {"conditions": ["rule"]}


def test_a_veto_carries_no_amount() -> None:
    veto = {"decision": "REJECT", "reasonCode": "RISK_TOO_HIGH", "comment": "集中度风险过高，行使否决权。"}
    assert wrong("p05-approve", veto, TERMS) == {}
    assert wrong("p05-approve", changed(veto, approvedAmount=1), TERMS) == {"approvedAmount": ["hidden"]}
