"""Cases before the committee: just begun, in due diligence, waiting for third parties, in rating and review."""

from __future__ import annotations

from demo.cases import answers, applicants, papers, stages
from demo.cases.desk import Desk
from demo.cases.stages import Steps


def just_begun(desk: Desk) -> Steps:
    """Nobody has done anything yet."""
    yield from stages.opened(desk, applicants.WIND_EAST, desk.times.ago(35), "rm-1")


def visits_begun(desk: Desk) -> Steps:
    """The relationship manager has pictures and half a report."""
    case = yield from stages.opened(desk, applicants.PORT_GRAIN, desk.times.at(1, "10:20"), "rm-1")
    yield desk.times.at(1, "15:10")
    photos = stages.photographed(case, "rm-1")
    draft = {**answers.site_visit(stages.today(case), photos), "findings": "泊位桩基施工中，后方堆场已完成地基处理；"}
    case.begin("P03_site_visit", "rm-1", draft)
    yield desk.times.at(1, "16:45")
    case.take("P03_es", "expert-es-1")
    case.say("expert-es-1", "请补充疏浚物海洋倾倒许可的批复文件，否则无法确定环社分类。")


def experts_late(desk: Desk) -> Steps:
    """The visits are done; law and technology are late, and people ask for them."""
    case = yield from stages.opened(desk, applicants.SOLAR_WEST, desk.times.at(6, "09:40"), "rm-2")
    yield from stages.visited(case, "rm-2")
    yield desk.times.at(5, "14:00")
    case.do("P03_es", "expert-es-1", answers.environment(case.project))
    yield desk.times.at(4, "11:00")
    case.take("P03_legal", "legal-1")
    yield desk.times.at(3, "10:30")
    draft = {
        **answers.model(case.project),
        "avgDSCR": None,
        "opinion": "发电量按 P90 复核中，待业主补充组件衰减数据。",
    }
    case.begin("P03_technical", "expert-tech-1", draft)
    yield desk.times.at(2, "16:20")
    case.say("rm-2", "法律审查已超时限，客户下周一要向董事会汇报进度，请法务今天给出初步意见。")
    yield desk.times.at(1, "09:30")
    case.say("legal-1", "土地复合利用的备案回执今天上午才收到，正在核对，预计今天下班前完成。")


def expert_overruled(desk: Desk) -> Steps:
    """The technical expert is so late that the head of the department has to decide."""
    case = yield from stages.opened(desk, applicants.HEAT, desk.times.at(8, "10:30"), "rm-2")
    yield from stages.visited(case, "rm-2")
    yield stages.later(case, "PT3H")
    case.do("P03_legal", "legal-1", answers.legal(stages.today(case)))
    yield stages.later(case, "PT2H")
    case.do("P03_es", "expert-es-1", answers.environment(case.project))
    yield desk.times.at(1, "16:00")
    case.say("rm-2", "技术专家出差，模型审查已超过 150% 时限，请部门负责人裁定是否豁免。")


def report_begun(desk: Desk) -> Steps:
    """Everything is there, and the joint report half written."""
    case = yield from stages.opened(desk, applicants.RAIL, desk.times.at(5, "09:30"), "rm-1")
    yield from stages.visited(case, "rm-1")
    yield from stages.reviewed_by_experts(case)
    yield desk.times.at(1, "11:15")
    draft = answers.joint_report(case.project, [])
    case.begin("P03_joint_report", "rm-1", {**draft, "recommendation": None, "summary": "货运量按可研下浮 10% 测算，"})


def report_checked(desk: Desk) -> Steps:
    """The report lies with the risk manager."""
    case = yield from stages.opened(desk, applicants.WATER, desk.times.at(3, "10:00"), "rm-2")
    yield from stages.visited(case, "rm-2")
    yield from stages.reviewed_by_experts(case)
    yield from stages.reported(case, "rm-2")


def agency_silent(desk: Desk) -> Steps:
    """The bureau has answered, the rating agency has not; in two days it will be reminded."""
    case = yield from stages.opened(desk, applicants.STORAGE, desk.times.at(5, "09:20"), "rm-1")
    yield from stages.assessed(case, "rm-1")
    yield desk.now
    stages.bureau_answered(case)


