"""Data stores: values that outlive the instances that write them, one for the whole house."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Document, Id, Name, When


class DataStore(Base):
    """What the data store ``name`` holds: ``value`` as a state encodes it, written last by the case ``root_id``."""

    __tablename__ = "data_store"

    name: Mapped[Name] = mapped_column(primary_key=True)
    value: Mapped[Document | None]
    root_id: Mapped[Id]
    updated_at: Mapped[When]
    updated_by: Mapped[Name]
