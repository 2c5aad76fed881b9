"""What a person reads when a field is not right, in Chinese and English, by code.

Codes are stable, for programs. ``{...}`` are the complaint's arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TEXTS: Mapping[str, tuple[str, str]] = {
    "required": ("此项必填。", "This field is required."),
    "unknown": ("表单中没有此项。", "The form has no such field."),
    "hidden": ("在当前填写内容下此项不适用，不能提交。", "This field does not apply here and cannot be submitted."),
    "not-text": ("应为文本。", "Expected a text."),
    "not-number": ("应为数字。", "Expected a number."),
    "inexact": ("数字精度超出范围，请以文本形式提交。", "The number is not exact; send it as a text."),
    "too-many-digits": ("数字位数过多，最多 {most} 位。", "Too many digits, at most {most}."),
    "places": ("最多 {most} 位小数。", "At most {most} decimal places."),
    "least": ("不得小于 {least}。", "Must be {least} or more."),
    "most": ("不得大于 {most}。", "Must be {most} or less."),
    "not-date": ("应为日期，如 2026-03-01。", "Expected a date such as 2026-03-01."),
    "not-time": ("应为时间，如 09:30。", "Expected a time such as 09:30."),
    "not-instant": (
        "应为带时区的日期时间，如 2026-03-01T09:30+08:00。",
        "Expected a date and time with its zone, such as 2026-03-01T09:30+08:00.",
    ),
    "not-flag": ("应为是或否。", "Expected yes or no."),
    "not-option": ("“{value}”不在可选范围内。", "'{value}' is not one of the options."),
    "not-list": ("应为列表。", "Expected a list."),
    "not-object": ("应为一组字段。", "Expected an object with fields."),
    "twice": ("“{value}”重复。", "'{value}' is given twice."),
    "step": ("应为 {step} 的整数倍。", "Must be a multiple of {step}."),
    "minutes": ("时间应为 {minutes} 分钟的整数倍。", "The time must be a multiple of {minutes} minutes."),
    "past": ("不得早于今天。", "Must not be before today."),
    "fixed-rows": ("应为 {number} 行，不能增删。", "There are {number} rows; none can be added or removed."),
    "no-document": ("本案件中没有文件“{value}”。", "The case has no document '{value}'."),
    "not-accepted": ("“{value}”的类型不被接受（可用：{kinds}）。", "'{value}' is of a kind not accepted ({kinds})."),
    "limit-undecided": ("无法校验：此项的限值算不出来。", "Cannot be checked: the limit of this field has no value."),
    "not-document": ("“{value}”不是文件编号。", "'{value}' is not a document id."),
    "min-length": ("至少 {least} 个字。", "At least {least} characters."),
    "max-length": ("最多 {most} 个字。", "At most {most} characters."),
    "min-items": ("至少 {least} 项。", "At least {least} items."),
    "max-items": ("最多 {most} 项。", "At most {most} items."),
    "pattern": ("格式不正确。", "The format is not right."),
    "control": ("含有不可用的控制字符。", "Contains control characters."),
    "check-uscc": (
        "统一社会信用代码有误（18 位，含校验位）。",
        "Not a valid unified social credit code (18 signs with a check sign).",
    ),
    "check-bank-account": ("银行账号应为 8 至 32 位数字。", "An account number has 8 to 32 digits."),
    "check-bank-card": (
        "银行卡号有误（12 至 19 位，含校验位）。",
        "Not a valid card number (12 to 19 digits with a check digit).",
    ),
    "check-identity-number": (
        "居民身份证号码有误（18 位，含出生日期和校验码）。",
        "Not a valid identity number (18 signs with the day of birth and a check sign).",
    ),
    "check-phone": (
        "电话号码有误，如 13800138000、010-66668888、+49 30 1234567。",
        "Not a valid phone number, such as 13800138000, 010-66668888, +49 30 1234567.",
    ),
    "check-postal-code": ("邮政编码应为 6 位数字。", "A postal code has 6 digits."),
    "check-amount": (
        "应为不小于 0 的金额，最多两位小数、16 位整数。",
        "Expected an amount of 0 or more with at most two decimal places and 16 digits before the point.",
    ),
    "check-percentage": (
        "应为 0 至 100 的百分比，最多四位小数。",
        "Expected 0 to 100 per cent, at most four decimal places.",
    ),
    "rule": ("{zh}", "{en}"),
    "rule-unknown": ("无法校验：案件中没有变量 {name}。", "Cannot be checked: the case has no variable {name}."),
    "rule-undecided": ("无法校验：{zh}", "Cannot be decided: {en}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one value: a code of `TEXTS` and the arguments of its texts."""

    code: str
    arguments: Mapping[str, object] = field(default_factory=dict)

    @property
    def zh(self) -> str:
        """The Chinese sentence."""
        return TEXTS[self.code][0].format(**self.arguments)

    @property
    def en(self) -> str:
        """The English sentence."""
        return TEXTS[self.code][1].format(**self.arguments)
