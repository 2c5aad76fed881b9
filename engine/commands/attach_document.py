"""Attach a stored file to a case."""

from __future__ import annotations

from engine.documents import Stored
from engine.errors import NotFound
from engine.execution.lock import lock_root
from engine.execution.record import record
from engine.ids import new_id
from engine.model.request import StoredDocument
from engine.model.task import UserTask
from engine.queries.instances import instance
from engine.runtime import Work


def attach_document(work: Work, instance_id: str, stored: Stored, *, task_id: str | None = None) -> StoredDocument:
    """Add ``stored`` to the case of ``instance_id``, which the person must be allowed to see.

    Raises `NotFound` for an unseen case or a task of another case, `InstanceEnded` when the case is over.
    """
    case = instance(work, instance_id)
    root = lock_root(work, case.root_id)
    if task_id is not None:
        task = work.session.get(UserTask, task_id)
        if task is None or task.root_id != case.root_id:
            raise NotFound("This case has no such task.", task_id=task_id)
    row = StoredDocument(
        id=new_id(),
        root_id=case.root_id,
        task_id=task_id,
        name=stored.name,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        uploaded_by=work.principal.name,
        uploaded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    payload = {"document": row.id, "name": stored.name, "sha256": stored.sha256, "size": stored.size, "task": task_id}
    record(work, root, action="document:attached", element=None, payload=payload)
    return row
