"""Say something about a case to those who see it."""

from __future__ import annotations

import unicodedata

from engine.access import NOT_BUSINESS
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.execution.lock import lock_root
from engine.execution.record import record
from engine.ids import is_id, new_id
from engine.model.comment import Comment
from engine.model.task import UserTask
from engine.queries.comments import CommentView, view
from engine.queries.instances import instance
from engine.runtime import Work

LONGEST = 4_000
"""Characters of one comment."""
_JOINERS = "\u200c\u200d"
"""Invisible, but what some scripts and composed emoji are written with."""
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories without a shape of their own. Blanks other than the space (``Zs``) are text: Chinese indents with
U+3000. Marks that turn the direction of reading are not, because they make a text look like another one."""


def add_comment(work: Work, instance_id: str, text: str, *, task_id: str | None = None) -> CommentView:
    """Add ``text`` to the conversation of the case of ``instance_id``, made at ``task_id`` if it is given.

    Whoever sees the case and works on cases may do so, while it runs or is suspended; ADMIN and AUDIT only read.
    Raises `NotFound` for an unseen case or a task of another case, `Forbidden`, `InvalidInput`, `InstanceEnded`.
    """
    case = instance(work, instance_id)
    principal = work.principal
    if not principal.system and principal.roles <= NOT_BUSINESS:
        raise Forbidden(f"{principal.name} works on no case, so they may read its comments but add none.")
    said = _checked(text)
    root = lock_root(work, case.root_id, allow_suspended=True)
    task = None
    if task_id is not None:
        task = work.session.get(UserTask, task_id) if is_id(task_id) else None
        if task is None or task.root_id != case.root_id:
            raise NotFound("This case has no such task.", task_id=task_id[:64])
    row = Comment(
        id=new_id(),
        root_id=case.root_id,
        task_id=task_id,
        text=said,
        written_by=principal.name,
        written_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    element = None if task is None else task.element
    record(work, root, action="case:commented", element=element, payload={"comment": row.id, "text": said})
    return view(row, None if task is None else task.name, None if task is None else task.name_en)


def _checked(text: str) -> str:
    """``text`` with single line feeds between its lines and no blanks around it. Raises `InvalidInput`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not 0 < len(lines) <= LONGEST:
        raise InvalidInput(f"A comment has 1 to {LONGEST:,} characters.", {"text": [f"1 to {LONGEST} characters"]})
    for character in lines:
        if character not in "\n\t" + _JOINERS and unicodedata.category(character) in _INVISIBLE:
            code = f"U+{ord(character):04X}"
            text = f"A comment cannot hold the invisible character {code}."
            raise InvalidInput(text, {"text": [f"{code} is not printable"]})
    return lines
