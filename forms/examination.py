"""The deployment check of a form file: every problem at once, with its place in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from engine.kernel.findings import Finding, Severity
from forms.definition import FormDefinitionError, Problem
from forms.reading import read_file

ADVICE = {
    "forms/file": "save the form from the form editor again",
    "forms/component": "use a component of form-js schema version 19 or earlier",
    "forms/key": "give the field a key such as approvedAmount, or client.name for a field of an object",
    "forms/duplicate-key": "give one of them another key, or put the fields of one object into one group",
    "forms/duplicate-id": "give each component an id of its own; the browser cannot show the form otherwise",
    "forms/expression": "correct the FEEL expression",
    "forms/pattern": "write the pattern in the syntax of RE2: no look-around, no references back",
    "forms/options": "list the options, or name the variable or expression that gives them",
    "forms/validator": "use a validator of docs/forms.md",
    "forms/limit": "correct the limits",
    "forms/rule": "say in Chinese and English what is wrong when the rule is broken",
    "forms/list": "put fields into the list and begin with a sensible number of rows",
    "forms/depth": "put some of the groups side by side",
    "forms/properties": "write the value of each property as a text",
    "forms/files": "list file extensions or media types, such as .pdf,.docx,image/*",
    "forms/outside": "upload the document to the case, or take the component out",
    "forms/read-only-in-rows": "forbid adding and removing rows (allowAddRemove), or let the field be filled in",
}
"""What to do about each rule."""


def examine_form(file: str, body: bytes) -> Iterator[Finding]:
    """What is wrong with the form in ``body``, in the order of the file; ``file`` is its name."""
    try:
        problems = read_file(body).remarks
    except FormDefinitionError as error:
        problems = error.problems
    lines = body.decode("utf-8", "replace").split("\n")
    found = [_finding(file, lines, problem) for problem in problems]
    yield from sorted(found, key=lambda finding: finding.line)


def _finding(file: str, lines: list[str], problem: Problem) -> Finding:
    line, column = _place(lines, problem.component)
    severity = Severity.ERROR if problem.refuses else Severity.WARNING
    advice = problem.advice or ADVICE[problem.rule]
    name = problem.where if problem.where != problem.component else ""
    return Finding(problem.rule, severity, file, line, column, problem.component, name, problem.message, advice)


def _place(lines: list[str], component: str) -> tuple[int, int]:
    """Where the component's id, key or path stands; (0, 0) when it cannot be found."""
    if component:
        wanted = re.compile(rf'"(?:id|key|path)"\s*:\s*({re.escape(json.dumps(component, ensure_ascii=False))})')
        for number, line in enumerate(lines, 1):
            if match := wanted.search(line):
                return number, match.start(1) + 1
    return 0, 0
