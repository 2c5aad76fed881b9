"""Open a session for somebody who proved their password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from engine.administration import LONGEST, record_administration
from engine.errors import InvalidInput
from engine.identity import Proof, confirm, hash_secret, new_secret
from engine.ids import new_id
from engine.model.identity import WebSession
from engine.queries.people import SessionView, UserView, session_view, user_view
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``secret`` goes into the cookie and nowhere else; ``csrf`` is what changing requests must carry."""

    secret: str = field(repr=False)
    csrf: str = field(repr=False)
    session: SessionView
    user: UserView


def sign_in(
    work: Work, proof: Proof, *, agent: str | None = None, lifetime: timedelta = timedelta(hours=12)
) -> SignedIn:
    """Open a session that ends by itself after ``lifetime``; ``agent`` is how the browser calls itself.

    A new secret every time, so that nobody can plant a session (ASVS 5.0, 7.2.4). Raises `NotAuthenticated` when the
    user was disabled, or their password changed, since the proof.
    """
    if lifetime <= timedelta():
        raise InvalidInput("A session needs a lifetime.", {"lifetime": ["not positive"]})
    user = confirm(work.session, proof)
    secret = new_secret()
    row = WebSession(
        id=hash_secret(secret),
        public_id=new_id(),
        user=user.name,
        csrf=new_secret(),
        created_at=work.raw_now,
        expires_at=work.raw_now + lifetime,
        agent=None if agent is None else "".join(filter(str.isprintable, agent))[:LONGEST],
    )
    work.session.add(row)
    record_administration(work, "session:opened", {"session": row.public_id, "user": user.name})
    return SignedIn(secret, row.csrf, session_view(row), user_view(work, user))
