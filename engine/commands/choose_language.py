"""A person chooses the language of their pages."""

from __future__ import annotations

from engine.administration import locked_user, record_administration
from engine.errors import InvalidInput
from engine.queries.people import UserView, user_view
from engine.runtime import Work

LANGUAGES = ("zh", "en")


def choose_language(work: Work, language: str) -> UserView:
    """Show the principal's pages in ``language`` (zh or en) from now on, on every machine. Raises `InvalidInput`."""
    if language not in LANGUAGES:
        raise InvalidInput(f"There is no language {language[:64]!r}.", {"language": list(LANGUAGES)})
    user = locked_user(work, work.principal.name)
    before = user.language
    if before != language:
        user.language = language
        changed = {"user": user.name, "before": {"language": before}, "after": {"language": language}}
        record_administration(work, "user:changed", changed)
    return user_view(work, user)
