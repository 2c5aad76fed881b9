"""A message from outside, or from another instance: delivered to exactly one receiver, or parked until one comes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from engine.errors import IdempotencyMismatch, InvalidInput
from engine.execution.payload import check_variables, encode
from engine.execution.upsert import insert_into
from engine.ids import new_id
from engine.jobs.delivery import Letter, deliver, park
from engine.model.subscription import DELIVERED, PARKED, Message
from engine.runtime import Work

TIME_TO_LIVE = timedelta(hours=24)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Correlated:
    """What became of a message. ``message`` is its row's id, ``status`` delivered, parked or expired, ``root_id`` the
    root instance that took it. ``duplicate``: it had come before; nothing happened this time.
    """

    message: str
    status: str
    root_id: str | None
    duplicate: bool = False


def correlate_message(
    work: Work,
    *,
    source: str,
    message_id: str,
    name: str,
    key: str,
    payload: Mapping[str, object],
    raw: str | None = None,
    ttl: timedelta = TIME_TO_LIVE,
) -> Correlated:
    """Stores the message and delivers it to the instance that waits for (name, key), longest first; if none waits, to a
    message start event of that name; else parks it for ``ttl`` of business time, after which it becomes an incident.

    A message of ``source`` with a ``message_id`` that came before has no second effect and gets the answer of how it
    stands. Raises `IdempotencyMismatch` if that one had another name, key or payload, and `InvalidInput` for values
    that cannot be stored. ``raw`` is the message as it arrived.
    """
    _check(source=source, message_id=message_id, name=name, key=key)
    encoded = encode(check_variables(payload, work.sancha.limits.variables_bytes))
    letter = Letter(new_id(), source, message_id, name, key, encoded)
    if not _store(work, letter, raw, ttl):
        return _repeated(work, letter)
    taken_by = deliver(work, letter)
    if taken_by is not None:
        return Correlated(letter.id, DELIVERED, taken_by)
    park(work, letter)
    return Correlated(letter.id, PARKED, None)


def _check(**texts: str) -> None:
    for field, text in texts.items():
        if not text or len(text) > 255 or _CONTROL.search(text):
            raise InvalidInput(
                f"The {field} of a message needs 1 to 255 printable characters.", {field: ["invalid text"]}
            )


def _store(work: Work, letter: Letter, raw: str | None, ttl: timedelta) -> bool:
    """Whether the message is new. A twin that is being stored at this moment is waited for by the unique index."""
    stored = work.session.scalars(
        insert_into(work.session, Message)
        .values(
            id=letter.id,
            source=letter.source,
            message_id=letter.message_id,
            name=letter.name,
            key=letter.key,
            payload=letter.payload,
            raw=raw,
            status=PARKED,
            received_at=work.now,
            expires_at=work.now + ttl,
        )
        .on_conflict_do_nothing(index_elements=["source", "message_id"])
        .returning(Message.id)
    ).one_or_none()
    return stored is not None


def _repeated(work: Work, letter: Letter) -> Correlated:
    first = work.session.scalars(
        select(Message).where(Message.source == letter.source, Message.message_id == letter.message_id)
    ).one()
    if (first.name, first.key, first.payload) != (letter.name, letter.key, letter.payload):
        raise IdempotencyMismatch(
            f"Message {letter.message_id!r} came before with another name, key or payload.", first=first.id
        )
    return Correlated(first.id, first.status, first.root_id, duplicate=True)
