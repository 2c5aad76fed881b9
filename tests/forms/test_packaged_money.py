"""The packaged forms of drawdowns and visits: each rule of the house."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms import load_form, packaged_form
from tests.forms.build import codes
from tests.forms.packaged import DOC, M, changed, wrong

CASE = {
    "undrawn": Decimal(450 * M),
    "outstanding": Decimal(0),
    "commitment": Decimal(450 * M),
    "equity": Decimal(150 * M),
    "constructionPhase": True,
    "approval": {"conditions": [{"code": "CP-01"}]},
}


def payee(amount: object, **changes: Any) -> dict[str, Any]:
    given = {"name": "金风设备", "amount": amount, "account": "6222000011112222", "bank": "工商银行"}
    return {**given, "purpose": "设备款", "contractRef": "SB-01", "invoice": DOC[:1], **changes}


DRAWDOWN: dict[str, Any] = {
    "drawdownAmount": 120 * M,
    "equityPaidIn": 45 * M,
    "contractNo": "HT-1",
    "signedOn": "2026-05-20",
    "borrowerAccount": "15000100200300400",
    "borrowerBank": "第一分行",
    "progressCertificate": DOC[:1],
    "payees": [payee(96 * M), payee(18 * M), payee(6 * M)],
    "conditionEvidence": [{"code": "CP-01", "evidence": DOC[:1]}],
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"payees": [payee(96 * M), payee(18 * M)]}, {"payees": ["rule"]}),
        ({"payees": [payee(126 * M), payee(-6 * M)]}, {"payees[1].amount": ["least"]}),
        ({"payees": [payee(120 * M, account="12A")]}, {"payees[0].account": ["check-bank-account"]}),
        ({"payees": [payee(120 * M, invoice=[])]}, {"payees[0].invoice": ["required"]}),
        ({"payees": []}, {"payees": ["required"]}),
        ({"drawdownAmount": 451 * M, "payees": [payee(451 * M)]}, {"drawdownAmount": ["rule"]}),
        ({"progressCertificate": []}, {"progressCertificate": ["required"]}),
        ({"conditionEvidence": [{"code": "CP-99", "evidence": DOC[:1]}]}, {"conditionEvidence": ["rule"]}),
        ({"conditionEvidence": []}, {}),
        ({"signedOn": "2026-06-02"}, {"signedOn": ["rule"]}),
    ],
)
def test_a_drawdown_request(changes: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert wrong("p07-request", changed(DRAWDOWN, **changes), CASE) == expected


def test_the_equity_that_is_due_is_computed() -> None:
    clean = load_form(packaged_form("p07-request"))
    assert codes(clean, DRAWDOWN, CASE) == {}
    computed = [entry for entry in clean.fields if entry.key == "equityRequired"]
    assert computed[0].computed is not None
    assert computed[0].computed.evaluate(CASE | {"drawdownAmount": Decimal(120 * M)}) == Decimal(40 * M)


HELD: dict[str, Any] = {
    "visitType": "ON_SITE",
    "held": "HELD",
    "date": "2026-06-01",
    "met": "赵强",
    "useOfFunds": "OK",
    "collateralState": "INTACT",
    "cashflow": "回款正常",
    "findings": "运行稳定，资金用途与合同一致。",
    "files": DOC,
}


def test_a_follow_up_visit() -> None:
    operating = {"phase": "OPERATION", "visitDue": "2026-06-17T10:00:00+00:00", "intervalDays": Decimal(30)}
    assert wrong("p08-visit", HELD, operating) == {}
    assert wrong("p08-visit", HELD, operating | {"phase": "CONSTRUCTION"}) == {"progressPct": ["required"]}
    assert wrong("p08-visit", changed(HELD, satisfaction=6), operating) == {"satisfaction": ["most"]}
    assert wrong("p08-visit", changed(HELD, files=DOC[:2]), operating) == {"files": ["min-items"]}
    refused = {"visitType": "REMOTE", "held": "REFUSED", "date": "2026-06-01", "findings": "客户明确拒绝接受本次回访。"}
    assert wrong("p08-visit", refused, operating) == {}
    assert wrong("p08-visit", changed(refused, useOfFunds="OK"), operating) == {"useOfFunds": ["hidden"]}
