"""Scopes, tokens and waits: what a running instance consists of, and their stored form.

A **scope id is its path**: the root instance is ``1``, a child ``1.5``, its child ``1.5.12``. A token or a wait is
``<scope>:<number>``. Scopes, tokens and waits take their numbers from one counter in scope ``1``; none is reused. The
ancestors of a token follow from its id, so that a step loads and writes only the scopes it touches.

The stored form is compact JSON text with sorted keys and short names; absent means default. Tokens and waits are lists
in the order of their numbers. ``encode(decode(text)) == text``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from engine.kernel.errors import UnreadableState
from engine.kernel.values import Json

FORMAT: Final = 1
"""Version of the stored form, kept in the root scope."""

ROOT: Final = "1"


class ScopeKind(StrEnum):
    """What a scope stands for; the values are stored."""

    PROCESS = "p"
    """A process instance: the root, or one that a call activity started."""
    SUB_PROCESS = "s"
    BODY = "b"
    """All items of a multi-instance activity: only counters, never a list of its items."""
    ITEM = "i"
    """One item of a multi-instance activity, with its own variables and the token that runs the activity once."""
    LOCAL = "l"
    """The evaluated inputs of an activity that maps inputs, around the token that runs it."""


class Phase(StrEnum):
    """What a token does next (`ACTIVE`) or waits for; the values are stored."""

    ENTER = "e"
    """Arm the boundary events."""
    RUN = "r"
    """Do what the element does."""
    OUTPUTS = "o"
    """Write the results (``payload``, and those of the finished child scope)."""
    LEAVE = "l"
    """Choose the outgoing flows."""
    TASK = "t"
    SERVICE = "s"
    CATCH = "c"
    EVENTS = "g"
    CHILD = "k"
    JOIN = "j"


ACTIVE: Final = frozenset({Phase.ENTER, Phase.RUN, Phase.OUTPUTS, Phase.LEAVE})


class Token(NamedTuple):
    """One visit of an element. ``step`` is the visit's number (that of the outer token for an inner one).

    ``failed``: waits for a retry of ``phase``. ``child``: number of the child scope it waits for. ``waits``: numbers of
    its waits, ``flow``: the flow by which it came to a join. ``payload``: encoded results not written yet.
    """

    number: int
    element: str
    phase: Phase
    step: int
    failed: bool = False
    child: int | None = None
    waits: tuple[int, ...] = ()
    flow: str | None = None
    payload: Mapping[str, Json] | None = None


class Wait(NamedTuple):
    """A timer or a message subscription of the token ``token``, for the event ``element``.

    ``tick``: an armed timer's `timers.Tick` as JSON (None: a message). ``text``: the evaluated interval of a cycle.
    """

    number: int
    token: int
    element: str
    tick: tuple[str | int, ...] | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """Counters of a multi-instance body. Item *k* (from 0) is the child scope with the number ``first + k``."""

    first: int
    total: int
    started: int
    done: int = 0


@dataclass(slots=True)
class Scope:
    """One scope. ``element`` and ``owner`` (a token's number) are where it was opened, in the parent scope.

    ``variables`` hold encoded values. ``definition`` and ``business_key`` belong to process instances, ``items`` to
    multi-instance bodies, ``index`` and ``result`` (the finished item's output, kept until the body ends) to items,
    ``counter`` to the root.
    """

    kind: ScopeKind
    element: str = ""
    owner: int = 0
    variables: dict[str, Json] = field(default_factory=dict)
    tokens: dict[int, Token] = field(default_factory=dict)
    waits: dict[int, Wait] = field(default_factory=dict)
    definition: str = ""
    business_key: str = ""
    items: Items | None = None
    index: int = 0
    result: Json = None
    counter: int = 0

    def copy(self) -> Scope:
        """A copy that can be changed; the values inside are never changed in place and stay shared."""
        return Scope(
            self.kind,
            self.element,
            self.owner,
            dict(self.variables),
            dict(self.tokens),
            dict(self.waits),
            self.definition,
            self.business_key,
            self.items,
            self.index,
            self.result,
            self.counter,
        )  # fmt: skip - one line per group of fields reads better


def parent_of(scope: str) -> str:
    """The id of the scope around ``scope``; empty for the root."""
    return scope.rpartition(".")[0]


def ancestors_of(scope: str) -> list[str]:
    """``scope`` and all scopes around it, the root first."""
    parts = scope.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def split_handle(handle: str) -> tuple[str, int]:
    """The scope and the number of a token or wait id; ``("", 0)`` for text that is no such id."""
    scope, _, number = handle.partition(":")
    if scope.split(".")[0] != ROOT or not number.isascii() or not number.isdigit():
        return "", 0
    return scope, int(number)


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def encode_scope(scope: Scope) -> str:
    """The stored text of a scope."""
    body: dict[str, Any] = {"k": scope.kind.value}
    if scope.owner:
        body["o"] = scope.owner
        body["e"] = scope.element
    if scope.definition:
        body["d"] = scope.definition
    if scope.business_key:
        body["b"] = scope.business_key
    if scope.variables:
        body["v"] = scope.variables
    if scope.tokens:
        body["t"] = [_encode_token(token) for token in scope.tokens.values()]
    if scope.waits:
        body["w"] = [_encode_wait(wait) for wait in scope.waits.values()]
    if scope.items is not None:
        items = scope.items
        body["m"] = [items.first, items.total, items.started, items.done]
    if scope.kind is ScopeKind.ITEM:
        body["i"] = scope.index
        if scope.result is not None:
            body["r"] = scope.result
    if scope.counter:
        body["n"] = scope.counter
        body["f"] = FORMAT
    return _ENCODER.encode(body)


def decode_scope(text: str) -> Scope:
    """The scope that `encode_scope` stored. Raises `UnreadableState`."""
    try:
        body = json.loads(text)
        if body.get("f", FORMAT) != FORMAT:
            raise UnreadableState(f"the state has format {body['f']}, this version reads {FORMAT}")
        items = body.get("m")
        return Scope(
            kind=ScopeKind(body["k"]),
            element=body.get("e", ""),
            owner=body.get("o", 0),
            variables=body.get("v", {}),
            tokens={found["n"]: _decode_token(found) for found in body.get("t", ())},
            waits={found["n"]: _decode_wait(found) for found in body.get("w", ())},
            definition=body.get("d", ""),
            business_key=body.get("b", ""),
            items=None if items is None else Items(*items),
            index=body.get("i", 0),
            result=body.get("r"),
            counter=body.get("n", 0),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as damage:
        raise UnreadableState(f"a stored scope cannot be read: {damage!r}") from damage


def _encode_token(token: Token) -> dict[str, Any]:
    body: dict[str, Any] = {"n": token.number, "e": token.element, "p": token.phase.value}
    if token.step != token.number:
        body["s"] = token.step
    if token.failed:
        body["x"] = 1
    if token.child is not None:
        body["c"] = token.child
    if token.waits:
        body["w"] = token.waits
    if token.flow is not None:
        body["f"] = token.flow
    if token.payload is not None:
        body["v"] = token.payload
    return body


def _decode_token(body: dict[str, Any]) -> Token:
    number = body["n"]
    return Token(
        number,
        body["e"],
        Phase(body["p"]),
        body.get("s", number),
        bool(body.get("x")),
        body.get("c"),
        tuple(body.get("w", ())),
        body.get("f"),
        body.get("v"),
    )


def _encode_wait(wait: Wait) -> dict[str, Any]:
    body: dict[str, Any] = {"n": wait.number, "t": wait.token, "e": wait.element}
    if wait.tick is not None:
        body["k"] = wait.tick
    if wait.text is not None:
        body["c"] = wait.text
    return body


def _decode_wait(body: dict[str, Any]) -> Wait:
    tick = body.get("k")
    return Wait(body["n"], body["t"], body["e"], None if tick is None else tuple(tick), body.get("c"))
