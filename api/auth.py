"""Who sends a request: a browser with a session cookie and CSRF token, or a program with a bearer token."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from flask import Response, current_app, request

from engine.errors import Forbidden, NotAuthenticated
from engine.identity import SESSION, TOKEN, hash_secret

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
"""Where a page's own forms carry what scripts send in the header."""
SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """``kind`` is session or token; ``secret_hash`` the SHA-256 (hex) under which the database knows it."""

    kind: str
    secret_hash: str


def credentials() -> Credentials:
    """What the request shows. Raises `NotAuthenticated` when it shows nothing usable.

    An Authorization header decides alone, so that a program's request never falls back on a cookie.
    """
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise NotAuthenticated("Send a bearer token, or sign in.")
        return Credentials(TOKEN, hash_secret(secret.strip()))
    secret = request.cookies.get(cookie_name(), "")
    if not secret:
        raise NotAuthenticated("Sign in, or send a bearer token.")
    return Credentials(SESSION, hash_secret(secret))


def check_csrf(expected: str) -> None:
    """Refuse a changing request of a browser session that does not carry its CSRF token (`Forbidden`)."""
    given = request.headers.get(CSRF_HEADER) or ""
    if not given and request.mimetype == "application/x-www-form-urlencoded":
        given = request.form.get(CSRF_FIELD, "")
    if not hmac.compare_digest(given.encode(errors="replace"), expected.encode()):
        raise Forbidden(f"The request lacks this session's token in the header {CSRF_HEADER}.")


def cookie_name() -> str:
    """The session cookie; the ``__Host-`` prefix binds it to this host when cookies are secure."""
    return "__Host-sancha" if current_app.config["SESSION_COOKIE_SECURE"] else "sancha"


def set_session_cookie(response: Response, secret: str, max_age: int) -> None:
    """Hand ``secret`` to the browser for ``max_age`` seconds."""
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=max_age,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def clear_session_cookie(response: Response) -> None:
    """Take the session cookie back."""
    response.delete_cookie(
        cookie_name(), path="/", secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax"
    )
