"""The work of one `advance`: copies of the scopes it changes, the effects so far, and the queue of tokens to run."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from engine.kernel.definition import Binding, Definition, Node
from engine.kernel.effects import Effect, StepEntered
from engine.kernel.errors import NoSuchScope
from engine.kernel.scope import ROOT, Phase, Scope, ScopeKind, Token, parent_of
from engine.kernel.state import State
from engine.kernel.values import Json


class BoundDecision(Protocol):
    """A decision in the version that was bound."""

    @property
    def ref(self) -> str:
        """``key:version``, recorded in the history."""
        ...

    def evaluate(
        self, variables: Mapping[str, object], now: datetime
    ) -> tuple[object, tuple[str, ...], Mapping[str, object], tuple[Mapping[str, object], ...]]:
        """Output, ids of the rules that matched, inputs read, every decision made on the way.

        Raises `DecisionFailed` or a `FeelError`.
        """
        ...


class Definitions(Protocol):
    """What a running instance looks up outside its state."""

    def get(self, ref: str) -> Definition:
        """The definition of that very version. Raises `NotDeployed`."""
        ...

    def called(self, key: str, binding: Binding, version: int | None, caller_ref: str) -> Definition:
        """The process that a call activity of ``caller_ref`` calls now. Raises `NotDeployed`."""
        ...

    def decision(self, key: str, binding: Binding, version: int | None, caller_ref: str) -> BoundDecision:
        """The decision that a task of ``caller_ref`` takes now. Raises `NotDeployed`."""
        ...

    def stored(self, name: str) -> object | None:
        """What the data store of that name holds; None when nothing was ever written."""
        ...

    def add_working_time(self, start: datetime, duration: str, calendar: str) -> datetime:
        """``start`` (aware) plus ISO 8601 working time of a calendar. Raises `ValueError` for what is neither."""
        ...


_INNER = frozenset({ScopeKind.ITEM, ScopeKind.LOOP, ScopeKind.LOCAL})

BESIDE: Final = "beside"
"""What a token remembers that only keeps a scope alive while a compensation runs; it goes nowhere afterwards."""


class Throw(NamedTuple):
    """A signal on its way to what listens in this root. ``thrower``: its token, which goes on afterwards; None for one
    that multi-instance throws, which ``beside`` (scope and token of the activity) has already seen.
    """

    name: str
    payload: Mapping[str, Json]
    thrower: tuple[str, int] | None = None
    beside: tuple[str, int] | None = None


class Visit:
    """A token on its element, while it is being run: where it is, what it is."""

    __slots__ = ("_work", "node", "scope", "token")

    def __init__(self, work: Work, scope: str, token: Token, node: Node) -> None:
        self._work = work
        self.scope = scope
        self.token = token
        self.node = node

    @property
    def id(self) -> str:
        """The token's id."""
        return f"{self.scope}:{self.token.number}"

    @property
    def instance(self) -> str:
        """The scope id of the process instance in which the token is."""
        return self._work.instance_of(self.scope)

    @property
    def inner(self) -> ScopeKind | None:
        """``ITEM``, ``LOOP`` or ``LOCAL`` for the token that runs the activity inside such a scope, else None."""
        kind = self._work.scope(self.scope).kind
        return kind if kind in _INNER else None

    @property
    def innermost(self) -> bool:
        """Whether this token does what the element does, inside all that wraps it."""
        if self.node.inputs:
            return self.inner is ScopeKind.LOCAL
        return self.node.loop is None or self.inner is not None

    @property
    def child(self) -> str:
        """The id of the child scope that the token waits for."""
        return f"{self.scope}.{self.token.child}"


