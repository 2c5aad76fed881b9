"""Schemas of people, their sessions and tokens."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from api.rest.blueprint import Instant, Strict, page_of
from api.rest.task_schemas import NAME

PASSWORD = validate.Length(1, 1000)
MAX_TOKEN_DAYS = 366


class DutySchema(Schema):
    """A role held in a unit."""

    role = fields.String(required=True)
    unit = fields.String(required=True)


class UserSchema(Schema):
    """A user, never with a password."""

    name = fields.String(required=True)
    display_name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    disabled = fields.Boolean(required=True)
    created_at = Instant(required=True)
    roles = fields.List(fields.Nested(DutySchema), required=True)


class UserBody(Strict):
    """``name``: small letters, digits and single ``. _ @ -``, for ever. Without a password nobody can sign in."""

    name = fields.String(required=True, validate=NAME)
    display_name = fields.String(required=True, validate=NAME)
    email = fields.String(load_default=None, allow_none=True, validate=NAME)
    language = fields.String(load_default=None, allow_none=True, validate=NAME)
    password = fields.String(load_default=None, allow_none=True, load_only=True, validate=PASSWORD)


class UserChanges(Strict):
    """What to change; absent members stay."""

    display_name = fields.String(validate=NAME)
    email = fields.String(allow_none=True, validate=NAME)
    language = fields.String(allow_none=True, validate=NAME)
    disabled = fields.Boolean(truthy={True}, falsy={False})


class PasswordBody(Strict):
    """``current`` is needed for one's own; an administrator leaves it out for others."""

    current = fields.String(load_default=None, load_only=True, validate=PASSWORD)
    password = fields.String(required=True, load_only=True, validate=PASSWORD)


class GrantBody(Strict):
    """``role`` in ``unit``."""

    role = fields.String(required=True, validate=NAME)
    unit = fields.String(required=True, validate=NAME)


class RoleSchema(Schema):
    """A role and those that nobody may hold beside it."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    exclusive_with = fields.List(fields.String(), required=True)


class RoleBody(Strict):
    """A new role."""

    id = fields.String(required=True, validate=NAME)
    name = fields.String(required=True, validate=NAME)
    name_en = fields.String(required=True, validate=NAME)
    exclusive_with = fields.List(fields.String(validate=NAME), load_default=list, validate=validate.Length(max=200))


class UnitSchema(Schema):
    """A branch or department within ``parent``."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    parent = fields.String(required=True, allow_none=True)


class UnitBody(Strict):
    """A new unit."""

    id = fields.String(required=True, validate=NAME)
    name = fields.String(required=True, validate=NAME)
    parent = fields.String(load_default=None, allow_none=True, validate=NAME)


class SignInBody(Strict):
    """Name and password."""

    name = fields.String(required=True, validate=NAME)
    password = fields.String(required=True, load_only=True, validate=PASSWORD)


class SessionSchema(Schema):
    """A signed-in browser."""

    id = fields.UUID(required=True)
    user = fields.String(required=True)
    agent = fields.String(required=True, allow_none=True)
    created_at = Instant(required=True)
    expires_at = Instant(required=True)


class CurrentSessionSchema(Schema):
    """Who is signed in. Changing requests carry ``csrf`` in the header X-CSRF-Token."""

    id = fields.UUID(required=True)
    csrf = fields.String(required=True)
    created_at = Instant(required=True)
    expires_at = Instant(required=True)
    user = fields.Nested(UserSchema, required=True)


class TokenSchema(Schema):
    """A bearer token without its secret."""

    id = fields.UUID(required=True)
    user = fields.String(required=True)
    label = fields.String(required=True)
    created_at = Instant(required=True)
    expires_at = Instant(required=True)


class CreatedTokenSchema(TokenSchema):
    """A new bearer token; ``token`` is its secret, told this once."""

    token = fields.String(required=True)


class TokenBody(Strict):
    """``name`` and ``password`` of whose token it is, or neither when signed in already."""

    name = fields.String(load_default=None, validate=NAME)
    password = fields.String(load_default=None, load_only=True, validate=PASSWORD)
    label = fields.String(required=True, validate=NAME)
    days = fields.Integer(load_default=None, strict=True, validate=validate.Range(1, MAX_TOKEN_DAYS))


UserPage = page_of(UserSchema, "UserPage")
RolePage = page_of(RoleSchema, "RolePage")
UnitPage = page_of(UnitSchema, "UnitPage")
SessionPage = page_of(SessionSchema, "SessionPage")
TokenPage = page_of(TokenSchema, "TokenPage")
