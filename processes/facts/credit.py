"""What the diligence found, how the client is rated, and what the committee and the approver said."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from processes.facts import model
from processes.facts.model import FactGroup, Words, contexts
from processes.facts.rows import CaseRows
from processes.facts.words import LEVELS, VOTE_RESULTS, YES, label, options, word

Variables = Mapping[str, object]
REPORT, RATING = "p03-joint-report", "p04-rating"


def diligence(_rows: CaseRows, variables: Variables) -> FactGroup:
    """The joint report's figures; before there is one, those of the experts."""
    figures = {
        **model.context(variables, "technicalReview"),
        **{name: value for name, value in model.context(variables, "esReview").items() if name == "esCategory"},
        **model.context(variables, "diligence"),
    }
    return model.group(
        "diligence",
        Words("尽调结论", "Due diligence"),
        [
            model.choice(
                label(REPORT, "recommendation"),
                word(figures.get("recommendation"), options(REPORT, "recommendation")),
                emphasis=True,
                warning=figures.get("recommendation") == "DECLINE",
            ),
            model.number(label(REPORT, "minDSCR"), figures.get("minDSCR"), emphasis=True),
            model.number(label(REPORT, "avgDSCR"), figures.get("avgDSCR")),
            model.number(label(REPORT, "llcr"), figures.get("llcr")),
            model.amount(label(REPORT, "debtCapacity"), figures.get("debtCapacity")),
            model.choice(label(REPORT, "esCategory"), word(figures.get("esCategory"), options(REPORT, "esCategory"))),
            model.documents(label(REPORT, "attachments"), figures.get("report")),
        ],
        [
            (
                model.choice(
                    label("p03-technical", "sensitivity.scenario"),
                    word(item.get("scenario"), options("p03-technical", "sensitivity.scenario")),
                ),
                model.number(label("p03-technical", "sensitivity.minDSCR"), item.get("minDSCR")),
            )
            for item in contexts(figures.get("sensitivity"))
        ],
    )


def rating(rows: CaseRows, variables: Variables) -> FactGroup:
    """Grade and limit, and what they rest on. The case's own values count until the register has them."""
    row, found = rows.financing, model.context(variables, "rating")
    grade = variables.get("grade") or row.grade
    limit = variables.get("limit") if variables.get("limit") is not None else row.credit_limit
    override = found.get("override")
    return model.group(
        "rating",
        Words("评级与限额", "Rating and limit"),
        [
            model.text(Words("等级", "Grade"), grade, emphasis=True),
            model.number(label(RATING, "score"), found.get("score", row.score)),
            model.number(label(RATING, "modelScore"), variables.get("modelScore")),
            model.text(Words("模型等级", "Model grade"), variables.get("modelGrade")),
            model.choice(
                label(RATING, "override"), word(override, options(RATING, "override")), warning=override == "UP"
            ),
            model.text(label(RATING, "overrideReason"), found.get("overrideReason")),
            model.text(label(RATING, "externalRating"), variables.get("externalRating")),
            model.choice(
                Words("外部评级超时，最高 A 级", "Agency timed out, capped at A"),
                YES if variables.get("agencyTimedOut") is True else None,
                warning=True,
            ),
            model.amount(
                Words("授信限额", "Credit limit"),
                limit,
                emphasis=True,
                warning=isinstance(limit, Decimal) and limit < row.amount,
            ),
            model.amount(label(RATING, "adjustedNetWorth"), found.get("adjustedNetWorth")),
            model.choice(
                label(RATING, "auditOpinion"), word(found.get("auditOpinion"), options(RATING, "auditOpinion"))
            ),
            model.number(label(RATING, "overdueMaxDays"), variables.get("overdueMaxDays")),
            _alarm(label(RATING, "dishonestList"), variables.get("dishonestList")),
            _alarm(label("p04-bureau-check", "bankruptcy"), variables.get("bankruptcy")),
            model.day(Words("评级有效期至", "Rating valid until"), row.rated_until),
        ],
        [
            (
                model.text(label(RATING, "subScores.name"), item.get("name")),
                model.number(label(RATING, "subScores.points"), item.get("points")),
            )
            for item in contexts(found.get("subScores"))
        ],
    )


def _alarm(name: Words, value: object) -> model.Fact:
    """A flag that is only worth a line when it is set."""
    return model.choice(name, YES if value is True else None, warning=True)


def authority(rows: CaseRows, variables: Variables) -> FactGroup:
    """Who decides, and what was decided."""
    level = variables.get("approvalLevel") or rows.financing.approval_level
    found, form = model.context(variables, "approval"), "p05-approve"
    return model.group(
        "authority",
        Words("审批", "Approval"),
        [
            model.choice(Words("审批层级", "Level"), _level(level), emphasis=True),
            model.choice(
                Words("审批决定", "Decision"),
                word(found.get("decision"), options(form, "decision")),
                emphasis=True,
                warning=found.get("decision") in ("REJECT", "RETURN"),
            ),
            model.amount(label(form, "approvedAmount"), found.get("amount")),
            model.number(label(form, "approvedTermMonths"), found.get("termMonths")),
        ],
    )


def _level(level: object) -> Words | None:
    if not isinstance(level, Decimal | int):
        return None
    return LEVELS.get(int(level), Words(f"{level} 级", f"L{level}"))


def committee(_rows: CaseRows, variables: Variables) -> FactGroup:
    """The meeting and its vote. Single votes appear when all are counted, so that everybody votes independently."""
    agenda, tally = model.context(variables, "agenda"), model.context(variables, "tally")
    present, in_favour = tally.get("present"), tally.get("inFavour")
    share = (
        100 * in_favour / present
        if isinstance(present, Decimal) and isinstance(in_favour, Decimal) and present
        else None
    )
    result = variables.get("voteResult") if tally else None
    supplement = model.context(variables, "supplement")
    return model.group(
        "committee",
        Words("贷审会", "Credit committee"),
        [
            model.text(label("p05-agenda", "meetingNo"), agenda.get("meetingNo")),
            model.instant(Words("会议时间", "Meeting"), agenda.get("meetingAt")),
            model.documents(label("p05-agenda", "papers"), agenda.get("papers")),
            model.number(label("p05-agenda", "round"), variables.get("round") if agenda or tally else None),
            model.choice(
                Words("表决结果", "Result"), word(result, VOTE_RESULTS), emphasis=True, warning=result != "PASSED"
            ),
            model.percent(Words("同意比例", "In favour"), share, emphasis=True),
            model.number(Words("同意（票）", "For"), in_favour),
            model.number(Words("不同意（票）", "Against"), tally.get("against")),
            model.number(Words("弃权（票）", "Abstained"), tally.get("abstained")),
            model.number(Words("未表态（票）", "Silent"), tally.get("silent")),
            model.number(Words("应到（人）", "Members"), tally.get("members")),
            model.number(Words("出席（人）", "Present"), present),
            model.text(label("p05-supplement", "response"), supplement.get("response")),
            model.documents(label("p05-supplement", "attachments"), supplement.get("attachments")),
        ],
        [_vote(item) for item in contexts(variables.get("votes"))] if tally else [],
    )


def _vote(item: Mapping[str, object]) -> tuple[model.Fact, ...]:
    form, vote = "p05-vote", item.get("vote")
    shown = Words("回避", "Recused") if item.get("recused") is True else word(vote, options(form, "vote"), VOTE_RESULTS)
    return (
        model.person(Words("委员", "Member"), item.get("member")),
        model.choice(label(form, "vote"), shown, warning=vote == "AGAINST"),
        model.text(Words("意见", "Opinion"), item.get("opinion")),
    )
