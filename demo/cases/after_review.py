"""Cases at the committee and after it: votes, approval, drawdown, payment, follow-up; and those that are over."""

from __future__ import annotations

from datetime import timedelta

from demo.cases import answers, borrowers, papers, stages
from demo.cases.desk import Desk
from demo.cases.stages import Steps

SUPPLIERS = (
    ("新疆金风科技股份有限公司", 120, "65001611600052500123", "风电机组设备款"),
    ("中国电建集团华东勘测设计研究院有限公司", 46, "33001616735053001947", "勘测设计与施工总承包进度款"),
    ("江苏中天科技海缆股份有限公司", 38, "32001647236052508866", "220 kV 海底电缆采购款"),
    ("项目前期费用", 6, "6222000011114444", "前期及监理费"),
)


def agenda_open(desk: Desk) -> Steps:
    """The secretary has to call a meeting."""
    case = yield from stages.opened(desk, borrowers.SHIPS, desk.times.at(5, "10:00"), "rm-2")
    yield from stages.assessed(case, "rm-2")
    yield from stages.rated(case)
    yield desk.times.at(1, "15:30")
    case.do("P05_review", "reviewer-2", answers.review())


def meeting_called(desk: Desk) -> Steps:
    """The papers are out; the committee meets tomorrow."""
    case = yield from stages.opened(desk, borrowers.PORT_BOXES, desk.times.at(6, "09:30"), "rm-1")
    yield from stages.assessed(case, "rm-1")
    yield from stages.rated(case)
    yield from stages.reviewed(case, "reviewer-1")
    yield desk.times.at(1, "10:00")
    sent = desk.now
    paper = case.file(
        "sec-1", "贷审会议题材料.csv", papers.table([("议题", "金额（百万元）"), (case.project.name, 1600)])
    )
    case.do("P05_agenda", "sec-1", answers.agenda(42, sent, desk.times.meeting(sent), [paper]))


def votes_open(desk: Desk) -> Steps:
    """Four of seven members have voted."""
    case = yield from stages.opened(desk, borrowers.ROAD_TOLL, desk.times.at(8, "09:00"), "rm-2")
    yield from stages.assessed(case, "rm-2")
    yield from stages.rated(case)
    yield from stages.reviewed(case, "reviewer-1")
    yield from stages.convened(case, 41)
    yield from stages.voted(case, ("FOR", "FOR", "AGAINST", "FOR"))
    yield desk.times.at(1, "10:45")
    case.say("sec-1", "尚有 3 位委员未表决，请于今日 14:00 前完成，逾期视为出席未同意。")


def approval_open(desk: Desk) -> Steps:
    """The committee has passed it; the approver decides."""
    case = yield from stages.opened(desk, borrowers.ROAD_BRIDGE, desk.times.at(7, "14:00"), "rm-1")
    yield from stages.assessed(case, "rm-1")
    yield from stages.rated(case)
    yield from stages.reviewed(case, "reviewer-2")
    yield from stages.convened(case, 40)
    yield from stages.voted(case, ("FOR", "FOR", "FOR", "FOR", "ABSTAIN", "FOR", "FOR"))


def drawdown_begun(desk: Desk) -> Steps:
    """Approved; the first drawdown, with many payees, is being entered."""
    until = desk.times.today() + timedelta(days=500)
    case = yield from stages.committed(desk, borrowers.WIND_SEA, desk.times.at(7, "09:00"), "rm-1", 39, until)
    yield desk.times.at(1, "17:50")
    request = stages.request_of(case, "rm-1", SUPPLIERS)
    case.begin("P07_request", "rm-1", {**request, "equityPaidIn": None})


def release_open(desk: Desk) -> Steps:
    """The conditions precedent are being checked."""
    until = desk.times.today() + timedelta(days=400)
    case = yield from stages.committed(desk, borrowers.SOLAR_LAKE, desk.times.at(8, "09:00"), "rm-2", 38, until)
    yield stages.later(case, "PT2H")
    case.do("P07_request", "rm-2", stages.request_of(case, "rm-2", SUPPLIERS[1:]))


def payment_check_open(desk: Desk) -> Steps:
    """One payment order waits for the second pair of eyes."""
    until = desk.times.today() + timedelta(days=300)
    case = yield from stages.committed(desk, borrowers.SOLAR_ROOFS, desk.times.at(8, "09:00"), "rm-1", 37, until)
    yield stages.later(case, "PT2H")
    payee = ("隆基绿能科技股份有限公司", 30, "61001920900052512345", "光伏组件采购款")
    case.do("P07_request", "rm-1", stages.request_of(case, "rm-1", [payee]))
    yield from stages.released(case)


