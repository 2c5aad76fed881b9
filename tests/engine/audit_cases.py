"""Cases with an audit chain and nothing else, and somebody who tampers with it past the triggers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from engine.audit.chain import AuditTrail
from engine.audit.findings import Fault, Report
from engine.audit.triggers import install_triggers
from engine.audit.verify import verify
from engine.ids import new_id
from engine.model.definition import Deployment, ProcessDefinition, Resource
from engine.model.instance import ProcessInstance
from engine.store import Store

NOW = datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=UTC)


class Cases:
    """Root instances with an audit chain and nothing else, and somebody who tampers past the triggers."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.file = folder / "checkpoints.jsonl"
        self.trail = AuditTrail(bytes(range(32)), signing_key=bytes(range(32)), checkpoint_file=self.file)
        self.now = NOW
        with store.transaction() as session:
            self._insert_definition(session)

    def open(self, events: int = 0, *, subject: str | None = "91310000X") -> str:
        """A new case with this many events."""
        id_ = new_id()
        with self.store.transaction() as session:
            session.execute(
                insert(ProcessInstance),
                {
                    "id": id_,
                    "root_id": id_,
                    "scope": "1",
                    "definition_id": self.definition,
                    "definition_key": "P",
                    "definition_version": 1,
                    "business_key": "PF-2026-0001",
                    "unit": "BR-1",
                    "started_by": "rm-1",
                    "started_at": NOW,
                    "subject": subject,
                    "changed_by": "rm-1",
                    "changed_at": NOW,
                },
            )
        self.add(id_, events)
        return id_

    def add(self, case: str, events: int = 1) -> None:
        for _ in range(events):
            self.now += timedelta(seconds=1)
            with self.store.transaction() as session:
                row = session.get_one(ProcessInstance, case)
                row.audit_seq += 1
                row.audit_head = self.trail.append(
                    session,
                    stream=case,
                    seq=row.audit_seq,
                    prev_hash=row.audit_head,
                    at=self.now,
                    actor="rm-1",
                    on_behalf_of=None,
                    action="task:completed",
                    element="Task_Review",
                    definitions=["P:1"],
                    subject=row.subject,
                    payload={"amount": "120000000.00", "number": row.audit_seq},
                )

    def administer(self, events: int = 1) -> None:
        for _ in range(events):
            with self.store.transaction() as session:
                self.trail.append_administration(session, at=NOW, actor="admin-1", action="user:created", payload={})

    def checkpoint(self) -> None:
        with self.store.transaction() as session:
            assert self.trail.checkpoint(session, at=self.now) is not None

    def verify(self, *, outside: bool = True) -> Report:
        with self.store.transaction(write=False) as session:
            return verify(
                session,
                checkpoint_file=self.file if outside else None,
                public_key=self.trail.public_key,
                keys=self.trail.keys,
            )

    def tamper(self, *statements: str, **values: object) -> None:
        """Run SQL as somebody who owns the database: without triggers, and with the triggers put back afterwards."""
        with self.store.transaction() as session:
            connection = session.connection()
            tables = ("audit_event", "audit_checkpoint")
            for table in tables:
                if connection.dialect.name == "postgresql":
                    connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                else:
                    connection.execute(text(f"DROP TRIGGER {table}_no_update"))
                    connection.execute(text(f"DROP TRIGGER {table}_no_delete"))
            for statement in statements:
                changed = connection.execute(text(statement), values).rowcount
                assert changed, f"nothing to tamper with: {statement}"
            if connection.dialect.name == "postgresql":
                for table in tables:
                    connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
            install_triggers(connection)

    def id_value(self, case: str) -> str:
        """A case's id as this database stores it in process_instance."""
        return case.replace("-", "") if self.store.engine.dialect.name == "sqlite" else case

    def _insert_definition(self, session: Session) -> None:
        deployment, resource, self.definition = new_id(), new_id(), new_id()
        tables = (
            (Deployment, {"id": deployment, "kernel": "machine", "deployed_by": "system", "deployed_at": NOW}),
            (Resource, {"id": resource, "deployment_id": deployment, "body": b""}),
            (ProcessDefinition, {"id": self.definition, "deployment_id": deployment, "resource_id": resource}),
        )
        for table, values in tables:
            required = {
                column.name: 1 if column.type.python_type is int else "P"
                for column in table.__table__.columns
                if not column.nullable and column.default is None and column.name not in values
            }
            session.execute(insert(table), required | values)


def faults(report: Report) -> list[tuple[Fault, str, int | None]]:
    return [(finding.fault, finding.stream, finding.seq) for finding in report]