class Work:
    """Scopes are read with `scope` and changed only through the copy that `edit` gives."""

    __slots__ = (
        "_definitions",
        "_edited",
        "_gone",
        "_instances",
        "armed",
        "definitions",
        "effects",
        "items",
        "looks",
        "now",
        "parked",
        "queue",
        "runners",
        "state",
        "stores",
        "throws",
        "unsettled",
        "written",
    )  # fmt: skip - one name per line says no more

    def __init__(self, definitions: Definitions, state: State, now: datetime) -> None:
        self.definitions = definitions
        self.state = state
        self.now = now
        self.effects: list[Effect] = []
        self.queue: deque[tuple[str, int]] = deque()
        self.parked: dict[str, None] = {}  # scopes in which a join may have become impossible, in order
        self.unsettled: dict[str, None] = {}  # scopes in which a join may have become possible, in order
        self.armed: deque[tuple[str, int]] = deque()  # conditions not looked at yet
        self.written: dict[str, set[str]] = {}  # names written since conditions were looked at, by scope
        self.throws: deque[Throw] = deque()  # signals that wait until everything has settled
        self.runners: deque[str] = deque()  # compensations that can go on
        self.stores: dict[str, object] = {}  # data stores written in this step
        self.items = 0  # multi-instance items started; each is allowed some steps of its own
        self.looks = 0  # conditional events looked at
        self._edited: dict[str, Scope] = {}
        self._gone: set[str] = set()
        self._instances: dict[str, str] = {}
        self._definitions: dict[str, Definition] = {}

    # Scopes

    def find(self, id: str) -> Scope | None:
        """The scope, or None when it is gone. Not to be changed."""
        scope = self._edited.get(id)
        if scope is None and id not in self._gone:
            scope = self.state.find(id)
        return scope

    def scope(self, id: str) -> Scope:
        """The scope; not to be changed. Raises `NoSuchScope`."""
        scope = self.find(id)
        if scope is None:
            raise NoSuchScope(id)
        return scope

    def edit(self, id: str) -> Scope:
        """The scope, to be changed. Raises `NoSuchScope`."""
        scope = self._edited.get(id)
        if scope is None:
            scope = self._edited[id] = self.scope(id).copy()
        return scope

    def create(self, id: str, scope: Scope) -> None:
        """Adds a new scope, or puts another one in the place of one that is gone."""
        self._gone.discard(id)
        self._edited[id] = scope

    def remove(self, id: str) -> None:
        """Removes one scope, not what is below it."""
        self._edited.pop(id, None)
        self._gone.add(id)

    def next_number(self, count: int = 1) -> int:
        """The first of ``count`` fresh numbers."""
        root = self.edit(ROOT)
        first = root.counter + 1
        root.counter += count
        return first

    def instance_of(self, scope: str) -> str:
        """The scope id of the process instance around ``scope``."""
        found = self._instances.get(scope)
        if found is None:
            found = scope
            while self.scope(found).kind is not ScopeKind.PROCESS:
                found = parent_of(found)
            self._instances[scope] = found
        return found

    def definition_of(self, scope: str) -> Definition:
        """The definition that runs in ``scope``."""
        found = self._definitions.get(scope)
        if found is None:
            instance = self.instance_of(scope)
            found = self._definitions.get(instance)
            if found is None:
                found = self._definitions[instance] = self.definitions.get(self.scope(instance).definition)
            self._definitions[scope] = found
        return found

    def container_of(self, scope: str) -> str | None:
        """The id of the subprocess that runs in ``scope``; None for a process instance."""
        found = self.scope(scope)
        return None if found.kind is ScopeKind.PROCESS else found.element

    def stored(self, name: str) -> object | None:
        """What a data store holds, also what this step wrote to it."""
        return self.stores[name] if name in self.stores else self.definitions.stored(name)

    def result(self) -> State:
        """The state after this work."""
        return self.state.following(self._edited, self._gone)

    # Tokens

    def token(self, scope: str, number: int) -> Token | None:
        """The token, or None when it is gone."""
        found = self.find(scope)
        return None if found is None else found.tokens.get(number)

    def visit(self, scope: str, number: int) -> Visit | None:
        """The token on its element, or None when it is gone."""
        token = self.token(scope, number)
        return None if token is None else Visit(self, scope, token, self.definition_of(scope).nodes[token.element])

    def begin(
        self,
        scope: str,
        node: Node,
        phase: Phase = Phase.ENTER,
        payload: Mapping[str, Json] | None = None,
        flow: str | None = None,
    ) -> int:
        """A new visit of ``node``, queued; its number. ``phase`` OUTPUTS with an encoded ``payload``: its event has
        happened.
        """
        number = self.next_number()
        self.put(scope, Token(number, node.id, phase, number, payload=payload, flow=flow))
        self.emit(StepEntered(self.instance_of(scope), number, node.id, node.kind.value, scope))
        self.queue.append((scope, number))
        return number

    def put(self, scope: str, token: Token) -> None:
        """Adds or replaces a token."""
        self.edit(scope).tokens[token.number] = token

    def change(
        self,
        at: Visit,
        phase: Phase,
        *,
        child: int | None = None,
        payload: Mapping[str, Json] | None = None,
        failed: bool = False,
    ) -> None:
        """Brings the token into another phase; what is not given is reset, its waits stay."""
        at.token = at.token._replace(phase=phase, child=child, payload=payload, failed=failed)
        self.put(at.scope, at.token)

    def take(self, at: Visit) -> None:
        """Removes the token."""
        scope = self.edit(at.scope)
        del scope.tokens[at.token.number]
        self.parked[at.scope] = None
        self.unsettled[at.scope] = None

    def enqueue(self, scope: str, number: int) -> None:
        """Lets the token run after all that are in the queue."""
        self.queue.append((scope, number))

    def emit(self, effect: Effect) -> None:
        """Adds an effect."""
        self.effects.append(effect)
