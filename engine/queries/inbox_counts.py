"""How many tasks stand in each list, as far as a person wants to know, and how many came in since they looked.

Counting stops at a limit, so that it takes as long in a house with a million open tasks as in one with a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import ScalarSelect, func, select, union, union_all

from engine.errors import InvalidInput
from engine.ids import id_of_time_ago, is_id
from engine.model.task import UserTask
from engine.queries.inbox_lists import ALL, DONE, EVERYTHING, GROUPS, MINE, InboxFilter, open_tasks
from engine.queries.page import AnySelect
from engine.runtime import Work

MOST_COUNTED = 1_000
MOST_NEW = 100
_LATECOMERS_SECONDS = 10.0
"""How long after its id was made a task may become visible: the rest of its transaction, and how far the clocks of two
machines may differ."""
_MOST_KNOWN = 20


@dataclass(frozen=True, slots=True)
class TabCounts:
    """Open tasks held by the principal (``mine``) and free for them to take (``groups``), and the ``late`` ones among
    both. 1,001 means more than 1,000.
    """

    mine: int
    groups: int
    late: int


def counts(work: Work, wanted: InboxFilter = EVERYTHING) -> TabCounts:
    """The counts under the filters of ``wanted``, whichever list it shows. One statement. Raises `InvalidInput`."""
    mine = open_tasks(work, replace(wanted, show=MINE), UserTask.id)
    groups = open_tasks(work, replace(wanted, show=GROUPS), UserTask.id)
    late = [branch.where(UserTask.due_sort < work.now) for branch in (*mine, *groups)]
    capped = [_capped(branches, MOST_COUNTED + 1) for branches in (mine, groups, late)]
    row = work.session.execute(select(*capped)).one()
    return TabCounts(mine=row[0], groups=row[1], late=row[2])


def newer(work: Work, wanted: InboxFilter, after: str) -> int:
    """How many open tasks of the list were opened after the `mark` that ``after`` is; 100 means 100 or more, 0 for the
    list of done tasks. A task that was only handed over since is not new. One statement.

    Raises `InvalidInput` for what no `mark` is.
    """
    wanted.check()
    oldest, *known = after.split(".")
    if len(known) > _MOST_KNOWN or not all(is_id(each) for each in (oldest, *known)):
        raise InvalidInput("This is no mark that a list gave.", {"after": ["unknown"]})
    if wanted.show == DONE:
        return 0
    since = _since(work, wanted, oldest)
    if known:
        since = [branch.where(UserTask.id.not_in(known)) for branch in since]
    return int(work.session.scalar(select(_capped(since, MOST_NEW, overlap=wanted.show == ALL))) or 0)


def mark(work: Work | None = None, wanted: InboxFilter | None = None) -> str:
    """Where `newer` goes on from: text that is safe in an address.

    A task gets its id when it is opened and becomes visible when its transaction commits, so it may come in with an id
    smaller than that of a task already shown. A mark therefore lies a few seconds back and names the tasks of the list
    which were visible then and younger, at most twenty: with ``work`` and the list ``wanted``, in one statement, none
    is counted twice or missed. Without them `newer` may count what was opened in those seconds once more.
    """
    oldest = id_of_time_ago(_LATECOMERS_SECONDS)
    if work is None or wanted is None or wanted.show == DONE:
        return oldest
    parts = [
        select(*branch.order_by(UserTask.id.desc()).limit(_MOST_KNOWN + 1).subquery().c)
        for branch in _since(work, wanted, oldest)
    ]
    found = union(*parts).subquery()
    known = list(work.session.scalars(select(found.c.id).order_by(found.c.id.desc()).limit(_MOST_KNOWN + 1)))
    if len(known) > _MOST_KNOWN:
        oldest = known.pop()
    return ".".join((oldest, *known))


def _since(work: Work, wanted: InboxFilter, oldest: str) -> list[AnySelect]:
    return [branch.where(UserTask.id > oldest) for branch in open_tasks(work, wanted, UserTask.id)]


def _capped(branches: list[AnySelect], most: int, *, overlap: bool = False) -> ScalarSelect[int]:
    """The number of rows of ``branches`` together, which count no further than ``most``."""
    parts = [select(*branch.limit(most).subquery().c) for branch in branches]
    together = (union(*parts) if overlap else union_all(*parts)).subquery()
    counted = select(together.c.id).limit(most).subquery()
    return select(func.count()).select_from(counted).scalar_subquery()
