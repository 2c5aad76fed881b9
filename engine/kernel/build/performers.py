"""Who performs a task, by the standard's resource roles (BPMN 2.0.2, sections 10.3.1 and 10.3.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.kernel.build.values import Values
from engine.kernel.definition import Value
from engine.kernel.dialect import attribute
from engine.kernel.graph import Element, local_part
from engine.kernel.juel import has_placeholder

ROLES = frozenset({"potentialOwner", "humanPerformer", "performer"})
"""Roles with a meaning: a potential owner may claim the task, a performer is asked to do it."""

_RULE = "execution/performer"
_KIND = re.compile(r"(user|group)\s*\((.*)\)", re.DOTALL)
_PART = re.compile(r"(?:\{[^{}]*\}|\([^()]*(?:\{[^{}]*\}[^()]*)*\)|[^,({])+", re.DOTALL)
_LISTED = r'(function(it) if it instance of list then it else split(string(it), "\\s*,\\s*"))'
_FEEL = "feel"


@dataclass(slots=True)
class _Found:
    """Texts and expressions by what they name."""

    assignees: list[Value] = field(default_factory=list)
    users: list[Value] = field(default_factory=list)
    groups: list[Value] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Performers:
    """Who is asked to do a task, and who may claim it."""

    assignee: Value | None = None
    candidate_users: Value | None = None
    candidate_groups: Value | None = None


def performers(element: Element, values: Values) -> Performers:
    """The attributes ``assignee``, ``candidateUsers`` and ``candidateGroups`` of a user or manual task, or the same by
    its resource roles; an error where both say it.
    """
    found = _Found()
    for role in element.children:
        if role.tag in ROLES:
            _read(role, found, values)
    if len(found.assignees) > 1:
        message = "several people are asked to perform the task; it has one assignee"
        values.report.error(_RULE, element, message, "name them in a potentialOwner: user(a), user(b)")
    by_roles = Performers(
        found.assignees[0] if found.assignees else None,
        _together(found.users, element, values),
        _together(found.groups, element, values),
    )

    def either(name: str, by_role: Value | None) -> Value | None:
        given = values.value(element, attribute(element, name), name)
        if given is not None and by_role is not None:
            message = f"the attribute {name!r} and the resource roles both say who does the task"
            values.report.error(_RULE, element, message, "remove one of them")
        return given or by_role

    return Performers(
        either("assignee", by_roles.assignee),
        either("candidateUsers", by_roles.candidate_users),
        either("candidateGroups", by_roles.candidate_groups),
    )


def _read(role: Element, found: _Found, values: Values) -> None:
    report = values.report
    for binding in role.all("resourceParameterBinding"):
        report.error(_RULE, binding, "parameters of resources are not executed", "name users or groups")
    reference, assignment = role.child("resourceRef"), role.child("resourceAssignmentExpression")
    if reference is not None:
        resource = _resource(role, local_part(reference.text))
        if resource is None:
            report.error("references/dangling", role, f"there is no resource {reference.text.strip()!r} in the file")
        else:
            found.groups.append(Value(resource.name or resource.id))
        return
    expression = next(iter(assignment.children), None) if assignment is not None else None
    if expression is None or not expression.text.strip():
        report.error(_RULE, role, f"the {role.tag} names nobody", "write user(id) or group(id)")
        return
    for kind, value in _parts(expression, role, values):
        named = kind or ("group" if role.tag == "potentialOwner" else "user")
        if named == "group":
            found.groups.append(value)
        else:
            (found.users if role.tag == "potentialOwner" else found.assignees).append(value)


def _resource(role: Element, id: str) -> Element | None:
    root = role
    while root.parent is not None:
        root = root.parent
    return next((found for found in root.all("resource") if found.id == id), None)


def _parts(expression: Element, role: Element, values: Values) -> Iterator[tuple[str, Value]]:
    """What an expression names, each with ``user``, ``group`` or "" when it does not say."""
    text = expression.text.strip()
    values.language(expression, text)
    language = (expression.get("language") or "").lower()
    if text.startswith("=") or (_FEEL in language and not has_placeholder(text)):
        yield "", Value(text, values.feel(expression, text, role.tag))
        return
    for part in _split(text):
        wrapped = _KIND.fullmatch(part)
        kind, inner = (wrapped[1], wrapped[2]) if wrapped else ("", part)
        value = values.value(expression, inner, role.tag)
        if value is None or ("(" in inner and value.expression is None):
            values.report.error(_RULE, expression, f"{part!r} names nobody", "write user(id) or group(id)")
        else:
            yield kind, value


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no brackets."""
    return [found.strip() for found in _PART.findall(text) if found.strip()] or [text]


def _together(found: list[Value], element: Element, values: Values) -> Value | None:
    """One value for all of them: text with commas, an expression, or an expression that gives a list."""
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    if all(value.expression is None for value in found):
        return Value(",".join(value.text for value in found))
    texts = [
        value.expression.text if value.expression is not None else '"' + value.text.replace('"', '\\"') + '"'
        for value in found
    ]
    feel = f"concatenate({', '.join(f'{_LISTED}({text})' for text in texts)})"
    return Value("=" + feel, values.feel(element, feel, "candidates"))
