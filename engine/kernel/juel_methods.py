"""FEEL for the methods, indexes and functions of JUEL that have the same meaning there (see `juel`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.kernel.event_definitions import HOUSE_ZONE

_NAME = re.compile(r"[^\W\d]\w*")


class UntranslatableExpression(ValueError):
    """The expression uses more of JUEL than has a meaning in FEEL; the message names it."""


@dataclass(frozen=True, slots=True)
class Feel:
    """A piece of FEEL. ``kind``: what it gives if not null (boolean, number, text, instant), "" when nobody knows.
    ``atomic``: it needs no parentheses as an operand. ``literal``: the value of a text or a whole number.
    """

    text: str
    kind: str = ""
    atomic: bool = True
    literal: str | int | None = None

    @property
    def wrapped(self) -> str:
        """Itself as an operand."""
        return self.text if self.atomic else f"({self.text})"

    def path(self, name: str) -> Feel:
        """A property of it."""
        if self.kind:
            raise UntranslatableExpression(f"{self.text} has no property {name!r}")
        return Feel(f"{self.wrapped}.{name}")


FUNCTIONS = {
    "now": Feel("now()", "instant"),
    # Days, months and years are counted on the clock of the house.
    "dateTime": Feel(f'date and time(now(), "{HOUSE_ZONE}")', "instant"),
}
"""Functions without arguments."""

REFUSED_MEMBERS = {
    "processBusinessKey": "the business key is no variable; map it to one where the process is called or started",
    "businessKey": "the business key is no variable; map it to one where the process is called or started",
    "getProcessBusinessKey": "the business key is no variable; map it to one where the process is called or started",
    "getBusinessKey": "the business key is no variable; map it to one where the process is called or started",
    "hasVariable": "FEEL cannot ask whether a variable exists; write it early, as null, and compare it with null",
}
"""Members of ``execution`` and its like with the reason; others are just objects of another engine."""

_UNITS = {
    "Years": ("Y", 1), "Months": ("M", 1), "Weeks": ("D", 7), "Days": ("D", 1),
    "Hours": ("TH", 1), "Minutes": ("TM", 1), "Seconds": ("TS", 1),
}  # fmt: skip
_SHIFT = re.compile(rf"(plus|minus)({'|'.join(_UNITS)})")
# Java's trim() takes off everything up to the space; FEEL's takes off every white space of Unicode.
_TRIMMED = r'replace(it, "^[\\x00-\\x20]+|[\\x00-\\x20]+$", "")'

_CONTAINS = (
    "if it instance of list then list contains(it, item)"
    " else if it instance of string and item instance of string then contains(it, item) else null"
)
METHODS: dict[str, tuple[str, str, str]] = {
    "size": ("it", "if it instance of list then count(it) else null", "number"),
    "length": ("it: string", "string length(it)", "number"),
    "toUpperCase": ("it: string", "upper case(it)", "text"),
    "toLowerCase": ("it: string", "lower case(it)", "text"),
    "trim": ("it: string", _TRIMMED, "text"),
    "isEmpty": ("it", 'if it = null then null else list contains(["", [], {}], it)', "boolean"),
    "contains": ("it, item", _CONTAINS, "boolean"),
    "startsWith": ("it: string, start: string", "starts with(it, start)", "boolean"),
    "endsWith": ("it: string, end: string", "ends with(it, end)", "boolean"),
    "containsKey": ("it: context, key", "list contains(get entries(it).key, key)", "boolean"),
    "equals": ("it, other", "if it = null then null else (it = other) = true", "boolean"),
}
"""Methods: the parameters of a FEEL function, its body, and what it gives."""

_ENTRY = (
    "if it instance of list then (if at >= 0 then sublist(it, at + 1, 1)[1] else null)"
    " else if it instance of context and at instance of string then get value(it, at) else null"
)


def apply(parameters: str, body: str, kind: str, *arguments: Feel) -> Feel:
    """A FEEL function applied at once: each argument is written, and evaluated, once. A parameter's type makes null
    of what JUEL would refuse.
    """
    return Feel(f"(function({parameters}) {body})({', '.join(argument.text for argument in arguments)})", kind)


def quoted(text: str) -> str:
    """A FEEL text literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def entry(of: Feel, at: Feel) -> Feel:
    """``of[at]``: an item of a list (from 0 in JUEL, from 1 in FEEL) or an entry of a map."""
    if isinstance(at.literal, int):
        return apply("it", f"if it instance of list then it[{at.literal + 1}] else null", "", of)
    if isinstance(at.literal, str):
        if _NAME.fullmatch(at.literal):
            return of.path(at.literal)
        return Feel(f"get value({of.text}, {at.text})")
    return apply("it, at", _ENTRY, "", of, at)


def method(of: Feel, name: str, arguments: list[Feel], text: str) -> Feel:
    """``of.name(arguments)`` in the expression ``text``. Raises `UntranslatableExpression`."""
    if name == "get" and len(arguments) == 1:
        return entry(of, arguments[0])
    if of.kind == "instant":
        shifted = _shifted(of, name, arguments)
        if shifted is not None:
            return shifted
    elif name in METHODS:
        parameters, body, kind = METHODS[name]
        if len(arguments) == parameters.count(","):
            return apply(parameters, body, kind, of, *arguments)
    raise UntranslatableExpression(f"the call {of.text}.{name}(...) in {text!r} is not translated to FEEL")


def _shifted(of: Feel, name: str, arguments: list[Feel]) -> Feel | None:
    """``dateTime().plusDays(3).toDate()`` and its like; by a whole number, else null."""
    if name == "toDate" and not arguments:
        return of
    found = _SHIFT.fullmatch(name)
    if found is None or len(arguments) != 1:
        return None
    sign, (unit, factor) = "+" if found[1] == "plus" else "-", _UNITS[found[2]]
    count = arguments[0].literal
    if isinstance(count, int):
        length = f'duration("P{unit[:-1]}{count * factor}{unit[-1]}")'
        return Feel(f"{of.wrapped} {sign} {length}", "instant", atomic=False)
    length = f'n * duration("P{unit[:-1]}{factor}{unit[-1]}")'
    return apply("it, n: number", f"if n = floor(n) then it {sign} {length} else null", "instant", of, arguments[0])
