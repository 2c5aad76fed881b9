"""The client register: one row per client, keyed by the unified social credit code."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.model.base import Base
from engine.model.types import Name, When


class Client(Base):
    """A client. ``uscc`` (GB 32100-2015) never changes; the name may."""

    __tablename__ = "client"

    uscc: Mapped[Name] = mapped_column(primary_key=True)
    name: Mapped[Name]
    created_at: Mapped[When]
    updated_at: Mapped[When]


def record_client(session: Session, uscc: str, name: str, now: When) -> Client:
    """The client with this code, added or renamed as needed; there is never a second row for one code."""
    client = session.get(Client, uscc, with_for_update=True)
    if client is None:
        client = Client(uscc=uscc, name=name, created_at=now, updated_at=now)
        session.add(client)
        session.flush()
    elif client.name != name:
        client.name, client.updated_at = name, now
    return client
