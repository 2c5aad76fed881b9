"""Deployments, their files, and the process definitions and decisions found in them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Document, Id, Name, When


class Deployment(Base):
    """One act of deploying. ``source`` is ``packaged`` or ``manual``; ``kernel`` is what executes its processes.
    ``number`` counts deployments in the order of their commits.
    """

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("number"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    number: Mapped[int]
    name: Mapped[Name]
    source: Mapped[Name]
    kernel: Mapped[Name]
    deployed_by: Mapped[Name]
    deployed_at: Mapped[When]


class Resource(Base):
    """A file of a deployment, as it was given. ``digest`` is its SHA-256 in hex."""

    __tablename__ = "resource"
    __table_args__ = (UniqueConstraint("deployment_id", "name"),)

    id: Mapped[Id] = mapped_column(primary_key=True)
    deployment_id: Mapped[Id] = mapped_column(ForeignKey("deployment.id"))
    name: Mapped[Name]
    digest: Mapped[Name]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class ProcessDefinition(Base):
    """A version of a process. The same key and digest is never stored twice; versions count from 1.

    ``start_roles``: who may start it, [] for everybody with a business role. ``excludes`` maps element ids to the
    element ids whose performers may not do them, so that exclusions are known in both directions without compiling.
    """

    __tablename__ = "process_definition"
    __table_args__ = (UniqueConstraint("key", "version"), UniqueConstraint("key", "digest", "kernel"))

    id: Mapped[Id] = mapped_column(primary_key=True)
    key: Mapped[Name]
    version: Mapped[int]
    digest: Mapped[Name]
    name: Mapped[Name]
    kernel: Mapped[Name]
    deployment_id: Mapped[Id] = mapped_column(ForeignKey("deployment.id"))
    resource_id: Mapped[Id] = mapped_column(ForeignKey("resource.id"))
    start_form: Mapped[Name | None]
    start_roles: Mapped[Document]
    excludes: Mapped[Document]
    suspended: Mapped[bool] = mapped_column(default=False)


class DecisionDefinition(Base):
    """A version of a decision or decision service (by its id), with the file that holds it. ``effective_from``: since
    when it counts, None for since it was deployed.
    """

    __tablename__ = "decision_definition"
    __table_args__ = (UniqueConstraint("key", "version"), UniqueConstraint("key", "digest"))

    id: Mapped[Id] = mapped_column(primary_key=True)
    key: Mapped[Name]
    version: Mapped[int]
    digest: Mapped[Name]
    name: Mapped[Name]
    deployment_id: Mapped[Id] = mapped_column(ForeignKey("deployment.id"))
    resource_id: Mapped[Id] = mapped_column(ForeignKey("resource.id"))
    effective_from: Mapped[When | None]


class FormDefinition(Base):
    """A version of a form (by form id), with the file that holds it."""

    __tablename__ = "form_definition"
    __table_args__ = (UniqueConstraint("key", "version"), UniqueConstraint("key", "digest"))

    id: Mapped[Id] = mapped_column(primary_key=True)
    key: Mapped[Name]
    version: Mapped[int]
    digest: Mapped[Name]
    deployment_id: Mapped[Id] = mapped_column(ForeignKey("deployment.id"))
    resource_id: Mapped[Id] = mapped_column(ForeignKey("resource.id"))
