"""The usual course of a case, stage by stage. Each function goes on from where the one before ends.

They yield the instants at which somebody acts, a few working hours apart; so whoever tells a story only says when it
begins, how far it goes, and what is different in it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import date, datetime, timedelta

from demo.cases import answers, papers
from demo.cases.answers import Data
from demo.cases.desk import Case, Desk
from demo.cases.project import Project

Steps = Generator[datetime, None, None]
Opened = Generator[datetime, None, Case]


def today(case: Case) -> date:
    """The date of business time where the business is."""
    return case.desk.times.date(case.desk.now)


def later(case: Case, duration: str) -> datetime:
    """Now plus working time."""
    return case.desk.times.after(case.desk.now, duration)


def opened(desk: Desk, project: Project, at: datetime, by: str) -> Opened:
    """``by`` applies for ``project`` at ``at``; the credit authorisation is filed with it."""
    yield at
    case = desk.open(project, by)
    lines = (
        f"客户：{project.client}",
        f"统一社会信用代码：{project.uscc}",
        "授权内容：查询及报送征信信息",
        "签署：法定代表人",
    )
    case.file(by, "征信授权书.pdf", papers.letter("征信查询授权书", lines))
    return case


def photographed(case: Case, by: str, kind: str = "现场") -> list[str]:
    """Three pictures, attached by ``by``."""
    first = sum(map(ord, case.project.code)) % 9
    return [case.file(by, f"{kind}{number}.png", papers.picture((first + number) % 9)) for number in (1, 2, 3)]


def visited(case: Case, by: str) -> Steps:
    """Both visits to the site; ``by`` leads."""
    yield later(case, "PT2H")
    case.do("P03_site_visit", by, answers.site_visit(today(case), photographed(case, by)))
    yield later(case, "PT1H30M")
    case.do("P03_site_visit_co", "co-rm-1", answers.co_visit(today(case), photographed(case, "co-rm-1", "复核")))


def reviewed_by_experts(case: Case) -> Steps:
    """Legal, environmental and technical review."""
    yield later(case, "PT2H")
    case.do("P03_legal", "legal-1", answers.legal(today(case)))
    yield later(case, "PT1H")
    case.do("P03_es", "expert-es-1", answers.environment(case.project))
    yield later(case, "PT3H")
    case.do("P03_technical", "expert-tech-1", answers.technical(case.project))


def reported(case: Case, by: str) -> Steps:
    """The joint report, by whoever leads."""
    yield later(case, "PT4H")
    project = case.project
    lines = (
        f"客户：{project.client}",
        f"项目：{project.name}",
        f"申请金额：{project.amount} 百万元",
        "结论：建议有条件支持",
    )
    report = case.file(by, "联合尽调报告.pdf", papers.letter("联合尽职调查报告", lines))
    figures = [("年度", "经营现金流", "还本付息", "DSCR"), *((year, 66 + year, 50, "1.32") for year in range(1, 6))]
    case.file(by, "现金流测算.csv", papers.table(figures))
    case.do("P03_joint_report", by, answers.joint_report(project, [report]))


def assessed(case: Case, by: str) -> Steps:
    """All of the due diligence, to the risk check."""
    yield from visited(case, by)
    yield from reviewed_by_experts(case)
    yield from reported(case, by)
    yield later(case, "PT3H")
    case.do("P03_risk_check", "risk-1", answers.decided("PASS", "尽调充分，风险可控，同意提交评级。"))


def bureau_answered(case: Case) -> None:
    """The credit bureau has nothing against the client."""
    facts = {"overdueMaxDays": 0, "dishonestList": False, "bankruptcy": False}
    case.answer("BUREAU", lambda key: {"queryId": key, **facts})


def agency_answered(case: Case) -> None:
    """The rating agency gives its grade."""
    grade = {"externalRating": "AA" if case.project.score >= 80 else "A", "ratedOn": today(case).isoformat()}
    case.answer("RATING", lambda key: {"ratingRequestId": key, **grade})


def asked(case: Case) -> Steps:
    """Bureau and agency answer, after minutes and after a day."""
    yield case.desk.now + timedelta(minutes=2)
    bureau_answered(case)
    yield later(case, "PT6H")
    agency_answered(case)


def rated(case: Case) -> Steps:
    """From the questions to the confirmed grade and limit."""
    yield from asked(case)
    yield later(case, "PT3H")
    case.do("P04_rate", "rater-1", answers.rating(case.project))
    yield later(case, "PT1H")
    case.do("P04_confirm", "head-1", answers.decided("CONFIRM", "评分依据充分，同意评级与限额。"))


def reviewed(case: Case, by: str) -> Steps:
    """The credit review by ``by``."""
    yield later(case, "PT5H")
    case.do("P05_review", by, answers.review())


def convened(case: Case, number: int) -> Steps:
    """The meeting ``number`` is called, and opened two working days later."""
    yield later(case, "PT2H")
    papers_sent = case.desk.now
    meeting = case.desk.times.meeting(papers_sent)
    lines = (f"议题：{case.project.name}", f"客户：{case.project.client}", "汇报人：客户经理、审查人")
    paper = case.file("sec-1", f"贷审会材料-{number:03}.pdf", papers.letter("贷款审查委员会会议材料", lines))
    case.do("P05_agenda", "sec-1", answers.agenda(number, papers_sent, meeting, [paper]))
    yield meeting + timedelta(minutes=5)
    case.do("P05_attendance", "sec-1", answers.attendance())


def voted(case: Case, choices: Sequence[str]) -> Steps:
    """The first members vote, as many as there are ``choices``, some minutes apart."""
    for member, choice in zip(answers.MEMBERS, choices, strict=False):
        yield case.desk.now + timedelta(minutes=4)
        case.do("P05_vote", member, answers.vote(choice))


def approved(case: Case, until: date) -> Steps:
    """The final decision and its notice; drawdowns are possible ``until``."""
    yield later(case, "PT2H")
    case.do("P05_approve", "approver-1", answers.approval(case.project, until))


def notified(case: Case, by: str) -> Steps:
    """The client is told."""
    yield later(case, "PT1H")
    case.do("P05_notice", by, answers.notice(case.number, case.project, today(case)))


def committed(desk: Desk, project: Project, at: datetime, by: str, number: int, until: date) -> Opened:
    """Everything from the application to the notice of an approval by the committee's meeting ``number``."""
    case = yield from opened(desk, project, at, by)
    yield from assessed(case, by)
    yield from rated(case)
    yield from reviewed(case, "reviewer-1" if number % 2 else "reviewer-2")
    yield from convened(case, number)
    yield from voted(case, ("FOR",) * 6 + ("AGAINST",))
    yield from approved(case, until)
    yield from notified(case, by)
    return case


