"""An answer of a third party at a signed address: verified, stored as it came, correlated, always answered the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from engine.access import Principal
from engine.callbacks import Asked
from engine.commands.correlate_message import correlate_message
from engine.errors import CallbackRefused, InvalidInput, TooLarge
from engine.execution.upsert import insert_into
from engine.model.subscription import CallbackNonce, Message
from engine.runtime import Work

_MEMBERS = ("messageId", "name", "key")


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a callback: ``message`` is the id of the stored message, the same for every repeat."""

    message: str
    status: str = "received"


def receive_callback(work: Work, *, address: str, headers: Mapping[str, str], body: bytes) -> Received:
    """Takes ``body`` (JSON ``{messageId, name, key, payload}``) at the callback address that ends in ``address``.

    The address must have been made here for this name and key; ``headers`` must carry the source's signature over the
    body, fresh, with a nonce that no other body had (`engine.callbacks`). The very same callback may come any number
    of times: it has one effect and one answer. From here on the source is the actor of the transaction.

    Raises `CallbackRefused`, `TooLarge`, `InvalidInput` (the body is not as above) and `IdempotencyMismatch` (the
    message id came before with other content).
    """
    limit = work.sancha.limits.variables_bytes
    if len(body) > limit:
        raise TooLarge(f"A callback may have at most {limit} bytes.", limit=limit)
    keys = work.sancha.callbacks
    asked = keys.open_address(address, work.raw_now)
    nonce = keys.check_signature(asked.source, headers, body, work.raw_now)
    text, content = _parse(body)
    if (content["name"], content["key"]) != (asked.name, asked.key):
        raise CallbackRefused("The callback answers another question than its address was made for.", reason="address")
    work.principal = Principal(f"third-party:{asked.source}")
    if not _use_nonce(work, asked, nonce):
        return _seen_before(work, asked, content["messageId"], text)
    correlated = correlate_message(
        work,
        source=asked.source,
        message_id=content["messageId"],
        name=asked.name,
        key=asked.key,
        payload=content["payload"],
        raw=text,
    )
    return Received(correlated.message)


def _parse(body: bytes) -> tuple[str, dict[str, Any]]:
    try:
        text = body.decode()
        content = json.loads(text, parse_float=_number, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The body of the callback is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise InvalidInput("The body of the callback is no JSON object.")
    wrong = {name: ["expected a text"] for name in _MEMBERS if not isinstance(content.get(name), str)}
    if not isinstance(content.get("payload"), dict):
        wrong["payload"] = ["expected an object"]
    if wrong:
        raise InvalidInput("The callback lacks " + ", ".join(wrong) + ".", wrong)
    return text, content


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if abs(value.adjusted()) > 400:
        raise ValueError("a number is out of range")
    return value


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")


def _use_nonce(work: Work, asked: Asked, nonce: str) -> bool:
    """Whether the nonce was unused until now."""
    used = work.session.scalars(
        insert_into(work.session, CallbackNonce)
        .values(source=asked.source, nonce=nonce, seen_at=work.raw_now)
        .on_conflict_do_nothing(index_elements=["source", "nonce"])
        .returning(CallbackNonce.nonce)
    ).one_or_none()
    return used is not None


def _seen_before(work: Work, asked: Asked, message_id: str, text: str) -> Received:
    """The answer to a literal repeat; another body under a used nonce is refused."""
    first = work.session.execute(
        select(Message.id, Message.raw).where(Message.source == asked.source, Message.message_id == message_id)
    ).one_or_none()
    if first is None or first.raw != text:
        raise CallbackRefused("The nonce was used before.", reason="nonce")
    return Received(first.id)
