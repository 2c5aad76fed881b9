"""Messages from programs of the house, and callbacks from third parties."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request
from marshmallow import Schema, fields, validate

from api.rest.blueprint import Blueprint, Strict
from api.rest.task_schemas import NAME
from api.transaction import anonymous, work, writes
from engine.access import ADMIN, require
from engine.callbacks import NONCE, SIGNATURE, TIMESTAMP
from engine.commands.correlate_message import correlate_message
from engine.commands.receive_callback import receive_callback

blueprint = Blueprint("messages", __name__, description="Messages and callbacks")

MAX_TTL_HOURS = 24 * 30


class MessageBody(Strict):
    """A message by name and correlation key. The same ``message_id`` has an effect only once."""

    message_id = fields.String(required=True, validate=NAME)
    name = fields.String(required=True, validate=NAME)
    key = fields.String(required=True, validate=NAME)
    payload = fields.Dict(keys=fields.String(validate=NAME), load_default=dict)
    ttl_hours = fields.Integer(load_default=24, strict=True, validate=validate.Range(0, MAX_TTL_HOURS))


class CorrelatedSchema(Schema):
    """``status``: delivered (to the case ``root_id``), parked (nobody waits yet) or expired; ``duplicate``: it came
    before, and had no second effect.
    """

    message = fields.UUID(required=True)
    status = fields.String(required=True)
    root_id = fields.UUID(required=True, allow_none=True)
    duplicate = fields.Boolean(required=True)


class ReceivedSchema(Schema):
    """The callback was taken; its ``message`` is the same for every repeat."""

    message = fields.UUID(required=True)
    status = fields.String(required=True)


SIGNED = [
    {"in": "header", "name": name, "description": meaning, "schema": {"type": "string"}}
    for name, meaning in (
        (TIMESTAMP, "Unix time in seconds at which the callback was signed."),
        (NONCE, "16 to 128 of A-Z, a-z, 0-9, - and _, never used before."),
        (SIGNATURE, "`v1=` and the HMAC-SHA-256, in hex, of `<timestamp>.<nonce>.<body>` under the shared secret."),
    )
]
ANSWER = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["messageId", "name", "key", "payload"],
                "properties": {
                    "messageId": {"type": "string"},
                    "name": {"type": "string"},
                    "key": {"type": "string"},
                    "payload": {"type": "object"},
                },
            }
        }
    },
}


@blueprint.post("/messages")
@writes
@blueprint.arguments(MessageBody)
@blueprint.response(200, CorrelatedSchema)
def send(body: dict[str, Any]) -> object:
    """Deliver a message to the one instance that waits for it, or park it until its time to live ends (ADMIN)."""
    require(work().principal, ADMIN, "send messages")
    ttl = timedelta(hours=body.pop("ttl_hours"))
    return correlate_message(work(), source=work().principal.name, ttl=ttl, **body)


@blueprint.post("/callbacks/<address>")
@anonymous
@blueprint.doc(security=[], parameters=SIGNED, requestBody=ANSWER)
@blueprint.response(200, ReceivedSchema)
def callback(address: str) -> object:
    """The answer of a third party, at the signed address it was given; its signature is verified."""
    return receive_callback(work(), address=address, headers=dict(request.headers), body=request.get_data(cache=True))