def request_of(case: Case, by: str, payees: Sequence[tuple[str, int, str, str]]) -> dict[str, object]:
    """The answers of a drawdown request, its documents attached. ``payees``: name, millions, account, purpose."""
    lines: list[Data] = []
    for number, (name, millions, account, purpose) in enumerate(payees, 1):
        text = (f"购买方：{case.project.client}", f"销售方：{name}", f"金额：{millions} 百万元", f"用途：{purpose}")
        invoice = case.file(by, f"发票-{number:02}.pdf", papers.letter("增值税专用发票（示例）", text))
        lines.append(answers.payee(name, millions, account, purpose, f"SB-{number:02}", invoice))
    proof = case.file(
        by, "抵质押登记证明.pdf", papers.letter("不动产登记证明（示例）", (f"抵押人：{case.project.client}",))
    )
    signed = today(case) - timedelta(days=12)
    return answers.drawdown(case.project, lines, signed, [proof])


def paid_out(case: Case, by: str, payees: Sequence[tuple[str, int, str, str]]) -> Steps:
    """A drawdown from its request to the receipts of all payments."""
    yield later(case, "PT2H")
    case.do("P07_request", by, request_of(case, by, payees))
    yield from released(case)
    yield later(case, "PT1H")
    case.do("P07_pay_check", "pay-c-1", answers.decided("CONFIRM", "金额、户名、账号核对一致。"))
    yield case.desk.now + timedelta(minutes=3)
    receipts(case)


def released(case: Case) -> Steps:
    """Release and payment order, up to the four-eyes check."""
    yield later(case, "PT3H")
    case.do("P07_release", "release-1", answers.decided("RELEASE", "先决条件均已落实，同意放款。"))
    yield later(case, "PT1H")
    order = {"debitAccount": "15000100200300400500", "valueDate": today(case).isoformat()}
    case.do("P07_pay_make", "pay-m-1", order)


def receipts(case: Case) -> None:
    """The payment system reports success for every open instruction."""
    value_date = today(case).isoformat()

    def report(key: str) -> Data:
        instruction, _, attempt = key.rpartition("-A")
        success = {"status": "SUCCESS", "reason": None, "valueDate": value_date}
        return {"instructionId": instruction, "attempt": int(attempt), **success}

    case.answer("PAYMENT", report)


def visit_held(case: Case, by: str, progress: int) -> None:
    """``by`` visits the client of an open follow-up task and writes the report."""
    files = photographed(case, by, "回访")
    case.do("P08_visit_visit", by, answers.visit(case.project, today(case), progress, files))


def visit_reviewed(case: Case, by: str) -> None:
    """``by`` accepts the report."""
    case.do("P08_visit_review", by, answers.decided("ACCEPT", "回访材料完整，结论属实。"))
