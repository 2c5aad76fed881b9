"""The words for codes: of the packaged forms for what people choose, and here for what tables and registers say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from forms import heading, load_form, packaged_form
from forms.definition import Field
from processes.facts.model import Words

YES, NO = Words("是", "Yes"), Words("否", "No")

OUTCOMES: Mapping[str, Words] = {
    "ELIGIBLE": Words("准入", "Eligible"),
    "REJECT": Words("不准入", "Not eligible"),
    "WITHIN_POLICY": Words("符合政策", "Within policy"),
    "PROHIBITED_INDUSTRY": Words("禁止类行业", "Prohibited industry"),
    "PERMIT_MISSING": Words("许可不齐", "A permit is missing"),
    "COOL_OFF": Words("六个月内同条件被否", "Refused on the same terms within six months"),
    "EQUITY_TOO_LOW": Words("资本金比例不足", "Equity too low"),
}
"""What the eligibility tables say, result and reason."""

GATE: Mapping[str, Words] = {
    "CONDITIONS_MET": Words("放款条件均已满足", "All conditions met"),
    "DRAWSTOP": Words("已停止提款", "Drawdowns are stopped"),
    "WARNING": Words("预警等级过高", "Warning level too high"),
    "APPROVAL_LAPSED": Words("批复已失效", "The approval has lapsed"),
    "RATING_EXPIRED": Words("评级已过期", "The rating has expired"),
    "LIMIT_EXCEEDED": Words("超出未提额度", "More than is undrawn"),
    "EQUITY_NOT_PAID_IN": Words("资本金未按比例到位", "Equity not paid in as required"),
    "CONDITION_OPEN": Words("先决条件未落实", "A condition precedent is open"),
    "CERTIFICATE_MISSING": Words("缺少工程进度证明", "The progress certificate is missing"),
}

METHODS: Mapping[str, Words] = {
    "ENTRUSTED": Words("受托支付", "Lender-entrusted"),
    "SELF_PAY": Words("自主支付", "Borrower payment"),
    "DIRECT": Words("直接支付供应商", "Direct to the supplier"),
}

VOTE_RESULTS: Mapping[str, Words] = {
    "PASSED": Words("通过", "Passed"),
    "NOT_PASSED": Words("未通过", "Not passed"),
    "DEFERRED": Words("续议", "Deferred"),
    "NO_QUORUM": Words("未达法定人数", "No quorum"),
    "SILENT": Words("未表态", "Silent"),
}

STAGES: Mapping[str, Words] = {
    "ASSESSMENT": Words("评估中", "In assessment"),
    "ASSESSED": Words("评估通过", "Assessed"),
    "RATED": Words("已评级", "Rated"),
    "RETURNED": Words("已退回", "Returned"),
    "APPROVED": Words("已批准", "Approved"),
    "CONDITIONAL": Words("有条件批准", "Approved with conditions"),
    "REJECTED": Words("已否决", "Refused"),
    "WITHDRAWN": Words("已撤回", "Withdrawn"),
    "DRAWDOWN_RETURNED": Words("提款已退回", "Drawdown returned"),
    "RUNNING": Words("贷款存续", "Loan running"),
    "CLOSED": Words("已结清", "Closed"),
}

PHASES: Mapping[str, Words] = {
    "CONSTRUCTION": Words("建设期", "Construction"),
    "OPERATION": Words("运营期", "Operation"),
}

WARNINGS: Mapping[str, Words] = {
    "NONE": Words("无预警", "None"),
    "YELLOW": Words("黄色预警", "Yellow"),
    "ORANGE": Words("橙色预警", "Orange"),
    "RED": Words("红色预警", "Red"),
}

VISITS: Mapping[str, Words] = {
    "PLANNED": Words("待回访", "Planned"),
    "OVERDUE": Words("逾期未访", "Overdue"),
    "DONE": Words("已完成", "Done"),
    "ISSUE": Words("发现问题", "Issue found"),
}

PAYMENTS: Mapping[str, Words] = {
    "PENDING": Words("支付中", "Pending"),
    "UNKNOWN": Words("状态不明", "Unknown"),
    "SUCCESS": Words("支付成功", "Paid"),
    "FAILED": Words("支付失败", "Failed"),
    "RETURNED": Words("已退汇", "Returned"),
}

LEVELS: Mapping[int, Words] = {
    1: Words("一级：分行行长", "L1: branch head"),
    2: Words("二级：分行贷审会", "L2: branch committee"),
    3: Words("三级：总行贷审会", "L3: head office committee"),
    4: Words("四级：董事会", "L4: board"),
}


def word(value: object, *tables: Mapping[str, Words]) -> Words | None:
    """The words for a code, from the first table that has it; an unknown code stands for itself, nothing is None."""
    if not isinstance(value, str) or not value:
        return None
    return next((table[value] for table in tables if value in table), Words(value, value))


def yes_or_no(value: object) -> Words | None:
    """Words for a flag; None for what is none."""
    return (YES if value else NO) if isinstance(value, bool) else None


@cache
def options(form_id: str, path: str) -> Mapping[str, Words]:
    """The words of a packaged form's choices. ``path``: the field's key, after its list's path and a dot.

    Raises KeyError when the form or the field does not exist.
    """
    found = _fields(form_id)[path].options
    return {option.value: Words(option.label, option.label_en) for option in found.values} if found else {}


@cache
def label(form_id: str, path: str) -> Words:
    """A field's label in a packaged form. Raises KeyError when the form or the field does not exist."""
    found = _fields(form_id)[path]
    return Words(found.label, found.label_en)


@cache
def title(form_id: str) -> Words:
    """A packaged form's name. Raises KeyError when it does not exist."""
    file = packaged_form(form_id)
    return Words(heading(file, "zh").name, heading(file, "en").name)


@cache
def _fields(form_id: str) -> Mapping[str, Field]:
    def walk(fields: tuple[Field, ...], before: str) -> Iterator[tuple[str, Field]]:
        for entry in fields:
            path = before if entry.inline else f"{before}{entry.key}"
            if not entry.inline:
                yield path, entry
            yield from walk(entry.fields, path if entry.inline else f"{path}.")

    return dict(walk(load_form(packaged_form(form_id)).fields, ""))
