"""The REST interface of the three stand-ins."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, current_app, request
from werkzeug.exceptions import Conflict, HTTPException, NotFound, ServiceUnavailable, UnprocessableEntity, abort

from demo.counterparties.delivery import Deliveries, Delivery, TooBusy, is_callable
from demo.counterparties.switches import BUREAU, PAYMENT, RATING, Switch, Switches, SwitchRefused

PENDING = "PENDING"
Answer = tuple[dict[str, object], int]
blueprint = Blueprint("counterparties", __name__)


@dataclass(slots=True)
class Payment:
    """One attempt to pay, as the payment system knows it."""

    instruction_id: str
    attempt: int
    amount: object
    callback_url: str
    status: str = PENDING
    reason: str | None = None
    events: int = 0

    @property
    def key(self) -> str:
        """The reference under which it is asked for and answered: ``<instructionId>-A<attempt>``."""
        return f"{self.instruction_id}-A{self.attempt}"


class Counterparties:
    """What the three know; in memory, gone when the server stops."""

    def __init__(self, secrets: Mapping[str, bytes], switches: Switches) -> None:
        self.switches = switches
        self.deliveries = Deliveries(secrets)
        self._lock = threading.Lock()
        self._asked: set[tuple[str, str]] = set()
        self._payments: dict[str, Payment] = {}
        self._held: dict[tuple[str, str], tuple[str, Delivery, Mapping[str, object]]] = {}

    def ask(self, source: str, request_id: str, url: str, payload: Mapping[str, object]) -> None:
        """Takes a question of the rating agency or the bureau and answers it later; a known one is not answered
        again.
        """
        with self._lock:
            if (source, request_id) in self._asked:
                return
            self._asked.add((source, request_id))
        switch = self.switches.of(source)
        delivery = Delivery(source, f"{source}-{request_id}", source.upper(), request_id)
        try:
            self._call_back(switch, url, delivery, payload)
        except TooBusy:
            with self._lock:
                self._asked.discard((source, request_id))  # refused, so it may be asked again
            raise

    def pay(self, payment: Payment) -> None:
        """Takes a payment instruction, decides it after the delay and calls back; a known one is not paid again.

        Raises Conflict when the same attempt comes with another amount.
        """
        with self._lock:
            known = self._payments.setdefault(payment.key, payment)
        if known is not payment:
            if known.amount != payment.amount:
                raise Conflict(f"{payment.key} was instructed before with another amount")
            return
        switch = self.switches.of(PAYMENT)
        if switch.hold:
            return
        timer = threading.Timer(switch.delay_seconds, self._decide, (payment, switch))
        timer.daemon = True
        timer.start()

    def payment(self, key: str) -> Payment:
        """The payment with that reference. Raises NotFound."""
        with self._lock:
            if key not in self._payments:
                raise NotFound(f"no payment {key}")
            return self._payments[key]

    def give(self, source: str, key: str, answer: Mapping[str, object]) -> None:
        """Calls back now with what was held, ``answer`` replacing parts of it. Raises NotFound when nothing was."""
        if source == PAYMENT:
            payment = self.payment(key)
            with self._lock:
                payment.status = str(answer.get("status", Switch().status))
                payment.events += 1
            self._report(payment, Switch(0.0, answer=answer))
            return
        with self._lock:
            held = self._held.pop((source, key), None)
        if held is None:
            raise NotFound(f"nothing is held for {key}")
        url, delivery, payload = held
        self._call_back(Switch(0.0, answer=answer), url, delivery, payload)

    def later_event(self, payment: Payment, status: str, reason: str | None) -> None:
        """A new fact about a payment, such as RETURNED; called back at once as a message of its own."""
        with self._lock:
            payment.status, payment.reason = status, reason
            payment.events += 1
        self._report(payment, Switch(delay_seconds=0.0))

    def _decide(self, payment: Payment, switch: Switch) -> None:
        with self._lock:
            if payment.status == PENDING:
                payment.status, payment.reason = switch.status, switch.reason
                payment.events += 1
        self._report(payment, Switch(0.0, switch.duplicates, switch.silent, answer=switch.answer))

    def _report(self, payment: Payment, switch: Switch) -> None:
        message = f"payment-{payment.key}-{payment.events}"
        payload = {
            "instructionId": payment.instruction_id,
            "attempt": payment.attempt,
            "status": payment.status,
            "reason": payment.reason,
            "valueDate": today(),
        }
        self._call_back(switch, payment.callback_url, Delivery(PAYMENT, message, "PAYMENT", payment.key), payload)

    def _call_back(self, switch: Switch, url: str, delivery: Delivery, payload: Mapping[str, object]) -> None:
        if switch.hold:
            with self._lock:
                self._held[delivery.source, delivery.key] = (url, delivery, payload)
        elif not switch.silent:
            whole = {**payload, **switch.answer}
            self.deliveries.send(url, delivery, whole, delay=switch.delay_seconds, copies=1 + switch.duplicates)


def create_app(secrets: Mapping[str, bytes], switches: Switches) -> Flask:
    """The application. ``secrets`` maps rating, bureau and payment to the secrets they share with Sancha."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    app.extensions["counterparties"] = Counterparties(secrets, switches)
    app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _problem)
    return app