def both_asked(desk: Desk) -> Steps:
    """The questions have just gone out."""
    case = yield from stages.opened(desk, applicants.GAS, desk.times.at(3, "09:10"), "rm-2")
    yield from stages.visited(case, "rm-2")
    yield from stages.reviewed_by_experts(case)
    yield from stages.reported(case, "rm-2")
    yield desk.times.ago(25)
    case.do("P03_risk_check", "risk-1", answers.decided("PASS", "尽调充分，安全评价已备案，同意提交评级。"))


def bureau_silent(desk: Desk) -> Steps:
    """The bureau did not answer three times, so the report is entered by hand."""
    case = yield from stages.opened(desk, applicants.CEMENT, desk.times.at(3, "09:00"), "rm-1")
    yield from stages.assessed(case, "rm-1")
    yield stages.later(case, "PT5H")
    stages.agency_answered(case)


def rating_begun(desk: Desk) -> Steps:
    """The rater has begun to score."""
    case = yield from stages.opened(desk, applicants.HOUSING, desk.times.at(4, "11:00"), "rm-2")
    yield from stages.assessed(case, "rm-2")
    yield from stages.asked(case)
    yield desk.times.at(1, "17:20")
    case.begin("P04_rate", "rater-1", {**answers.rating(case.project), "override": None})


def agency_closed(desk: Desk) -> Steps:
    """The agency refuses the question again and again: an incident, to be retried by the administrator."""
    project = applicants.DATA_CENTRE
    desk.parties.refusing.add(("rating", project.uscc))
    case = yield from stages.opened(desk, project, desk.times.at(4, "10:10"), "rm-1")
    yield from stages.assessed(case, "rm-1")
    yield stages.later(case, "PT1H")
    stages.bureau_answered(case)
    case.say("rm-1", "外部评级请求一直没有回音，系统显示异常，请系统管理员处理。")


def review_begun(desk: Desk) -> Steps:
    """The reviewer has begun."""
    case = yield from stages.opened(desk, applicants.AIRPORT, desk.times.at(5, "09:00"), "rm-1")
    yield from stages.assessed(case, "rm-1")
    yield from stages.rated(case)
    yield desk.times.at(1, "14:40")
    draft = {
        **answers.review(),
        "recommendation": None,
        "comment": "能源中心收益依赖机场付费，需核实购买服务协议年限。",
    }
    case.begin("P05_review", "reviewer-1", draft)
    case.say("reviewer-1", "请客户经理补充《能源服务协议》的签署版本及年限条款。")
    yield desk.times.at(1, "17:05")
    agreement = papers.note("能源服务协议（节选）\n服务期限：自投产之日起 20 年。\n最低付费量：设计负荷的 70%。")
    case.file("rm-1", "能源服务协议节选.txt", agreement)
    case.say("rm-1", "已上传协议节选：服务期限 20 年，最低付费量为设计负荷的 70%。")


def review_late(desk: Desk) -> Steps:
    """A large case waits for a reviewer, for too long."""
    case = yield from stages.opened(desk, applicants.METRO, desk.times.at(8, "09:00"), "rm-2")
    yield from stages.assessed(case, "rm-2")
    yield from stages.rated(case)
    yield desk.times.at(4, "10:00")
    case.take("P05_review", "reviewer-1")


def review_waiting(desk: Desk) -> Steps:
    """A leasing case that any reviewer may take."""
    case = yield from stages.opened(desk, applicants.AIRCRAFT, desk.times.at(4, "14:00"), "rm-1")
    yield from stages.assessed(case, "rm-1")
    yield from stages.rated(case)


def halted(desk: Desk) -> Steps:
    """Suspended by the administrator until a lawsuit is cleared up."""
    case = yield from stages.opened(desk, applicants.CHARGING, desk.times.at(7, "13:30"), "rm-2")
    yield from stages.visited(case, "rm-2")
    yield desk.times.at(4, "09:50")
    case.say("legal-1", "客户有一笔诉讼保全公告，请先暂停流程，待法务核实后再继续。")
    yield desk.times.at(4, "11:30")
    case.suspend("admin-1", "客户涉诉，待法务核实。")


STORIES = (
    *(just_begun, visits_begun, experts_late, expert_overruled, report_begun, report_checked),
    *(agency_silent, both_asked, bureau_silent, rating_begun, agency_closed),
    *(review_begun, review_late, review_waiting, halted),
)
