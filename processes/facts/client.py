"""Who the client is, what is to be financed, and whether it may be."""

from __future__ import annotations

from collections.abc import Mapping

from processes.facts import model
from processes.facts.model import FactGroup, Words, contexts
from processes.facts.rows import CaseRows
from processes.facts.words import NO, OUTCOMES, PHASES, STAGES, WARNINGS, YES, label, options, word, yes_or_no

Variables = Mapping[str, object]
START = "p00-start"


def client(rows: CaseRows, variables: Variables) -> FactGroup:
    """The client's portrait: identity, relation to the house, exposure."""
    new, related = variables.get("newClient"), variables.get("relatedParty")
    ordinary = variables.get("ordinaryCredit")
    exposure = model.amount(label(START, "groupExposure"), variables.get("groupExposure"))
    return model.group(
        "client",
        Words("客户", "Client"),
        [
            model.text(Words("客户名称", "Client"), rows.client.name, emphasis=True),
            model.text(label(START, "uscc"), rows.client.uscc),
            model.choice(Words("客户类型", "Relation"), _relation(new)),
            model.choice(
                Words("信用状况", "Credit standing"),
                Words("一般", "Ordinary") if new is True and ordinary is True else None,
            ),
            model.choice(label(START, "relatedParty"), YES if related is True else None, warning=True),
            exposure,
            model.amount(
                Words("本笔后集团敞口", "Group exposure with this financing"),
                None if exposure.value is None else exposure.value + rows.financing.amount,
            ),
            model.number(Words("其他存续融资（笔）", "Other running financings"), rows.others or None),
            model.amount(Words("其他融资余额", "Owed on other financings"), rows.owed_elsewhere or None),
        ],
    )


def _relation(new: object) -> Words | None:
    if not isinstance(new, bool):
        return None
    return Words("新客户", "New client") if new else Words("存量客户", "Existing client")


def project(rows: CaseRows, variables: Variables) -> FactGroup:
    """The project and the terms that were asked for."""
    row = rows.financing
    share = 100 * row.equity / row.total_investment if row.total_investment else None
    # The register's term becomes the approved one; what was asked for stays with the case.
    term = variables.get("termMonths", row.term_months)
    return model.group(
        "project",
        Words("项目与申请", "Project and request"),
        [
            model.text(label(START, "projectName"), row.project_name, emphasis=True),
            model.choice(Words("案件阶段", "Stage"), word(row.stage, STAGES)),
            model.choice(
                label(START, "institutionType"), word(row.institution_type, options(START, "institutionType"))
            ),
            model.choice(label(START, "industry"), word(row.industry, options(START, "industry"))),
            model.choice(Words("项目阶段", "Phase"), word(row.phase, PHASES)),
            model.choice(label(START, "permitsComplete"), yes_or_no(variables.get("permitsComplete"))),
            model.amount(label(START, "totalInvestment"), row.total_investment),
            model.amount(label(START, "equity"), row.equity),
            model.percent(Words("资本金比例", "Equity ratio"), share),
            model.amount(label(START, "amount"), row.amount, emphasis=True),
            model.number(label(START, "termMonths"), term),
            model.choice(label(START, "fundsUse"), word(row.funds_use, options(START, "fundsUse"))),
        ],
    )


def eligibility(rows: CaseRows, variables: Variables) -> FactGroup:
    """What the eligibility table said, or why the case was refused."""
    found, row = model.context(variables, "eligibility"), rows.financing
    refused = found.get("result") == "REJECT"
    reasons = (OUTCOMES, options("p05-approve", "reasonCode"))
    return model.group(
        "eligibility",
        Words("准入与否决", "Eligibility and refusal"),
        [
            model.choice(Words("准入结论", "Eligibility"), word(found.get("result"), OUTCOMES), warning=refused),
            model.choice(Words("判定原因", "Eligibility reason"), word(found.get("reason"), OUTCOMES), warning=refused),
            model.percent(Words("最低资本金比例", "Minimum equity ratio"), found.get("minEquityPct")),
            model.day(Words("否决日期", "Refused on"), row.refused_on, warning=True),
            model.choice(Words("否决原因", "Reason for the refusal"), word(row.refusal_reason, *reasons), warning=True),
        ],
    )


def standing(rows: CaseRows) -> FactGroup:
    """What was approved, drawn and is owed, and what stands against drawing more."""
    row = rows.financing
    if row.approved_on is None and not row.commitment:
        return model.group("standing", Words("额度与余额", "Commitment and balance"), [])
    return model.group(
        "standing",
        Words("额度与余额", "Commitment and balance"),
        [
            model.amount(Words("承诺金额", "Commitment"), row.commitment, emphasis=True),
            model.amount(Words("未提额度", "Undrawn"), row.undrawn, emphasis=True),
            model.amount(Words("贷款余额", "Outstanding"), row.outstanding),
            model.percent(Words("年利率", "Rate a year"), row.rate),
            model.day(Words("批复日期", "Approved on"), row.approved_on),
            model.day(Words("批复失效日", "Approval lapses on"), row.approval_lapses_on),
            model.day(label("p05-approve", "availableUntil"), row.available_until),
            model.day(Words("首次付款日", "First paid on"), row.first_paid_on),
            model.choice(Words("停止提款", "Drawstop"), YES if row.drawstop else NO, warning=row.drawstop),
            model.choice(
                Words("预警等级", "Warning level"),
                word(row.warning_level, WARNINGS),
                warning=row.warning_level in ("ORANGE", "RED"),
            ),
        ],
    )


def conditions(rows: CaseRows, variables: Variables) -> FactGroup:
    """The conditions of the approval (or, before it, those the reviewer proposes), and the evidence handed in."""
    approved = rows.financing.conditions or model.context(variables, "approval").get("conditions")
    proposed = model.context(variables, "review").get("conditions")
    evidence = {
        str(item.get("code")): item.get("evidence")
        for item in contexts(model.context(variables, "drawdown").get("conditionEvidence"))
    }
    heading = Words("批复条件", "Conditions") if approved else Words("拟附条件", "Proposed conditions")
    form = "p05-approve"
    return model.group(
        "conditions",
        heading,
        [],
        [
            (
                model.text(label(form, "conditions.code"), item.get("code")),
                model.choice(label(form, "conditions.type"), word(item.get("type"), options(form, "conditions.type"))),
                model.text(label(form, "conditions.text"), item.get("text")),
                model.day(label(form, "conditions.dueDate"), item.get("dueDate")),
                model.documents(
                    label("p07-request", "conditionEvidence.evidence"), evidence.get(str(item.get("code")))
                ),
            )
            for item in contexts(approved or proposed)
        ],
    )
