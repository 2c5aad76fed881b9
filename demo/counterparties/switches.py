"""How each counterparty behaves, changeable while it runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

RATING, BUREAU, PAYMENT = "rating", "bureau", "payment"
COUNTERPARTIES = (RATING, BUREAU, PAYMENT)
MAX_DELAY_SECONDS = 3600.0
MAX_DUPLICATES = 200


class SwitchRefused(ValueError):
    """No such counterparty or switch, or a value it cannot have; the message says which."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One counterparty's behaviour. In JSON and on the command line the names are written in camel case.

    ``delay_seconds`` until it calls back; ``duplicates``: how many more times it sends the same callback; ``silent``:
    it takes requests and never calls back; ``hold``: it keeps each answer until it is told to give it; ``refuse``:
    HTTP status (400 to 599) with which it refuses requests; ``status`` and ``reason``: the outcome of a payment;
    ``answer``: values that replace those of its answers.
    """

    delay_seconds: float = 0.5
    duplicates: int = 0
    silent: bool = False
    hold: bool = False
    refuse: int | None = None
    status: str = "SUCCESS"
    reason: str | None = None
    answer: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The switch as it is shown and set over HTTP."""
        return {_camel(item.name): getattr(self, item.name) for item in fields(self)}


class Switches:
    """The switches of all counterparties; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_name = {name: Switch() for name in COUNTERPARTIES}

    def of(self, counterparty: str) -> Switch:
        """The present behaviour of ``counterparty``."""
        with self._lock:
            return self._by_name[counterparty]

    def change(self, wanted: object) -> None:
        """Changes several at once: ``{counterparty: {switch: value}}``; None instead of the inner object resets it.

        Raises `SwitchRefused` and then changes nothing.
        """
        if not isinstance(wanted, dict):
            raise SwitchRefused("expected an object of counterparties")
        with self._lock:
            changed = dict(self._by_name)
            for name, values in wanted.items():
                if name not in changed:
                    raise SwitchRefused(f"{name!r} is none of {', '.join(COUNTERPARTIES)}")
                changed[name] = Switch() if values is None else _changed(changed[name], values)
            self._by_name = changed

    def to_json(self) -> dict[str, object]:
        """All switches as they are shown over HTTP."""
        with self._lock:
            return {name: switch.to_json() for name, switch in self._by_name.items()}


def from_command_line(text: str) -> dict[str, object]:
    """What ``payment.delaySeconds=2`` means, for `Switches.change`. Values are JSON, or else plain text."""
    path, separator, value = text.partition("=")
    counterparty, dot, name = path.partition(".")
    if not (separator and dot and name):
        raise SwitchRefused(f"{text!r} is not like payment.delaySeconds=2")
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = value
    return {counterparty: {name: parsed}}


def _changed(switch: Switch, values: object) -> Switch:
    if not isinstance(values, dict):
        raise SwitchRefused("expected an object of switches")
    known = {_camel(item.name): item.name for item in fields(Switch)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise SwitchRefused(f"{unknown[0]!r} is none of {', '.join(known)}")
    checked: dict[str, Any] = {known[name]: _checked(name, value) for name, value in values.items()}
    return replace(switch, **checked)


def _checked(name: str, value: object) -> object:
    match name, value:
        case "silent" | "hold", bool():
            return value
        case "delaySeconds", int() | float() if not isinstance(value, bool) and 0 <= value <= MAX_DELAY_SECONDS:
            return float(value)
        case "duplicates", int() if not isinstance(value, bool) and 0 <= value <= MAX_DUPLICATES:
            return value
        case "refuse", None:
            return None
        case "refuse", int() if not isinstance(value, bool) and 400 <= value <= 599:
            return value
        case "status", str() if value:
            return value
        case "reason", str() | None:
            return value
        case "answer", dict():
            return value
    raise SwitchRefused(f"{name} cannot be {json.dumps(value, ensure_ascii=False)}")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
