"""Hands a stored message to the one instance that waits for it, or starts the instance that it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import select, update

from engine.errors import InstanceEnded, InstanceSuspended, NotFound
from engine.execution.advance import advance_root
from engine.execution.lock import lock_root
from engine.execution.payload import decode
from engine.execution.start import is_free, start_root
from engine.jobs.correlation import STARTING, Receiver, find_receiver, lock_keys, schedule_match, still_waits
from engine.kernel.definition import Kind
from engine.kernel.stimuli import DeliverMessage
from engine.model.subscription import DELIVERED, PARKED, Message
from engine.runtime import Work

ACTION = "message:correlated"


@dataclass(frozen=True, slots=True)
class Letter:
    """A stored message that nobody has received yet. ``payload`` is encoded (`engine.execution.payload`)."""

    id: str
    source: str
    message_id: str
    name: str
    key: str
    payload: Any

    @property
    def variables(self) -> Mapping[str, object]:
        """The payload as variables."""
        return cast(Mapping[str, object], decode(self.payload))

    def described(self) -> dict[str, object]:
        """What the audit trail says about it; the payload shows as the variables that it wrote."""
        return {
            "message": self.id,
            "source": self.source,
            "messageId": self.message_id,
            "name": self.name,
            "key": self.key,
        }


def deliver(work: Work, letter: Letter) -> str | None:
    """Delivers ``letter`` to its receiver, if it has one now; the id of the root instance that took it, else None.

    The receiver's root is locked and its subscription looked at again, so that of two messages for one wait only one
    gets it. The caller holds no correlation key.
    """
    receiver = find_receiver(work.session, letter.name, letter.key)
    business_key = None
    if receiver is not None and _is_joined(work, receiver):
        # Of the messages that belong together one starts the instance; the others, which waited here, then find it.
        lock_keys(work.session, [(STARTING, letter.key)])
        receiver = find_receiver(work.session, letter.name, letter.key)
        business_key = letter.key if is_free(work, letter.key) else None
    if receiver is None:
        return None
    if receiver.root_id is None:
        return _start(work, letter, receiver, business_key)
    try:
        root = lock_root(work, receiver.root_id)
    except (InstanceEnded, InstanceSuspended, NotFound):
        return None
    if not still_waits(work.session, receiver):
        return None
    stimulus = DeliverMessage(receiver.wait, letter.variables)
    advance_root(work, root, stimulus, action=ACTION, element=receiver.element, payload=letter.described())
    _mark_delivered(work, letter, root.id)
    return root.id


def park(work: Work, letter: Letter) -> None:
    """Leaves ``letter`` for whoever subscribes later; if somebody did just now, a job delivers it at once."""
    pair = (letter.name, letter.key)
    lock_keys(work.session, [pair])
    if find_receiver(work.session, *pair) is not None:
        schedule_match(work.session, [pair], work.now)


def match(work: Work, name: str, key: str) -> str | None:
    """Delivers the oldest parked message of (name, key), if it has a receiver, and sees to the next one by another job.

    Returns the id of the root instance that took it, or None.
    """
    letter = _next_letter(work, name, key)
    taken_by = None if letter is None else deliver(work, letter)
    lock_keys(work.session, [(name, key)])
    # Nothing delivered although both are there: the receiver changed under our hands; the next job sees the new one.
    if _next_letter(work, name, key) is not None:
        schedule_match(work.session, [(name, key)], work.now)
    return taken_by


def _is_joined(work: Work, receiver: Receiver) -> bool:
    """Whether it starts an instance that waits for further messages under the same key: at a receive task, behind a
    gateway, or at an event that wants several. Its business key is that key, as a wait without a key of its own has it.
    """
    if receiver.root_id is not None:
        return False
    ref = f"{receiver.definition_key}:{receiver.definition_version}"
    node = work.sancha.definitions.for_work(work).get(ref).nodes[receiver.element]
    return node.kind is not Kind.START_EVENT or node.parallel_multiple


def _start(work: Work, letter: Letter, receiver: Receiver, business_key: str | None) -> str | None:
    if receiver.definition_key is None or receiver.definition_version is None:
        return None
    started = start_root(
        work,
        receiver.definition_key,
        receiver.definition_version,
        event=receiver.element,
        part=receiver.part,
        variables=letter.variables,
        business_key=business_key,
        payload=letter.described(),
    )
    _mark_delivered(work, letter, started)
    return started


def _next_letter(work: Work, name: str, key: str) -> Letter | None:
    """The oldest parked message that the next receiver of (name, key) takes; None without receiver or message."""
    receiver = find_receiver(work.session, name, key)
    if receiver is None:
        return None
    row = work.session.execute(
        select(Message.id, Message.source, Message.message_id, Message.name, Message.key, Message.payload)
        .where(
            Message.name == name,
            Message.key == key,
            Message.status == PARKED,
            Message.expires_at > receiver.since,
        )
        .order_by(Message.received_at, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # another job may be delivering it: then it is none of ours
    ).one_or_none()
    return None if row is None else Letter(*row)


def _mark_delivered(work: Work, letter: Letter, root_id: str) -> None:
    work.session.execute(
        update(Message)
        .where(Message.id == letter.id)
        .values(status=DELIVERED, delivered_at=work.now, root_id=root_id)
        .execution_options(synchronize_session=False)
    )