def payment_pending(desk: Desk) -> Steps:
    """The orders are with the payment system, which has not reported yet."""
    until = desk.times.today() + timedelta(days=200)
    case = yield from stages.committed(desk, borrowers.MACHINES, desk.times.at(9, "09:00"), "rm-2", 36, until)
    yield stages.later(case, "PT2H")
    payees = (
        ("德玛吉森精机机床贸易有限公司", 26, "31001550400055012388", "五轴加工中心采购款"),
        ("北京精雕科技集团有限公司", 14, "11001085300059000777", "精雕机采购款"),
    )
    case.do("P07_request", "rm-2", stages.request_of(case, "rm-2", payees))
    yield from stages.released(case)
    yield desk.times.ago(10)
    case.do("P07_pay_check", "pay-c-1", answers.decided("CONFIRM", "金额、户名、账号核对一致。"))


def visit_soon(desk: Desk) -> Steps:
    """A loan that runs: the first visit is over, the second is due this week."""
    times = desk.times
    until = times.today() + timedelta(days=350)
    case = yield from stages.committed(desk, borrowers.HYDRO, times.on_or_before(64, "09:00"), "rm-1", 22, until)
    yield times.on_or_before(43, "09:00")
    yield from stages.paid_out(case, "rm-1", (*SUPPLIERS[1:2], *SUPPLIERS[3:]))
    yield times.on_or_before(29, "15:00")
    stages.visit_held(case, "plm-1", 12)
    yield stages.later(case, "PT5H")
    stages.visit_reviewed(case, "plm-2")
    yield times.at(1, "16:10")
    files = stages.photographed(case, "plm-1", "第二次回访")
    draft = {**answers.visit(case.project, stages.today(case), 31, files), "findings": "厂房扩挖完成，"}
    case.begin("P08_visit_visit", "plm-1", draft)


def visit_overdue(desk: Desk) -> Steps:
    """Nobody has visited this client in time."""
    times = desk.times
    until = times.today() + timedelta(days=250)
    case = yield from stages.committed(desk, borrowers.COLD_CHAIN, times.on_or_before(48, "09:00"), "rm-2", 27, until)
    yield times.on_or_before(24, "09:00")
    yield from stages.paid_out(case, "rm-2", SUPPLIERS[1:3])
    yield times.at(2, "10:00")
    case.say("plm-2", "园区因消防整改封闭，客户要求改期，已致函催促。")


def visit_reported(desk: Desk) -> Steps:
    """The first visit was held; a second person has to accept the report."""
    times = desk.times
    until = times.today() + timedelta(days=300)
    case = yield from stages.committed(desk, borrowers.TOLL_TUNNEL, times.on_or_before(38, "09:00"), "rm-1", 30, until)
    yield times.on_or_before(15, "09:00")
    yield from stages.paid_out(case, "rm-1", SUPPLIERS[:1])
    yield times.at(1, "16:55")
    stages.visit_held(case, "plm-2", 0)


def refused(desk: Desk) -> Steps:
    """Steel with too little equity is not eligible."""
    case = yield from stages.opened(desk, borrowers.STEEL, desk.times.at(21, "10:00"), "rm-1")
    yield stages.later(case, "PT3H")
    case.do("P03_notice_ineligible", "rm-1", answers.notice(case.number, case.project, stages.today(case)))


def withdrawn(desk: Desk) -> Steps:
    """The client takes the application back while it is rated."""
    case = yield from stages.opened(desk, borrowers.GRAIN_STORE, desk.times.at(17, "09:30"), "rm-2")
    yield from stages.assessed(case, "rm-2")
    yield stages.later(case, "PT3H")
    case.say("rm-2", "客户决定改用发债融资，来函撤回申请。")
    case.withdraw()


def closed(desk: Desk) -> Steps:
    """A short loan that was paid, followed up and closed."""
    times = desk.times
    case = yield from stages.opened(desk, borrowers.GRAIN_LOAN, times.on_or_before(112, "09:00"), "rm-1")
    yield from stages.assessed(case, "rm-1")
    yield from stages.rated(case)
    yield from stages.reviewed(case, "reviewer-1")
    yield from stages.approved(case, stages.today(case) + timedelta(days=80))
    yield from stages.notified(case, "rm-1")
    yield from stages.paid_out(case, "rm-1", [("周口市郸城县粮食购销总公司", 28, "41001570610050200889", "夏粮收购款")])
    yield desk.now + timedelta(days=12)
    stages.visit_held(case, "plm-2", 0)
    yield stages.later(case, "PT4H")
    stages.visit_reviewed(case, "plm-1")


STORIES = (
    *(agenda_open, meeting_called, votes_open, approval_open),
    *(drawdown_begun, release_open, payment_check_open, payment_pending),
    *(visit_soon, visit_overdue, visit_reported, refused, withdrawn, closed),
)
