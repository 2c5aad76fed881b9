"""How many tasks stand in each list, as far as a person wants to know, and how many came in since they looked.

Counting stops at a limit, so that it takes as long in a house with a million open tasks as in one with a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ScalarSelect, bindparam, func, select, union, union_all

from engine.errors import InvalidInput
from engine.ids import id_of_time_ago, is_id
from engine.model.task import UserTask
from engine.queries.inbox_lists import (
    ALL,
    DONE,
    EVERYTHING,
    GROUPS,
    MINE,
    Branch,
    InboxFilter,
    Shape,
    asked,
    in_list,
    stop_at,
)
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
    shape, parameters = asked(work, wanted)
    row = work.session.execute(_tab_counts(in_list(GROUPS, shape)), parameters | {"now": work.now}).one()
    return TabCounts(mine=row.mine, groups=row.groups, late=row.late)


def newer(work: Work, wanted: InboxFilter, after: str) -> int:
    """How many open tasks of the list were opened after the `mark` that ``after`` is; 100 means 100 or more, 0 for the
    list of done tasks. A task that was only handed over since is not new. One statement.

    Raises `InvalidInput` for what no `mark` is.
    """
    shape, parameters = asked(work, wanted)
    oldest, *known = after.split(".")
    if len(known) > _MOST_KNOWN or not all(is_id(each) for each in (oldest, *known)):
        raise InvalidInput("This is no mark that a list gave.", {"after": ["unknown"]})
    if wanted.show == DONE:
        return 0
    return int(work.session.scalar(_newer(shape), parameters | {"oldest": oldest, "known": known}) or 0)


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
    shape, parameters = asked(work, wanted)
    known = list(work.session.scalars(_youngest(shape), parameters | {"oldest": oldest}))
    if len(known) > _MOST_KNOWN:
        oldest = known.pop()
    return ".".join((oldest, *known))


@lru_cache(maxsize=64)
def _tab_counts(groups: Shape) -> AnySelect:
    mine, free = (in_list(show, groups).open_tasks(UserTask.id) for show in (MINE, GROUPS))
    late = [branch.where(UserTask.due_sort < bindparam("now")) for branch in (*mine, *free)]
    return select(
        _capped(mine, MOST_COUNTED + 1).label("mine"),
        _capped(free, MOST_COUNTED + 1).label("groups"),
        _capped(late, MOST_COUNTED + 1).label("late"),
    )


@lru_cache(maxsize=64)
def _newer(shape: Shape) -> AnySelect:
    others = UserTask.id.not_in(bindparam("known", expanding=True))
    return select(_capped([branch.where(others) for branch in _since(shape)], MOST_NEW, overlap=shape.show == ALL))


@lru_cache(maxsize=64)
def _youngest(shape: Shape) -> AnySelect:
    most = _MOST_KNOWN + 1
    found = union(*(branch.first(most, "id", descending=True) for branch in _since(shape))).subquery()
    return select(found.c.id).order_by(found.c.id.desc()).limit(stop_at(most))


def _since(shape: Shape) -> list[Branch]:
    return [branch.where(UserTask.id > bindparam("oldest")) for branch in shape.open_tasks(UserTask.id)]


def _capped(branches: list[Branch], most: int, *, overlap: bool = False) -> ScalarSelect[int]:
    """The number of rows of ``branches`` together, which count no further than ``most``."""
    parts = [branch.first(most) for branch in branches]
    together = (union(*parts) if overlap else union_all(*parts)).subquery()
    counted = select(together.c.id).limit(stop_at(most)).subquery()
    return select(func.count()).select_from(counted).scalar_subquery()