def today() -> str:
    """The value date: today in China, where the payment system stands."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()


@blueprint.post("/rating/requests")
def request_rating() -> Answer:
    """The rating agency."""
    body = _taken(RATING, "requestId", "caseNo", "uscc")
    payload = {"ratingRequestId": body["requestId"], "externalRating": "AA", "ratedOn": today()}
    _parties().ask(RATING, body["requestId"], body["callbackUrl"], payload)
    return {"requestId": body["requestId"], "status": "ACCEPTED"}, 202


@blueprint.post("/bureau/queries")
def query_bureau() -> Answer:
    """The credit bureau."""
    body = _taken(BUREAU, "queryId", "uscc")
    payload = {"queryId": body["queryId"], "overdueMaxDays": 0, "dishonestList": False, "bankruptcy": False}
    _parties().ask(BUREAU, body["queryId"], body["callbackUrl"], payload)
    return {"queryId": body["queryId"], "status": "ACCEPTED"}, 202


@blueprint.post("/payments")
def instruct_payment() -> Answer:
    """The payment system."""
    body = _taken(PAYMENT, "instructionId")
    attempt, payee = body.get("attempt"), body.get("payee")
    if not isinstance(attempt, int) or isinstance(attempt, bool) or attempt < 1:
        raise UnprocessableEntity("attempt must be a whole number from 1")
    if not isinstance(body.get("amount"), str | int | float):
        raise UnprocessableEntity("amount is missing")
    if not isinstance(payee, dict) or not all(payee.get(part) for part in ("name", "account", "bank")):
        raise UnprocessableEntity("payee needs name, account and bank")
    payment = Payment(body["instructionId"], attempt, str(body["amount"]), body["callbackUrl"])
    _parties().pay(payment)
    return {"instructionId": payment.instruction_id, "attempt": attempt, "status": "ACCEPTED"}, 202


@blueprint.get("/payments/<key>")
def payment_status(key: str) -> Answer:
    """How a payment stands."""
    payment = _parties().payment(key)
    return {"status": payment.status, "reason": payment.reason}, 200


@blueprint.post("/payments/<key>/events")
def payment_event(key: str) -> Answer:
    """Lets a payment change after it was decided."""
    payment = _parties().payment(key)
    body = _object()
    status, reason = body.get("status"), body.get("reason")
    if not isinstance(status, str) or not status or not isinstance(reason, str | None):
        raise UnprocessableEntity("status is missing")
    _parties().later_event(payment, status, reason)
    return {"status": status, "reason": reason}, 202


@blueprint.get("/switches")
def show_switches() -> Answer:
    """How the counterparties behave."""
    return _parties().switches.to_json(), 200


@blueprint.post("/switches")
def change_switches() -> Answer:
    """Changes how they behave from now on."""
    try:
        _parties().switches.change(_object())
    except SwitchRefused as refused:
        raise UnprocessableEntity(str(refused)) from None
    return _parties().switches.to_json(), 200


@blueprint.post("/answers/<source>/<key>")
def give_answer(source: str, key: str) -> Answer:
    """Lets a counterparty that holds its answers give the one to ``key``; the body replaces parts of it."""
    _parties().give(source, key, _object())
    return {"key": key, "status": "SENT"}, 202


@blueprint.get("/deliveries")
def show_deliveries() -> Answer:
    """What was called back."""
    return {"deliveries": _parties().deliveries.to_json()}, 200


def _parties() -> Counterparties:
    parties: Counterparties = current_app.extensions["counterparties"]
    return parties


def _taken(counterparty: str, *required: str) -> dict[str, Any]:
    """The request's body, unless the counterparty is switched to refuse it or something is missing."""
    if (status := _parties().switches.of(counterparty).refuse) is not None:
        abort(status)
    body = _object()
    for name in required:
        if not isinstance(body.get(name), str) or not 0 < len(body[name]) <= 100:
            raise UnprocessableEntity(f"{name} is missing")
    if not is_callable(body.get("callbackUrl")):
        raise UnprocessableEntity("callbackUrl must be an address on this machine")
    return body


def _object() -> dict[str, Any]:
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise UnprocessableEntity("the body must be a JSON object")
    return body


@blueprint.errorhandler(TooBusy)
def _busy(_error: TooBusy) -> Answer:
    return _problem(ServiceUnavailable("too many callbacks are waiting"))


def _problem(error: HTTPException) -> Answer:
    return {"error": error.description}, error.code or 500
