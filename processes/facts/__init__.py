"""The facts one needs to decide a task or to understand a case, gathered from the registers and the case's variables.

Only cases of the financing register have facts; each reader finds the groups its case has something in.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from processes.facts.client import client, conditions, eligibility, project, standing
from processes.facts.credit import authority, committee, diligence, rating
from processes.facts.model import Fact, FactGroup, Kind, Words
from processes.facts.money import drawdown, instruction, payments
from processes.facts.opinions import opinions
from processes.facts.rows import read_rows
from processes.facts.visits import calendar, visit


def facts_of(
    session: Session, business_key: str, variables: Mapping[str, object], *, whole_accounts: bool = False
) -> tuple[FactGroup, ...]:
    """The groups of facts of a case, what is in hand first; () for a case that is no financing.

    ``variables`` are FEEL values: those visible in the instance one looks at, over those of the case's root, so that
    earlier phases are known; {} for a case that has ended. Account numbers show their last four signs unless
    ``whole_accounts``, which is for those who pay. Who may see the case is for the caller to decide.
    """
    rows = read_rows(session, business_key)
    if rows is None:
        return ()
    groups = (
        visit(rows, variables),
        instruction(rows, variables, whole_accounts=whole_accounts),
        drawdown(rows, variables, whole_accounts=whole_accounts),
        client(rows, variables),
        project(rows, variables),
        eligibility(rows, variables),
        diligence(rows, variables),
        rating(rows, variables),
        committee(rows, variables),
        authority(rows, variables),
        standing(rows),
        conditions(rows, variables),
        opinions(rows, variables),
        payments(rows),
        calendar(rows),
    )
    return tuple(found for found in groups if found.facts or found.rows)


__all__ = ["Fact", "FactGroup", "Kind", "Words", "facts_of"]
