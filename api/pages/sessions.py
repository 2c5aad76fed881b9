"""Signing in and out, and one's own account: password, language, sessions."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask_babel import gettext as _

from api import auth
from api.pages import language
from api.pages.sentences import said
from api.rest.sessions import proof_of, settings
from api.transaction import caller, reads, request_work, sancha, signed_in, work, writes_once
from engine.access import Principal
from engine.commands.change_password import change_password
from engine.commands.choose_language import choose_language
from engine.commands.sign_in import sign_in
from engine.commands.sign_out import sign_out
from engine.errors import Forbidden, InvalidInput, NotAuthenticated, TooManyAttempts
from engine.passwords import check_password_rules, hash_password
from engine.queries.people import own_sessions, user
from processes.organisation import ROLES, accounts

blueprint = Blueprint("page_sessions", __name__)
_YEAR = 365 * 24 * 3600
_BROWSERS = ("Edg", "Firefox", "Chrome", "Safari")
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@blueprint.get("/sign-in")
def sign_in_page() -> Response:
    """The form; in a demonstration with its accounts, to choose from."""
    response = make_response(_form())
    if (chosen := request.args.get("lang")) in language.LANGUAGES:
        response = make_response(redirect(_address(_next()), HTTPStatus.SEE_OTHER))
        _remember_language(response, str(chosen))
    return response


@blueprint.post("/sign-in")
def sign_in_with_password() -> Response:
    """Open a session and go where the person wanted to; a refusal says why and keeps the name."""
    _refuse_foreign_form()
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    lifetime = timedelta(hours=settings().session_hours)
    try:
        proof = proof_of(name, password)
        with sancha().work(Principal(proof.name)) as current:
            opened = sign_in(current, proof, agent=request.headers.get("User-Agent"), lifetime=lifetime)
    except NotAuthenticated:
        return make_response(_form(name, _("The name or the password is wrong.")), HTTPStatus.UNAUTHORIZED)
    except TooManyAttempts as error:
        return make_response(_form(name, said(error).whole), HTTPStatus.TOO_MANY_REQUESTS)
    response = make_response(redirect(_next(), HTTPStatus.SEE_OTHER))
    auth.set_session_cookie(response, opened.secret, int(lifetime.total_seconds()))
    return response


@blueprint.post("/sign-out")
@writes_once
def sign_out_here() -> Response:
    """End this session."""
    found = caller().session_public_id
    if found is not None:
        sign_out(work(), found)
    response = make_response(redirect("/sign-in", HTTPStatus.SEE_OTHER))
    auth.clear_session_cookie(response)
    return response


@blueprint.get("/account")
@reads
def account() -> str:
    """Who one is here, and where one is signed in."""
    return _account()


@blueprint.post("/account/password")
@signed_in
def new_password() -> Response:
    """Change one's own password; all other sessions end."""
    me = caller()
    problems: dict[str, str] = {}
    wanted, hashed, proof = request.form.get("new", ""), "", None
    if wanted != request.form.get("again", ""):
        problems["again"] = _("The two new passwords differ.")
    try:
        proof = proof_of(me.principal.name, request.form.get("old", ""))
        check_password_rules(wanted, me.principal.name)
        hashed = hash_password(wanted)
    except NotAuthenticated:
        problems["old"] = _("This is not your present password.")
    except TooManyAttempts as error:
        problems["old"] = said(error).whole
    except InvalidInput:
        problems["new"] = _("Too weak: use at least 12 characters that nobody can guess, no common password.")
    if problems:
        with request_work(write=False):
            return make_response(_account(problems=problems), HTTPStatus.UNPROCESSABLE_ENTITY)
    with request_work(write=True) as current:
        change_password(
            current, me.principal.name, password_hash=hashed, proof=proof, keep_session=me.session_public_id
        )
    with request_work(write=False):
        return make_response(_account(done=_("Your password is changed. All other sessions were ended.")))


@blueprint.post("/account/language")
@writes_once
def change_language() -> Response:
    """Show this person's pages in another language."""
    chosen = request.form.get("language", "")
    choose_language(work(), chosen)
    response = make_response(redirect(_back(), HTTPStatus.SEE_OTHER))
    _remember_language(response, chosen)
    return response


@blueprint.post("/account/sessions/<session_id>/end")
@writes_once
def end_session(session_id: str) -> Response:
    """End one of one's own sessions."""
    sign_out(work(), session_id)
    own = session_id == caller().session_public_id
    response = make_response(redirect("/sign-in" if own else "/account", HTTPStatus.SEE_OTHER))
    if own:
        auth.clear_session_cookie(response)
    return response


def _form(name: str = "", problem: str = "") -> str:
    known: dict[str, Any] = {"name": name, "problem": problem, "next": _next(), "accounts": []}
    if settings().demo:
        known["accounts"] = _demo_accounts()
        known["demo_password"] = current_app.extensions.get("demo_password", "")
    return render_template("sessions/sign_in.html", **known)


def _demo_accounts() -> list[dict[str, str]]:
    names = {role.id: language.local(role.name, role.english) for role in ROLES}
    return [{"name": name, "role": names[role], "unit": unit} for name, (role, unit) in accounts().items()]


def _account(problems: dict[str, str] | None = None, done: str = "") -> str:
    found = user(work(), work().principal.name)
    sessions = own_sessions(work(), limit=100)
    status = {"problems": problems or {}, "done": done, "current": caller().session_public_id}
    return render_template(
        "sessions/account.html", user=found, sessions=sessions.items, browser_name=_browser_name, **status
    )


def _browser_name(agent: str | None) -> str:
    """Which browser on which system, from how it calls itself; the first match of each list decides."""
    if not agent:
        return str(_("unknown"))
    browser = next((name for name in _BROWSERS if name in agent), "")
    system = next((shown for name, shown in _SYSTEMS if name in agent), "")
    version = agent.partition(f"{browser}/")[2].partition(".")[0] if browser else ""
    shown = " ".join(part for part in (browser, version if version.isdigit() else "") if part)
    return " · ".join(part for part in (shown, system) if part) or agent[:40]


def _remember_language(response: Response, chosen: str) -> None:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(language.COOKIE, chosen, max_age=_YEAR, secure=secure, httponly=True, samesite="Lax")


def _next() -> str:
    """Where to go after signing in: an address of this site, nothing else."""
    return _local(request.values.get("next", ""))


def _back() -> str:
    return _local(request.form.get("next", ""))


def _local(wanted: str) -> str:
    """``wanted`` if it is a path of ours; a browser reads a backslash or a second slash as another host."""
    parts = urlsplit(wanted)
    plain = wanted.isprintable() and "\\" not in wanted and not parts.scheme and not parts.netloc
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else "/"


def _address(following: str) -> str:
    return "/sign-in" if following == "/" else f"/sign-in?next={following}"


def _refuse_foreign_form() -> None:
    """Signing in has no session whose token a form could carry: the browser must say that the form is ours."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        foreign = site not in ("same-origin", "none")
    else:  # an older browser: it names at least the origin, unless nothing of the form is known
        foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign:
        raise Forbidden("The sign-in form was sent from another site.")
