"""The state of a root instance with its whole tree, stored scope by scope.

`State.stored` reads only the scopes that a step touches; what a step changed is in `State.changed` and
`State.removed`. A state is a value: `advance` gives a new one and leaves the old one as it was. Successive steps on the
outcome's state go on collecting changes against what the source holds, so that several steps can be written at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.kernel.encoding import decode_scope, encode_scope
from engine.kernel.errors import NoSuchScope
from engine.kernel.scope import ROOT, Phase, Scope, ScopeKind, ancestors_of, parent_of, split_handle
from engine.kernel.values import decode, decode_all


class ScopeSource(Protocol):
    """Where stored scopes come from."""

    def load(self, ids: Collection[str]) -> Mapping[str, str]:
        """The stored texts of these scopes; absent ones are missing."""
        ...

    def children(self, id: str) -> list[str]:
        """Ids of the stored direct children of a scope, in numeric order."""
        ...


class MemorySource:
    """A `ScopeSource` over a mapping from scope id to stored text."""

    def __init__(self, scopes: Mapping[str, str]) -> None:
        self._scopes = dict(scopes)

    def load(self, ids: Collection[str]) -> Mapping[str, str]:
        """The stored texts of these scopes; absent ones are missing."""
        return {id: self._scopes[id] for id in ids if id in self._scopes}

    def children(self, id: str) -> list[str]:
        """Ids of the stored direct children of a scope, in numeric order."""
        return direct_children(id, self._scopes)


def direct_children(id: str, ids: Iterable[str]) -> list[str]:
    """Those of ``ids`` that are direct children of scope ``id``, in numeric order."""
    start = len(id) + 1
    return sorted(
        (other for other in ids if other.startswith(f"{id}.") and "." not in other[start:]),
        key=lambda other: int(other[start:]),
    )


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token from outside. ``waits_for``: task, service, event (also an event-based gateway), child, join or retry."""

    id: str
    scope: str
    instance: str
    definition: str
    element: str
    step: int
    waits_for: str


_WAITS_FOR = {
    Phase.TASK: "task",
    Phase.SERVICE: "service",
    Phase.CATCH: "event",
    Phase.EVENTS: "event",
    Phase.CHILD: "child",
    Phase.JOIN: "join",
    Phase.ASYNC: "event",
}


