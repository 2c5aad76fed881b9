"""The standard roles of a lender, which of them one user may never hold together, and the model organisation.

Roles are inserted when an installation starts for the first time; the institution then edits them as rows. The model
organisation (a head office, two branches, accounts named after their role) is what scenarios and the demonstration use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.model.identity import Membership, Role, Unit, User

HEAD_OFFICE, BRANCH, OTHER_BRANCH = "HQ", "BR-1", "BR-2"


@dataclass(frozen=True, slots=True)
class StandardRole:
    """``name`` in Chinese, ``english`` beside it; ``business`` roles work on cases."""

    id: str
    name: str
    english: str
    business: bool = True


ROLES = (
    StandardRole("RM", "客户经理", "Relationship manager"),
    StandardRole("CO_RM", "协办客户经理", "Second relationship manager"),
    StandardRole("DATA", "客户信息管理岗", "Client data steward"),
    StandardRole("RATER", "评级岗", "Rater"),
    StandardRole("REVIEWER", "审查岗", "Credit reviewer"),
    StandardRole("SEC", "贷审会秘书", "Committee secretary"),
    StandardRole("MEMBER", "贷审会委员", "Committee member"),
    StandardRole("CHAIR", "主任委员", "Committee chair"),
    StandardRole("APPROVER", "有权审批人", "Approver"),
    StandardRole("LEGAL", "法务", "Legal counsel"),
    StandardRole("RELEASE", "放款审核岗", "Release officer"),
    StandardRole("PAY_M", "支付经办", "Payment maker"),
    StandardRole("PAY_C", "支付复核", "Payment checker"),
    StandardRole("PLM", "贷后管理岗", "Post-loan manager"),
    StandardRole("EXPERT_TECH", "技术专家", "Technical expert"),
    StandardRole("EXPERT_ES", "环境与社会专家", "Environmental and social expert"),
    StandardRole("RISK", "风险经理", "Risk manager"),
    StandardRole("RESOL", "资产保全岗", "Workout officer"),
    StandardRole("CS", "客服投诉岗", "Client service"),
    StandardRole("SUPERVISOR", "团队主管", "Supervisor"),
    StandardRole("HEAD", "部门负责人", "Department head"),
    StandardRole("AUDIT", "合规内审", "Compliance and audit", business=False),
    StandardRole("DESIGNER", "流程设计", "Process designer", business=False),
    StandardRole("PUBLISHER", "流程发布", "Process publisher", business=False),
    StandardRole("ADMIN", "系统管理", "Administrator", business=False),
)

UNITS = (
    (HEAD_OFFICE, "总部", None),
    (BRANCH, "第一分行", HEAD_OFFICE),
    (OTHER_BRANCH, "第二分行", HEAD_OFFICE),
)

_COUNTS = {"RM": 2, "REVIEWER": 2, "MEMBER": 7, "PLM": 2}


def exclusive_roles(role: StandardRole) -> list[str]:
    """The roles that a holder of ``role`` may never hold: DESIGNER with PUBLISHER, ADMIN with any business role,
    AUDIT with any operating role (house policy, segregation of duties).
    """
    business = [other.id for other in ROLES if other.business]
    match role.id:
        case "AUDIT":
            return [other.id for other in ROLES if other.id != "AUDIT"]
        case "ADMIN":
            return [*business, "AUDIT"]
        case "DESIGNER":
            return ["PUBLISHER", "AUDIT"]
        case "PUBLISHER":
            return ["DESIGNER", "AUDIT"]
    return ["ADMIN", "AUDIT"]


def accounts() -> dict[str, tuple[str, str]]:
    """The model organisation's accounts: name to (role, unit). Officers sit in the head office."""
    found: dict[str, tuple[str, str]] = {}
    for role in ROLES:
        stem = role.id.lower().replace("_", "-")
        for number in range(1, _COUNTS.get(role.id, 1) + 1):
            found[f"{stem}-{number}"] = (role.id, BRANCH if role.business else HEAD_OFFICE)
    found["rm-9"] = ("RM", OTHER_BRANCH)
    return found


def insert_standard_roles(session: Session) -> None:
    """Add the standard roles and the head office that are not there yet; existing rows stay as they are."""
    known = set(session.scalars(select(Role.id)))
    session.add_all(
        Role(id=role.id, name=role.name, name_en=role.english, exclusive_with=exclusive_roles(role))
        for role in ROLES
        if role.id not in known
    )
    if session.get(Unit, HEAD_OFFICE) is None:
        session.add(Unit(id=HEAD_OFFICE, name="总部", parent=None))
    session.flush()


def insert_model_organisation(session: Session, now: datetime, password: str | None = None) -> None:
    """Add the model organisation to a database that has none. ``password``: the argon2id hash of all accounts."""
    insert_standard_roles(session)
    known = set(session.scalars(select(Unit.id)))
    session.add_all(Unit(id=unit, name=name, parent=parent) for unit, name, parent in UNITS if unit not in known)
    session.flush()
    present = set(session.scalars(select(User.name)))
    names = {role.id: role.name for role in ROLES}
    for name, (role, unit) in accounts().items():
        if name not in present:
            shown = f"{names[role]}{name.rpartition('-')[2]}"
            session.add(User(name=name, display_name=shown, password=password, created_at=now))
            session.flush()
            session.add(Membership(user=name, role=role, unit=unit))
    session.flush()
