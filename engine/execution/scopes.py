"""The stored state of one root instance, scope by scope, as the kernel's `ScopeSource`.

A scope's id is its path (``1.5.12``) and tokens and waits carry it (``1.5.12:40``), so the ancestors that a step needs
are known beforehand and come with one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache

from sqlalchemy import Select, bindparam, delete, select
from sqlalchemy.orm import Session

from engine.execution.upsert import upsert_rows
from engine.model.instance import ScopeState


class DatabaseScopes:
    """Reads and writes the ``scope_state`` rows of ``root_id``; what was read once is not read again."""

    def __init__(self, session: Session, root_id: str) -> None:
        self._session = session
        self._root_id = root_id
        self._bodies: dict[str, str | None] = {}

    def load(self, ids: Collection[str]) -> Mapping[str, str]:
        """Encoded bodies by scope id; an absent scope is missing from the result."""
        unread = [scope for scope in ids if scope not in self._bodies]
        if unread:
            rows = self._session.execute(_bodies(), {"root": self._root_id, "scopes": unread}).all()
            self.remember(unread, dict(rows))
        return {scope: body for scope in ids if (body := self._bodies[scope]) is not None}

    def remember(self, asked: Iterable[str], found: Mapping[str, str]) -> None:
        """What was just read under the root's lock: the bodies ``found`` of the scopes ``asked`` for."""
        self._bodies.update(dict.fromkeys(asked))
        self._bodies.update(found)

    def children(self, scope: str) -> list[str]:
        """The stored direct children of ``scope`` in numeric order; their bodies come with the same statement."""
        rows = select(ScopeState.scope, ScopeState.body).where(
            ScopeState.root_id == self._root_id, ScopeState.parent == scope
        )
        found = dict(self._session.execute(rows).all())
        self._bodies.update(found)
        return sorted(found, key=lambda path: int(path.rpartition(".")[2]))

    def prefetch(self, *handles: str) -> None:
        """Read the scopes that lead to the tokens, waits or scopes ``handles``, in one statement."""
        self.load(list(dict.fromkeys(path for handle in handles for path in ancestry(handle))))

    def write(self, changed: Mapping[str, str], removed: Iterable[str]) -> None:
        """Store what a step changed: one upsert and, if anything went away, one delete."""
        gone = sorted(removed)
        if changed:
            rows = [
                {"root_id": self._root_id, "scope": scope, "parent": parent_of(scope), "body": body}
                for scope, body in sorted(changed.items())
            ]
            self._session.execute(upsert_rows(self._session, ScopeState, "body"), rows)
        if gone:
            self._session.execute(
                delete(ScopeState).where(ScopeState.root_id == self._root_id, ScopeState.scope.in_(gone)),
                execution_options={"synchronize_session": False},
            )
        self._bodies.update(changed)
        self._bodies.update(dict.fromkeys(gone))


@cache
def _bodies() -> Select[str, str]:
    return select(ScopeState.scope, ScopeState.body).where(
        ScopeState.root_id == bindparam("root"), ScopeState.scope.in_(bindparam("scopes", expanding=True))
    )


def parent_of(scope: str) -> str | None:
    """The enclosing scope's id, None for the root's."""
    return scope.rpartition(".")[0] or None


def ancestry(handle: str) -> list[str]:
    """The scope of a token, wait or scope id and all scopes around it, outermost first."""
    parts = handle.partition(":")[0].split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]