class State:
    """A root instance. Made by `new`, `stored` or `from_snapshot`, and by `advance`."""

    __slots__ = ("_edited", "_encoded", "_read", "_removed", "_source")

    def __init__(
        self,
        source: ScopeSource,
        read: dict[str, Scope | None],
        edited: Mapping[str, Scope],
        removed: frozenset[str],
    ) -> None:
        self._source = source
        self._read = read  # what the source holds, as far as it was read: shared by successive states, only grows
        self._edited = edited
        self._removed = removed
        self._encoded: dict[str, str] | None = None

    @classmethod
    def new(cls) -> State:
        """A state in which nothing was started yet."""
        return cls(MemorySource({}), {}, {}, frozenset())

    @classmethod
    def stored(cls, source: ScopeSource) -> State:
        """The state that ``source`` holds; read as needed."""
        return cls(source, {}, {}, frozenset())

    @classmethod
    def from_snapshot(cls, scopes: Mapping[str, str]) -> State:
        """The state of which `snapshot` gave ``scopes``."""
        return cls.stored(MemorySource(scopes))

    @property
    def changed(self) -> Mapping[str, str]:
        """Encoded scopes to write (new or different from what the source holds), by id."""
        if self._encoded is None:
            self._encoded = {id: encode_scope(scope) for id, scope in self._edited.items()}
        return self._encoded

    @property
    def removed(self) -> frozenset[str]:
        """Ids of scopes that are gone; those of steps that were never written the source does not hold."""
        return self._removed

    @property
    def ended(self) -> bool:
        """Whether there is no running instance: it ended, or none was started yet."""
        return self.find(ROOT) is None

    def preload(self, ids: Iterable[str]) -> None:
        """Reads scopes in one go; a state reads the rest when they are needed."""
        missing = [id for id in ids if id not in self._edited and id not in self._removed and id not in self._read]
        if missing:
            found = self._source.load(missing)
            for id in missing:
                self._read[id] = decode_scope(found[id]) if id in found else None

    def find(self, id: str) -> Scope | None:
        """The scope, or None. It must not be changed: `advance` works on copies."""
        scope = self._edited.get(id)
        if scope is None and id not in self._removed:
            if id not in self._read:
                self.preload((id,))
            scope = self._read[id]
        return scope

    def following(self, edited: Mapping[str, Scope], gone: Collection[str]) -> State:
        """The state after a step that changed ``edited`` and removed ``gone``."""
        kept = {id: scope for id, scope in self._edited.items() if id not in gone}
        kept.update(edited)
        # Also a scope that only an earlier step created: that step may have been written in between.
        removed = self._removed.union(id for id in gone if id in self._edited or self._read.get(id) is not None)
        return State(self._source, self._read, kept, removed)

    def children(self, id: str) -> list[str]:
        """Ids of the direct child scopes, in the order they were opened."""
        here = set(direct_children(id, self._edited))
        stored = {child for child in self._source.children(id) if child not in self._removed}
        return sorted(here | stored, key=lambda child: int(child.rpartition(".")[2]))

    def snapshot(self) -> dict[str, str]:
        """Every scope, encoded: all of the state."""
        found: dict[str, str] = {}
        open_scopes = [] if self.ended else [ROOT]
        while open_scopes:
            id = open_scopes.pop()
            self.preload((id,))
            found[id] = encode_scope(self._existing(id))
            open_scopes += self.children(id)
        return dict(sorted(found.items()))

    def variables(self, scope: str) -> dict[str, object]:
        """All variables visible in a scope, decoded. Raises `NoSuchScope`."""
        visible: dict[str, object] = {}
        for id in self._up_to_instance(scope):
            found = self._existing(id)
            for values in (found.variables, found.snapshot):
                visible.update({name: decode(value) for name, value in values.items() if name not in visible})
        return visible

    def own_variables(self, scope: str) -> dict[str, object]:
        """The variables that live in the scope itself, decoded. Raises `NoSuchScope`."""
        return decode_all(self._existing(scope).variables)

    def variable(self, scope: str, name: str) -> object:
        """One visible variable; raises `KeyError` when there is none of that name, or `NoSuchScope`."""
        for id in self._up_to_instance(scope):
            found = self._existing(id)
            for values in (found.variables, found.snapshot):
                if name in values:
                    return decode(values[name])
        raise KeyError(name)

    def instance_of(self, scope: str) -> str:
        """The scope id of the process instance in which a scope lies. Raises `NoSuchScope`."""
        return self._up_to_instance(scope)[-1]

    def definition_of(self, scope: str) -> str:
        """The ref of the definition that runs in a scope. Raises `NoSuchScope`."""
        return self._existing(self.instance_of(scope)).definition

    def token(self, id: str) -> TokenView | None:
        """The token of that id, or None when there is no such token."""
        scope_id, number = split_handle(id)
        self.preload(ancestors_of(scope_id))
        scope = self.find(scope_id)
        token = None if scope is None else scope.tokens.get(number)
        if token is None:
            return None
        waits_for = "retry" if token.failed else _WAITS_FOR[token.phase]
        instance = self.instance_of(scope_id)
        return TokenView(
            id, scope_id, instance, self._existing(instance).definition, token.element, token.step, waits_for
        )

    def tokens(self) -> list[TokenView]:
        """Every token, scope by scope. Reads the whole state."""
        ids = [f"{id}:{number}" for id in self.snapshot() for number in self._existing(id).tokens]
        return [view for id in ids if (view := self.token(id)) is not None]

    def _existing(self, id: str) -> Scope:
        scope = self.find(id)
        if scope is None:
            raise NoSuchScope(id)
        return scope

    def _up_to_instance(self, id: str) -> list[str]:
        self.preload(ancestors_of(id))
        path = [id]
        while self._existing(path[-1]).kind is not ScopeKind.PROCESS:
            path.append(parent_of(path[-1]))
        return path
