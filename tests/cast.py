"""The fixed cast of tests: staff of one branch, the house's officers, and an outsider who must see nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from engine.access import Principal
from engine.model.identity import Membership, Role, Unit, User

HQ, BRANCH, OTHER_BRANCH = "HQ", "BR-1", "BR-2"
UNITS = ((HQ, "总部", None), (BRANCH, "第一分行", HQ), (OTHER_BRANCH, "第二分行", HQ))
CREATED = datetime(2026, 1, 1, tzinfo=UTC)

BUSINESS_ROLES = (
    *("RM", "CO_RM", "DATA", "RATER", "REVIEWER", "SEC", "MEMBER", "CHAIR", "APPROVER", "LEGAL", "RELEASE", "PAY_M"),
    *("PAY_C", "PLM", "EXPERT_TECH", "EXPERT_ES", "RISK", "RESOL", "CS", "SUPERVISOR", "HEAD"),
)
EXCLUSIVE = {
    "AUDIT": (*BUSINESS_ROLES, "ADMIN", "DESIGNER", "PUBLISHER"),
    "ADMIN": BUSINESS_ROLES,
    "DESIGNER": ("PUBLISHER",),
}
ROLES = (*BUSINESS_ROLES, "AUDIT", "DESIGNER", "PUBLISHER", "ADMIN")

STAFF = {
    "rm-1": "RM",
    "rm-2": "RM",
    "co-rm-1": "CO_RM",
    "data-1": "DATA",
    "rater-1": "RATER",
    "reviewer-1": "REVIEWER",
    "reviewer-2": "REVIEWER",
    "sec-1": "SEC",
    **{f"member-{number}": "MEMBER" for number in range(1, 8)},
    "chair-1": "CHAIR",
    "approver-1": "APPROVER",
    "legal-1": "LEGAL",
    "release-1": "RELEASE",
    "pay-m-1": "PAY_M",
    "pay-c-1": "PAY_C",
    "plm-1": "PLM",
    "plm-2": "PLM",
    "expert-tech-1": "EXPERT_TECH",
    "expert-es-1": "EXPERT_ES",
    "risk-1": "RISK",
    "supervisor-1": "SUPERVISOR",
    "head-1": "HEAD",
}
OFFICERS = {"audit-1": "AUDIT", "admin-1": "ADMIN", "designer-1": "DESIGNER", "publisher-1": "PUBLISHER"}
OUTSIDER = "outsider"
"""Holds every business role, but in the other branch."""

MEMBERSHIPS = (
    *((name, role, BRANCH) for name, role in STAFF.items()),
    *((name, role, HQ) for name, role in OFFICERS.items()),
    *((OUTSIDER, role, OTHER_BRANCH) for role in BUSINESS_ROLES),
)


@dataclass(frozen=True)
class Cast:
    """The principals by name: ``cast["rm-1"]``. All are rows, without a password."""

    people: dict[str, Principal]

    def __getitem__(self, name: str) -> Principal:
        return self.people[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.people)


def the_cast() -> Cast:
    """The cast without a database."""
    names = dict.fromkeys(name for name, _, _ in MEMBERSHIPS)
    return Cast(
        {
            name: Principal(name, frozenset((role, unit) for who, role, unit in MEMBERSHIPS if who == name))
            for name in names
        }
    )


def insert_cast(session: Session) -> Cast:
    """Store units, roles, people and memberships; the caller commits."""
    cast = the_cast()
    session.execute(insert(Unit), [{"id": id_, "name": name, "parent": parent} for id_, name, parent in UNITS])
    session.execute(
        insert(Role),
        [
            {"id": role, "name": role, "name_en": role, "exclusive_with": list(EXCLUSIVE.get(role, ()))}
            for role in ROLES
        ],
    )
    session.execute(
        insert(User), [{"name": name, "display_name": name, "disabled": False, "created_at": CREATED} for name in cast]
    )
    session.execute(
        insert(Membership), [{"user": name, "role": role, "unit": unit} for name, role, unit in MEMBERSHIPS]
    )
    return cast
