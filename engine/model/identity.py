"""People, their roles in units, and the sessions and tokens they use."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Document, Id, LongText, Name, When


class Unit(Base):
    """A branch or department; ``parent`` is the unit it belongs to."""

    __tablename__ = "unit"

    id: Mapped[Name] = mapped_column(primary_key=True)
    name: Mapped[Name]
    parent: Mapped[Name | None]


class Role(Base):
    """A duty (RM, REVIEWER, ...). ``exclusive_with`` lists roles that one user may never hold beside it."""

    __tablename__ = "role"

    id: Mapped[Name] = mapped_column(primary_key=True)
    name: Mapped[Name]
    name_en: Mapped[Name]
    exclusive_with: Mapped[Document]


class User(Base):
    """``name`` is the sign-in name and never changes: rows and audit refer to it. ``password`` is an argon2id hash."""

    __tablename__ = "user"

    name: Mapped[Name] = mapped_column(primary_key=True)
    display_name: Mapped[Name]
    email: Mapped[Name | None]
    language: Mapped[Name | None]
    password: Mapped[LongText | None]
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[When]


class Membership(Base):
    """``user`` holds ``role`` in ``unit``."""

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_role", "role", "unit"),)

    user: Mapped[Name] = mapped_column(ForeignKey("user.name"), primary_key=True)
    role: Mapped[Name] = mapped_column(ForeignKey("role.id"), primary_key=True)
    unit: Mapped[Name] = mapped_column(ForeignKey("unit.id"), primary_key=True)


class WebSession(Base):
    """A signed-in browser. ``id`` is the SHA-256 of the cookie's secret; ``csrf`` the token its forms carry."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_user", "user"),)

    id: Mapped[Name] = mapped_column(primary_key=True)
    public_id: Mapped[Id]
    user: Mapped[Name] = mapped_column(ForeignKey("user.name"))
    csrf: Mapped[Name]
    created_at: Mapped[When]
    expires_at: Mapped[When]
    ended_at: Mapped[When | None]
    agent: Mapped[Name | None]


class AccessToken(Base):
    """A bearer token for a program. ``id`` is the SHA-256 of its secret."""

    __tablename__ = "access_token"
    __table_args__ = (Index("ix_access_token_user", "user"),)

    id: Mapped[Name] = mapped_column(primary_key=True)
    public_id: Mapped[Id]
    user: Mapped[Name] = mapped_column(ForeignKey("user.name"))
    name: Mapped[Name]
    created_at: Mapped[When]
    expires_at: Mapped[When]
    revoked_at: Mapped[When | None]
