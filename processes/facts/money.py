"""Drawdowns and payments: the one in hand, and those before."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from processes.facts import model
from processes.facts.model import FactGroup, Words, contexts
from processes.facts.rows import CaseRows
from processes.facts.words import GATE, METHODS, PAYMENTS, label, word

Variables = Mapping[str, object]
REQUEST, MAKE = "p07-request", "p07-pay-make"


def drawdown(rows: CaseRows, variables: Variables, *, whole_accounts: bool) -> FactGroup:
    """The drawdown that this process is about, its gate, and its payees with how each is paid."""
    asked, gate, payment = (model.context(variables, name) for name in ("drawdown", "gate", "payment"))
    closed = gate.get("open") is False
    heading = Words("本次提款", "This drawdown")
    if not asked:
        return model.group("drawdown", heading, [])
    required = _equity_required(rows, asked, variables)
    paid_in = asked.get("equityPaidIn")
    short = required is not None and isinstance(paid_in, Decimal) and paid_in < required
    return model.group(
        "drawdown",
        heading,
        [
            model.text(label(REQUEST, "trancheNo"), asked.get("trancheNo"), emphasis=True),
            model.amount(label(REQUEST, "drawdownAmount"), asked.get("amount"), emphasis=True),
            model.choice(Words("放款条件", "Gate"), word(gate.get("reason"), GATE), emphasis=True, warning=closed),
            model.amount(label(REQUEST, "equityPaidIn"), paid_in, warning=short),
            model.amount(label(REQUEST, "equityRequired"), required),
            model.text(label(REQUEST, "contractNo"), asked.get("contractNo")),
            model.day(label(REQUEST, "signedOn"), asked.get("signedOn")),
            model.account(label(REQUEST, "borrowerAccount"), asked.get("borrowerAccount"), whole=whole_accounts),
            model.text(label(REQUEST, "borrowerBank"), asked.get("borrowerBank")),
            model.documents(label(REQUEST, "progressCertificate"), asked.get("progressCertificate")),
            model.account(label(MAKE, "debitAccount"), payment.get("debitAccount"), whole=whole_accounts),
            model.day(label(MAKE, "valueDate"), payment.get("valueDate"), emphasis=True),
            model.text(Words("经办说明", "Maker's comment"), payment.get("comment")),
        ],
        [_payee(item, whole_accounts) for item in _payees(asked, variables)],
    )


def _equity_required(rows: CaseRows, asked: Mapping[str, Any], variables: Variables) -> Decimal | None:
    """Equity in proportion to the debt with this drawdown, as the gate computes it, to the cent."""
    wanted, row = asked.get("amount"), rows.financing
    commitment, owed = variables.get("commitment"), variables.get("outstanding")
    if not all(isinstance(value, Decimal | int) for value in (wanted, commitment, owed)) or not commitment:
        return None
    return (row.equity * (Decimal(str(owed)) + Decimal(str(wanted))) / Decimal(str(commitment))).quantize(
        Decimal("0.01")
    )


def _payees(asked: Mapping[str, Any], variables: Variables) -> list[Mapping[str, Any]]:
    """The payees of the request, with their method as soon as the table has said it."""
    requested, judged = contexts(asked.get("payees")), contexts(variables.get("payees"))
    return judged if len(judged) == len(requested) else requested


def _payee(item: Mapping[str, Any], whole_accounts: bool) -> tuple[model.Fact, ...]:
    return (
        model.text(label(REQUEST, "payees.name"), item.get("name")),
        model.amount(label(REQUEST, "payees.amount"), item.get("amount")),
        model.choice(Words("支付方式", "Method"), word(item.get("method"), METHODS)),
        model.account(label(REQUEST, "payees.account"), item.get("account"), whole=whole_accounts),
        model.text(label(REQUEST, "payees.bank"), item.get("bank")),
        model.text(label(REQUEST, "payees.purpose"), item.get("purpose")),
        model.text(label(REQUEST, "payees.contractRef"), item.get("contractRef")),
        model.documents(label(REQUEST, "payees.invoice"), item.get("invoice")),
    )


def instruction(_rows: CaseRows, variables: Variables, *, whole_accounts: bool) -> FactGroup:
    """The payment order that this process is about."""
    order = model.context(variables, "instruction")
    status = variables.get("status") if order else None
    return model.group(
        "instruction",
        Words("支付指令", "Payment order"),
        [
            model.text(Words("指令编号", "Order"), order.get("instructionId"), emphasis=True),
            model.number(Words("次数", "Attempt"), order.get("attempt")),
            model.text(Words("收款人", "Payee"), order.get("payeeName"), emphasis=True),
            model.amount(Words("金额", "Amount"), order.get("amount"), emphasis=True),
            model.choice(Words("支付方式", "Method"), word(order.get("method"), METHODS)),
            model.account(Words("账号", "Account"), order.get("account"), whole=whole_accounts),
            model.text(Words("开户行", "Bank"), order.get("bank")),
            model.choice(Words("状态", "Status"), word(status, PAYMENTS), warning=status in _TROUBLE),
            model.text(Words("银行答复", "The bank's answer"), variables.get("reason") if order else None),
        ],
    )


_TROUBLE = frozenset({"FAILED", "UNKNOWN", "RETURNED"})


def payments(rows: CaseRows) -> FactGroup:
    """Every payment of the case, by drawdown and payee."""
    drawdowns = {row.id: row for row in rows.drawdowns}
    payees = {row.id: row for row in rows.payees}
    return model.group(
        "payments",
        Words("放款记录", "Payments so far"),
        [],
        [
            (
                model.text(Words("提款批次", "Tranche"), drawdowns[order.drawdown_id].tranche_no),
                model.text(Words("收款人", "Payee"), order.payee_name),
                model.amount(Words("金额", "Amount"), order.amount),
                model.choice(Words("支付方式", "Method"), word(payees[order.payee_id].method, METHODS)),
                model.number(Words("次数", "Attempt"), order.attempt),
                model.choice(Words("状态", "Status"), word(order.status, PAYMENTS), warning=order.status in _TROUBLE),
                model.day(Words("起息日", "Value date"), order.value_date),
                model.text(Words("原因", "Reason"), order.reason),
                model.text(Words("矛盾回执", "Contradicting report"), order.conflict, warning=True),
            )
            for order in rows.instructions
        ],
    )
