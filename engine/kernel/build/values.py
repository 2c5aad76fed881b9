"""Texts of a model as values: literals, FEEL, translated placeholders, names, numbers. What cannot be read is reported.

Conditions, scripts and completion conditions are FEEL without a marker (`Values.feel`); attributes are literals unless
they begin with ``=`` or hold ``${...}`` (`Values.value`). After a finding the result is a stand-in: a report with
errors means that the definition is thrown away.
"""

from __future__ import annotations

import re

from engine import feel
from engine.kernel.definition import Value
from engine.kernel.findings import Place, Report
from engine.kernel.graph import Element
from engine.kernel.juel import UntranslatableExpression, has_placeholder, translate

_NAME = re.compile(r"[^\W\d]\w*")
_FEEL_LANGUAGES = re.compile(r"(?i)(text/|application/)?(x-)?feel|https?://www\.omg\.org/spec/(DMN|FEEL)/.*")
_ADVICE = "attributes are literals unless they begin with '='; conditions and scripts are FEEL"


class Values:
    """Reads texts of one file and reports what is wrong with them."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._nothing = feel.parse("null")

    def feel(self, place: Place, text: str, what: str) -> feel.Expression:
        """FEEL without a marker; a leading ``=`` is tolerated and ``${...}`` translated. ``what`` names it."""
        text = text.strip()
        try:
            source = translate(text) if has_placeholder(text) else text.removeprefix("=").strip()
            if not source:
                self.report.error("expressions/empty", place, f"the {what} is empty")
                return self._nothing
            return feel.parse(source)
        except UntranslatableExpression as problem:
            self.report.error("expressions/juel", place, f"the {what} is not understood: {problem}", "write it in FEEL")
        except feel.FeelError as problem:
            self.report.error("expressions/feel", place, f"the {what} {_short(text)} is not FEEL: {problem}", _ADVICE)
        except RecursionError:
            self.report.error("expressions/feel", place, f"the {what} is nested too deeply")
        return self._nothing

    def value(self, place: Place, text: str | None, what: str) -> Value | None:
        """An attribute's value; None when it is absent."""
        if text is None or not (text := text.strip()):
            return None
        if text.startswith("=") or has_placeholder(text):
            return Value(text, self.feel(place, text, what))
        return Value(text)

    def variable(self, place: Place, text: str | None, what: str) -> str | None:
        """The name of a variable; None when it is absent."""
        if text is None:
            return None
        if _NAME.fullmatch(text) is None or len(text) > 200:
            advice = "letters, digits and _ , not beginning with a digit"
            self.report.error("expressions/name", place, f"the {what} {_short(text)} is not a variable name", advice)
        return text

    def reference(self, place: Place, text: str, what: str) -> Value:
        """A variable or path given without a marker (``camunda:collection``, ``source``): always an expression."""
        return Value(text, self.feel(place, text, what))

    def integer(self, place: Place, text: str | None, what: str) -> int | None:
        """A whole number; None when it is absent."""
        if text is None:
            return None
        if re.fullmatch(r"[0-9]{1,9}", text) is None:
            self.report.error("expressions/number", place, f"the {what} {_short(text)} is not a whole number")
            return None
        return int(text)

    def language(self, element: Element, text: str, attribute: str = "language") -> None:
        """Reports an expression in a language that is not FEEL; placeholders say themselves what they are."""
        language = element.get(attribute)
        if language is not None and _FEEL_LANGUAGES.fullmatch(language) is None:
            if language.lower() == "juel" and has_placeholder(text):
                return
            message = f"the language {_short(language)} is not executed"
            self.report.error("expressions/language", element, message, "write it in FEEL")


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
