"""What people write into the forms. Texts are those of a bank's files; figures follow from the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from demo.cases.project import Project

Data = Mapping[str, Any]
MEMBERS = tuple(f"member-{number}" for number in range(1, 8))
CONDITIONS = ("CP-01", "CP-02")


def decided(decision: str, comment: str, reason: str = "COMPLETE") -> dict[str, Any]:
    """The three answers of every decision form; the comment has at least ten characters."""
    return {"decision": decision, "reasonCode": reason, "comment": comment}


def site_visit(day: date, photos: Sequence[str]) -> Data:
    """Form p03-site-visit."""
    return {
        "visitDate": day.isoformat(),
        "visitors": [{"name": "张伟"}, {"name": "李娜"}],
        "findings": "场址与可研一致，进场道路贯通，施工单位已进场，未见征地纠纷；访谈项目经理与主管部门，进度正常。",
        "photos": list(photos),
    }


def co_visit(day: date, photos: Sequence[str]) -> Data:
    """Form p03-co-visit."""
    return {
        "visitDate": day.isoformat(),
        "agrees": "AGREE",
        "findings": "独立走访项目公司、主要承包商与接入单位，批复文件与现场情况一致，未发现重大不利事项。",
        "photos": list(photos),
    }


def legal(day: date) -> Data:
    """Form p03-legal; permits were issued some months before ``day``."""
    issued, assessed = day - timedelta(days=190), day - timedelta(days=150)
    return {
        "permits": [
            {"type": "APPROVAL", "no": f"发改能源〔{issued.year}〕88号", "issued": issued.isoformat()},
            {
                "type": "EIA",
                "no": f"环审〔{assessed.year}〕131号",
                "issued": assessed.isoformat(),
                "expiry": (assessed + timedelta(days=1825)).isoformat(),
            },
        ],
        "opinion": "CLEAR",
        "comment": "许可齐备，项目公司治理文件完整，担保结构可行，无重大法律障碍。",
    }


def model(project: Project) -> dict[str, Any]:
    """The figures of the financial model, as the technical review and the joint report give them."""
    return {"minDSCR": "1.32", "avgDSCR": "1.55", "llcr": "1.45", "debtCapacity": f"{project.capacity:f}"}


def technical(project: Project) -> Data:
    """Form p03-technical."""
    return {
        **model(project),
        "sensitivity": [
            {"scenario": "REVENUE_MINUS_10", "minDSCR": "1.18"},
            {"scenario": "COST_PLUS_10", "minDSCR": "1.26"},
            {"scenario": "RATE_PLUS_100", "minDSCR": "1.24"},
        ],
        "opinion": "基准情景取值审慎，设备选型成熟，财务模型勾稽一致，三项压力情景下偿债能力均高于 1.10。",
    }


def environment(project: Project) -> Data:
    """Form p03-es."""
    return {
        "esCategory": project.esg,
        "measures": "施工期水土保持与植被恢复；运行期按环评批复监测并公开数据。",
        "opinion": "环境与社会影响可控，缓释措施可行，公众参与程序完整，无遗留投诉。",
    }


def joint_report(project: Project, attachments: Sequence[str]) -> Data:
    """Form p03-joint-report."""
    share = Decimal(100 * project.equity) / project.investment
    return {
        **model(project),
        "esCategory": project.esg,
        "recommendation": "SUPPORT_WITH_CONDITIONS",
        "summary": f"项目现金流稳定，股东实力较强，资本金比例 {share:.1f}%，主要风险有缓释措施，建议有条件支持。",
        "attachments": list(attachments),
    }


def rating(project: Project) -> Data:
    """Form p04-rating; the parts add up to the score."""
    first, second = project.score * 45 // 100, project.score * 30 // 100
    return {
        "score": str(project.score),
        "subScores": [
            {"name": "偿债能力", "points": str(first)},
            {"name": "股东实力", "points": str(second)},
            {"name": "项目风险", "points": str(project.score - first - second)},
        ],
        "adjustedNetWorth": f"{project.net_worth:f}",
        "auditOpinion": "CLEAN",
        "override": "NONE",
    }


def review() -> Data:
    """Form p05-review, submitted with a recommendation."""
    comment = "符合授信政策与行业限额，建议附先决条件后提交有权审批人审批。"
    return {**decided("SUBMIT", comment), "recommendation": "APPROVE_WITH_CONDITIONS"}


def agenda(number: int, sent: datetime, meeting: datetime, papers: Sequence[str]) -> Data:
    """Form p05-agenda."""
    return {
        "meetingNo": f"DSH-{meeting.year}-{number:03}",
        "papersSentAt": sent.isoformat(timespec="seconds"),
        "meetingAt": meeting.isoformat(timespec="seconds"),
        "papers": list(papers),
    }


def attendance() -> Data:
    """Form p05-attendance: everybody is there."""
    return {"members": list(MEMBERS), "present": list(MEMBERS)}


def vote(choice: str = "FOR") -> Data:
    """Form p05-vote."""
    opinions = {
        "FOR": "项目现金流覆盖充分，担保结构完整，同意按审查意见附条件批准。",
        "AGAINST": "行业景气度近两年走弱，建议进一步压降贷款比例后再议，暂不同意。",
        "ABSTAIN": "对上游电价机制的判断依据尚不充分，本次表决弃权，请补充材料。",
    }
    return {"vote": choice, "opinion": opinions[choice]}


def approval(project: Project, until: date) -> Data:
    """Form p05-approve; two conditions precedent, one subsequent."""
    return {
        **decided("APPROVE_WITH_CONDITIONS", "同意贷审会意见，落实先决条件后放款。"),
        "approvedAmount": str(project.amount * 1_000_000),
        "approvedTermMonths": project.months,
        "rate": "3.65",
        "availableUntil": until.isoformat(),
        "conditions": [
            {"code": CONDITIONS[0], "type": "PRECEDENT", "text": "主要设备及在建工程抵押登记完成"},
            {"code": CONDITIONS[1], "type": "PRECEDENT", "text": "收费权（应收账款）质押登记完成"},
            {
                "code": "CS-01",
                "type": "SUBSEQUENT",
                "text": "投产后六个月内设立偿债准备金账户",
                "dueDate": until.isoformat(),
            },
        ],
    }


def notice(number: str, project: Project, day: date) -> Data:
    """Forms p03-notice and p05-notice."""
    return {
        "noticeNo": f"{number}-TZ",
        "deliveredOn": day.isoformat(),
        "channel": "PAPER",
        "recipient": project.contact,
    }


def payee(name: str, millions: int, account: str, purpose: str, contract: str, invoice: str) -> Data:
    """One line of the payees; ``account`` may have up to 32 digits."""
    return {
        "name": name,
        "amount": str(millions * 1_000_000),
        "account": account,
        "bank": "中国工商银行股份有限公司呼和浩特新城支行" if len(account) > 16 else "中国建设银行",
        "purpose": purpose,
        "contractRef": contract,
        "invoice": [invoice],
    }


def drawdown(project: Project, payees: Sequence[Data], signed: date, evidence: Sequence[str]) -> dict[str, Any]:
    """Form p07-request: all equity is paid in, and ``evidence`` (document ids) serves every condition precedent."""
    return {
        "drawdownAmount": str(sum(int(line["amount"]) for line in payees)),
        "equityPaidIn": str(project.equity * 1_000_000),
        "contractNo": f"HT-{signed.year}-{project.code[-5:]}",
        "signedOn": signed.isoformat(),
        "borrowerAccount": "15000100200300400500",
        "borrowerBank": "第一分行营业部",
        "payees": list(payees),
        "conditionEvidence": [{"code": code, "evidence": list(evidence)} for code in CONDITIONS],
        "progressCertificate": list(evidence[:1]),
    }


def visit(project: Project, day: date, progress: int, files: Sequence[str]) -> dict[str, Any]:
    """Form p08-visit, held on site."""
    building = {"progressPct": str(progress), "plannedProgressPct": str(progress - 1)} if project.building else {}
    return {
        "visitType": "ON_SITE",
        "held": "HELD",
        "date": day.isoformat(),
        "met": f"项目经理 {project.contact}",
        "useOfFunds": "OK",
        "collateralState": "INTACT",
        **building,
        "cashflow": "建设期无经营现金流，资本金按比例到位。" if project.building else "经营现金流与预测基本一致。",
        "satisfaction": 5,
        "findings": "现场按计划推进，资金用途与合同及发票一致，未发现影响偿债的事项。",
        "files": list(files),
    }
