"""The stored form of a scope: compact JSON text with sorted keys and short names; absent means default.

Variables that are long lists, objects or texts stand behind it, one a line, so that they are read only when they are
looked at. Tokens and waits are lists in the order of their numbers. ``encode(decode(text)) == text``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from engine.kernel.errors import UnreadableState
from engine.kernel.scope import FORMAT, Items, Phase, Scope, ScopeKind, Token, Wait, WaitKind
from engine.kernel.values import Json, Large


def _whole(value: object) -> object:
    if isinstance(value, Large):
        return value.value
    raise TypeError(f"{type(value).__name__} is no JSON")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_whole)

LONG: Final = 100
"""Items or entries from which a list or object is kept apart."""
LONG_TEXT: Final = 4_000
"""Characters from which a text is."""

_RARE: Final = {
    "ls": "signals",
    "lc": "conditions",
    "z": "interrupted",
    "g": "gates",
    "a": "todo",
    "cr": "record",
    "cp": "previous",
    "cu": "runner",
    "cw": "running",
    "ct": "target",
    "ck": "kept",
    "cs": "snapshot",
}
"""Fields that few scopes have, by their stored names; absent means empty, zero or false."""
_rare: Final = attrgetter(*_RARE.values())
_NONE: Final[tuple[object, ...]] = (0, 0, False, {}, (), 0, 0, "", "", "", False, {})


def encode_scope(scope: Scope) -> str:
    """The stored text of a scope."""
    body: dict[str, Any] = {"k": scope.kind.value}
    if scope.owner:
        body["o"] = scope.owner
    if scope.element:
        body["e"] = scope.element
    if scope.definition:
        body["d"] = scope.definition
    if scope.business_key:
        body["b"] = scope.business_key
    large = [name for name, value in scope.variables.items() if _is_large(value)]
    if large:
        large.sort()
        body["vl"] = large
    if len(scope.variables) > len(large):
        body["v"] = {name: scope.variables[name] for name in scope.variables if name not in large}
    if scope.tokens:
        body["t"] = [_encode_token(token) for token in scope.tokens.values()]
    if scope.waits:
        body["w"] = [_encode_wait(wait) for wait in scope.waits.values()]
    if scope.items is not None:
        items = scope.items
        body["m"] = [items.first, items.total, items.started, items.done]
    if scope.kind is ScopeKind.ITEM or scope.kind is ScopeKind.LOOP:
        body["i"] = scope.index
        if scope.result is not None:
            body["r"] = scope.result
    rare = _rare(scope)
    if rare != _NONE:
        body.update({key: value for key, value in zip(_RARE, rare, strict=True) if value})
    if scope.counter:
        body["n"] = scope.counter
        body["f"] = FORMAT
    return "\n".join([_ENCODER.encode(body), *(_text(scope.variables[name]) for name in large)])


def decode_scope(text: str) -> Scope:
    """The scope that `encode_scope` stored. Raises `UnreadableState`."""
    try:
        text, *large = text.split("\n")
        body = json.loads(text)
        if not 1 <= body.get("f", FORMAT) <= FORMAT:
            raise UnreadableState(f"the state has format {body['f']}, this version reads up to {FORMAT}")
        items = body.get("m")
        scope = Scope(
            kind=ScopeKind(body["k"]),
            element=body.get("e", ""),
            owner=body.get("o", 0),
            variables=_variables(body, large) if large or "vl" in body else body.get("v", {}),
            tokens={found["n"]: _decode_token(found) for found in body.get("t", ())},
            waits={found["n"]: _decode_wait(found) for found in body.get("w", ())},
            definition=body.get("d", ""),
            business_key=body.get("b", ""),
            items=None if items is None else Items(*items),
            index=body.get("i", 0),
            result=body.get("r"),
            counter=body.get("n", 0),
        )
        for key in _RARE.keys() & body.keys():
            setattr(scope, _RARE[key], tuple(body[key]) if key == "a" else body[key])
        return scope
    except (ValueError, KeyError, TypeError, AttributeError) as damage:
        raise UnreadableState(f"a stored scope cannot be read: {damage!r}") from damage


def _variables(body: Mapping[str, Any], large: list[str]) -> dict[str, Json]:
    apart = {name: Large(text) for name, text in zip(body["vl"], large, strict=True)}
    return dict(sorted({**body.get("v", {}), **apart}.items()))


def _is_large(value: Json) -> bool:
    if isinstance(value, list | dict):
        return len(value) >= LONG
    return isinstance(value, Large) or (isinstance(value, str) and len(value) >= LONG_TEXT)


def _text(value: Json) -> str:
    return value.text if isinstance(value, Large) else _ENCODER.encode(value)


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
    if wait.kind is not WaitKind.MESSAGE and wait.kind is not WaitKind.TIMER:
        body["i"] = wait.kind.value
    if wait.part:
        body["p"] = wait.part
    return body


def _decode_wait(body: dict[str, Any]) -> Wait:
    tick = body.get("k")
    kind = WaitKind(body.get("i", "" if tick is None else WaitKind.TIMER.value))
    tick = None if tick is None else tuple(tick)
    return Wait(body["n"], body["t"], body["e"], tick, body.get("c"), kind, body.get("p", 0))
