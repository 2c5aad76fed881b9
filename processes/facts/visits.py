"""Follow-up visits: the one in hand, and the calendar."""

from __future__ import annotations

from collections.abc import Mapping

from processes.facts import model
from processes.facts.model import FactGroup, Words
from processes.facts.rows import CaseRows
from processes.facts.words import VISITS, WARNINGS, label, options, word

FORM = "p08-visit"


def visit(_rows: CaseRows, variables: Mapping[str, object]) -> FactGroup:
    """The visit that this process is about or plans next, and its report as soon as there is one."""
    report = model.context(variables, "visit")
    judgement = model.context(variables, "judgement")

    def chosen(key: str, *bad: str) -> model.Fact:
        value = report.get(key)
        return model.choice(label(FORM, key), word(value, options(FORM, key)), warning=value in bad)

    return model.group(
        "visit",
        Words("本次回访", "This visit"),
        [
            model.number(Words("第几次", "Visit"), variables.get("visitNo"), emphasis=True),
            model.instant(Words("应完成时间", "Due"), variables.get("visitDue"), emphasis=True),
            model.number(Words("回访间隔（天）", "Interval (days)"), variables.get("intervalDays")),
            chosen("held", "REFUSED"),
            chosen("visitType"),
            model.day(label(FORM, "date"), report.get("date")),
            model.text(label(FORM, "met"), report.get("met")),
            chosen("useOfFunds", "DEVIATION"),
            chosen("collateralState", "IMPAIRED"),
            model.percent(Words("工程进度", "Progress"), report.get("progressPct")),
            model.text(label(FORM, "cashflow"), report.get("cashflow")),
            model.text(label(FORM, "needs"), report.get("needs")),
            model.number(label(FORM, "satisfaction"), report.get("satisfaction")),
            model.text(label(FORM, "findings"), report.get("findings")),
            model.documents(label(FORM, "files"), report.get("files")),
            model.choice(Words("判定结果", "Judged"), word(judgement.get("visitResult"), VISITS)),
        ],
    )


def calendar(rows: CaseRows) -> FactGroup:
    """All visits of the financing, planned and held."""
    return model.group(
        "visits",
        Words("回访记录", "Visits"),
        [],
        [
            (
                model.number(Words("次数", "No."), row.number),
                model.instant(Words("应完成时间", "Due"), row.due_at),
                model.choice(
                    Words("状态", "Status"), word(row.status, VISITS), warning=row.status in ("OVERDUE", "ISSUE")
                ),
                model.instant(Words("逾期自", "Overdue since"), row.overdue_since, warning=True),
                model.choice(
                    Words("预警", "Warning"), word(row.warning, WARNINGS), warning=row.warning in ("ORANGE", "RED")
                ),
                model.text(
                    label(FORM, "findings"), row.report.get("findings") if isinstance(row.report, dict) else None
                ),
            )
            for row in rows.visits
        ],
    )
