"""People, roles and units; one's own sessions and tokens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.access import ADMIN, AUDIT
from engine.errors import Forbidden, NotFound
from engine.model.identity import AccessToken, Membership, Role, Unit, User, WebSession
from engine.queries.page import Key, Order, Page
from engine.runtime import Work

_BY_NAME = Order("users", (Key(User.name, "text"),))
_BY_ROLE = Order("roles", (Key(Role.id, "text"),))
_BY_UNIT = Order("units", (Key(Unit.id, "text"),))
_NEWEST_SESSION = Order("sessions", (Key(WebSession.public_id, "id"),), descending=True)
_NEWEST_TOKEN = Order("tokens", (Key(AccessToken.public_id, "id"),), descending=True)


@dataclass(frozen=True, slots=True)
class Duty:
    """A role held in a unit."""

    role: str
    unit: str


@dataclass(frozen=True, slots=True)
class UserView:
    """A user without their password. ``created_at`` aware, UTC."""

    name: str
    display_name: str
    email: str | None
    language: str | None
    disabled: bool
    created_at: datetime
    roles: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role and those that one user may never hold beside it, whichever of the two says so."""

    id: str
    name: str
    name_en: str
    exclusive_with: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitView:
    """A branch or department within ``parent``."""

    id: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """A signed-in browser. Instants are the database's time, aware, UTC."""

    id: str
    user: str
    agent: str | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenView:
    """A bearer token, without its secret. Instants are the database's time, aware, UTC."""

    id: str
    user: str
    label: str
    created_at: datetime
    expires_at: datetime


def users(work: Work, *, cursor: str | None = None, limit: int = 50) -> Page[UserView]:
    """All users by name, for ADMIN and AUDIT. Two statements. Raises `Forbidden`, `InvalidInput`."""
    if not work.principal.sees_every_case:
        raise Forbidden(f"{work.principal.name} may not list users: this needs the role {ADMIN} or {AUDIT}.")
    rows = list(work.session.scalars(_BY_NAME.apply(select(User), cursor, limit)))
    duties = _duties(work, (row.name for row in rows))
    return _BY_NAME.page(rows, limit, lambda row: _user(row, duties), lambda row: (row.name,))


def user(work: Work, name: str) -> UserView:
    """One user, for ADMIN, AUDIT and themselves; to others nobody exists. Raises `NotFound`."""
    row = None
    if name == work.principal.name or work.principal.sees_every_case:
        row = work.session.scalars(select(User).where(User.name == name)).one_or_none()
    if row is None:
        raise NotFound("There is no such user.", user=name[:64])
    return _user(row, _duties(work, [name]))


def roles(work: Work, *, cursor: str | None = None, limit: int = 50) -> Page[RoleView]:
    """All roles by id; everybody signed in may see them. Raises `InvalidInput`."""
    exclusive = exclusions(work)
    rows = work.session.scalars(_BY_ROLE.apply(select(Role), cursor, limit))
    return _BY_ROLE.page(
        rows,
        limit,
        lambda row: RoleView(row.id, row.name, row.name_en, tuple(sorted(exclusive[row.id]))),
        lambda row: (row.id,),
    )


def role_view(work: Work, role: Role) -> RoleView:
    """The view of a row."""
    return RoleView(role.id, role.name, role.name_en, tuple(sorted(exclusions(work)[role.id])))


def units(work: Work, *, cursor: str | None = None, limit: int = 50) -> Page[UnitView]:
    """All units by id; everybody signed in may see them. Raises `InvalidInput`."""
    rows = work.session.scalars(_BY_UNIT.apply(select(Unit), cursor, limit))
    return _BY_UNIT.page(rows, limit, lambda row: UnitView(row.id, row.name, row.parent), lambda row: (row.id,))


def own_sessions(work: Work, *, cursor: str | None = None, limit: int = 50) -> Page[SessionView]:
    """The principal's sessions that are alive, newest first. Raises `InvalidInput`."""
    alive = select(WebSession).where(
        WebSession.user == work.principal.name, WebSession.ended_at.is_(None), WebSession.expires_at > work.raw_now
    )
    rows = work.session.scalars(_NEWEST_SESSION.apply(alive, cursor, limit))
    return _NEWEST_SESSION.page(rows, limit, session_view, lambda row: (row.public_id,))


def own_tokens(work: Work, *, cursor: str | None = None, limit: int = 50) -> Page[TokenView]:
    """The principal's tokens that are alive, newest first. Raises `InvalidInput`."""
    alive = select(AccessToken).where(
        AccessToken.user == work.principal.name, AccessToken.revoked_at.is_(None), AccessToken.expires_at > work.raw_now
    )
    rows = work.session.scalars(_NEWEST_TOKEN.apply(alive, cursor, limit))
    return _NEWEST_TOKEN.page(rows, limit, token_view, lambda row: (row.public_id,))


def exclusions(work: Work) -> dict[str, set[str]]:
    """Role to the roles that exclude it or that it excludes: the relation is symmetrical, rows need not be."""
    found: dict[str, set[str]] = defaultdict(set)
    for role, others in work.session.execute(select(Role.id, Role.exclusive_with)):
        for other in others:
            found[role].add(other)
            found[other].add(role)
    return found


def session_view(row: WebSession) -> SessionView:
    """The view of a row."""
    return SessionView(row.public_id, row.user, row.agent, row.created_at, row.expires_at)


def token_view(row: AccessToken) -> TokenView:
    """The view of a row."""
    return TokenView(row.public_id, row.user, row.name, row.created_at, row.expires_at)


def user_view(work: Work, row: User) -> UserView:
    """The view of a row. One statement."""
    return _user(row, _duties(work, [row.name]))


def _user(row: Any, duties: dict[str, tuple[Duty, ...]]) -> UserView:
    shown = (row.name, row.display_name, row.email, row.language, row.disabled, row.created_at)
    return UserView(*shown, roles=duties.get(row.name, ()))


def _duties(work: Work, names: Iterable[str]) -> dict[str, tuple[Duty, ...]]:
    found: dict[str, tuple[Duty, ...]] = {}
    held = select(Membership).where(Membership.user.in_(list(names)))
    for row in work.session.scalars(held.order_by(Membership.user, Membership.role, Membership.unit)):
        found[row.user] = (*found.get(row.user, ()), Duty(row.role, row.unit))
    return found


def display_names(work: Work, names: Iterable[str]) -> dict[str, str]:
    """Sign-in name to display name of those ``names`` that are users. One statement."""
    statement = select(User.name, User.display_name).where(User.name.in_(sorted(set(names))))
    return {row.name: row.display_name for row in work.session.execute(statement)}


def role_names(work: Work) -> dict[str, tuple[str, str]]:
    """Role id to its Chinese and English name. One statement."""
    return {role: (zh, en) for role, zh, en in work.session.execute(select(Role.id, Role.name, Role.name_en))}
