"""Whether the people of this installation are enough for the tasks that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from engine.deployment.reading import Contents, remark
from engine.kernel.check.duties import conflicts, said
from engine.kernel.findings import Finding, Severity
from engine.model.identity import Membership, User
from engine.runtime import Work


def check_duties(work: Work, contents: Contents) -> Iterator[Finding]:
    """A warning for each task that nobody is left for, if only those who hold roles now could do them. Roles that
    nobody holds yet say nothing.
    """
    if not any(process.excludes for process in contents.processes.values()):
        return
    members = _members(work)
    for process in contents.processes.values():
        fixed = {conflict.task.id for conflict in conflicts(process.definition)}
        for conflict in conflicts(process.definition, members):
            task = conflict.task
            if task.id not in fixed:
                place = {"line": task.line, "column": task.column, "element": task.id, "name": task.name}
                text, advice = f"as the roles are held now, {said(conflict)}", "give the role to more people"
                yield remark("references/duties", Severity.WARNING, process.file, text, advice, **place)


def _members(work: Work) -> dict[str, frozenset[str]]:
    """Who holds each role in any unit and may sign in."""
    statement = select(Membership.role, Membership.user).join(User, User.name == Membership.user)
    found: dict[str, set[str]] = {}
    for role, user in work.session.execute(statement.where(User.disabled.is_(False))):
        found.setdefault(role, set()).add(user)
    return {role: frozenset(users) for role, users in found.items()}
