"""Changes one byte of an audit trail, past its triggers: what somebody with the database in hand could do."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select, text, update

from api.settings import Settings
from engine.model.audit import AuditEvent
from engine.store import Store, connect


def change_one_byte(environment: Mapping[str, str]) -> str:
    """Alter one character of one event's actor on the database of ``environment``; returns which event it was."""
    store = Store(connect(Settings.from_environment(environment).database_url))
    try:
        with store.transaction() as session:
            triggers: list[tuple[str, str]] = []
            if store.engine.dialect.name == "sqlite":
                found = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
                triggers = [(row.name, row.sql) for row in found]
                for name, _ in triggers:
                    session.execute(text(f'DROP TRIGGER "{name}"'))
            else:
                session.execute(text("SET LOCAL session_replication_role = replica"))
            event = session.execute(
                select(AuditEvent.stream, AuditEvent.seq, AuditEvent.actor).order_by(AuditEvent.at.desc()).limit(1)
            ).one()
            changed = event.actor[:-1] + ("x" if event.actor[-1] != "x" else "y")
            session.execute(
                update(AuditEvent)
                .where(AuditEvent.stream == event.stream, AuditEvent.seq == event.seq)
                .values(actor=changed)
            )
            for _, definition in triggers:
                session.execute(text(definition))
        return f"event {event.seq} of {event.stream}"
    finally:
        store.engine.dispose()
