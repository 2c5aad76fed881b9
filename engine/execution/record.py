"""Every command on a case leaves one revision and one audit event, in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.execution.lock import Root
from engine.execution.payload import readable
from engine.runtime import Work


def record(
    work: Work,
    root: Root,
    *,
    action: str,
    element: str | None,
    payload: Mapping[str, object],
    definitions: Iterable[str] = (),
    on_behalf_of: str | None = None,
) -> None:
    """Raise the root's revision and append ``action`` (past tense, ``task:claimed``) to its audit chain.

    ``payload``: what it was about (before, after, reason, effects), made plain JSON here. ``definitions``: the refs
    (``key:version``) involved; the root's own by default. The root's row goes out when the session flushes.
    """
    row = root.row
    row.revision += 1
    row.changed_by, row.changed_at = work.principal.name, work.now
    row.audit_seq += 1
    row.audit_head = work.sancha.audit.append(
        work.session,
        stream=row.id,
        seq=row.audit_seq,
        prev_hash=row.audit_head,
        at=work.now,
        actor=work.principal.name,
        on_behalf_of=on_behalf_of or work.on_behalf_of,
        action=action,
        element=element,
        definitions=sorted(set(definitions)) or [f"{row.definition_key}:{row.definition_version}"],
        subject=row.subject,
        payload=readable(payload),
    )
