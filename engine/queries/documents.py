"""Documents of the cases one may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select

from engine.access import may_see_case
from engine.errors import NotFound
from engine.ids import is_id
from engine.model.instance import ProcessInstance
from engine.model.request import StoredDocument
from engine.queries.page import AnySelect, Key, Order, Page
from engine.runtime import Work

_OLDEST = Order("documents", (Key(StoredDocument.id, "id"),))


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A file attached to a case. ``size`` in bytes; the bytes lie in the folder under ``sha256``."""

    id: str
    root_id: str
    task_id: str | None
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded_by: str
    uploaded_at: datetime


_COLUMNS = tuple(getattr(StoredDocument, field.name) for field in fields(DocumentView))


def documents(work: Work, root_id: str, *, cursor: str | None = None, limit: int = 50) -> Page[DocumentView]:
    """The documents of a case, oldest first. Raises `NotFound` for an unseen case, `InvalidInput`."""
    seen = may_see_case(work.principal, ProcessInstance.root_id)
    case = select(ProcessInstance.id).where(ProcessInstance.id == root_id, ProcessInstance.parent_id.is_(None), seen)
    if not is_id(root_id) or work.session.scalar(case) is None:
        raise NotFound("There is no such case.", instance=root_id[:64])
    statement: AnySelect = select(*_COLUMNS).where(StoredDocument.root_id == root_id)
    rows = work.session.execute(_OLDEST.apply(statement, cursor, limit))
    return _OLDEST.page(rows, limit, lambda row: DocumentView(*row), lambda row: (row.id,))


def document(work: Work, document_id: str) -> DocumentView:
    """What is known of one document. Raises `NotFound`."""
    row = None
    if is_id(document_id):
        seen = may_see_case(work.principal, StoredDocument.root_id)
        row = work.session.execute(select(*_COLUMNS).where(StoredDocument.id == document_id, seen)).one_or_none()
    if row is None:
        raise NotFound("There is no such document.", document=document_id[:64])
    return DocumentView(*row)


def documents_of(work: Work, root_id: str, ids: Sequence[str]) -> Mapping[str, DocumentView]:
    """Those of ``ids`` that are documents of the case, by id; the caller has seen that the principal works on it."""
    statement = select(*_COLUMNS).where(StoredDocument.root_id == root_id, StoredDocument.id.in_(ids))
    return {row.id: DocumentView(*row) for row in work.session.execute(statement)}
