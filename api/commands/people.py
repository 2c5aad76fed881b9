"""``sancha user``: add the first administrator, and others; set a password that was lost."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from api.commands.operator import operator
from api.database import opened
from api.settings import NEW_PASSWORD_VARIABLE as VARIABLE
from api.settings import Settings
from api.wiring import wire
from engine.access import ADMIN
from engine.commands.change_password import change_password
from engine.commands.create_user import create_user
from engine.commands.grant_role import grant_role
from engine.errors import InvalidInput
from engine.passwords import check_password_rules, hash_password
from engine.runtime import Work
from processes.organisation import insert_standard_roles


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("user", help="add users and set passwords")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    password = f"The password is asked for, or taken from {VARIABLE}."
    adding = verbs.add_parser("add", help="add a user", description=f"Add a user. {password}")
    adding.add_argument("name", metavar="NAME", help="sign-in name")
    adding.add_argument("--role", action="append", default=[], metavar="ROLE@UNIT", help="a role in a unit; repeatable")
    adding.add_argument("--display-name", help="name as people know it (default: the sign-in name)")
    adding.add_argument("--email")
    adding.set_defaults(run=_add)
    setting = verbs.add_parser("password", help="set a user's password", description=f"Set a password. {password}")
    setting.add_argument("name", metavar="NAME", help="sign-in name")
    setting.set_defaults(run=_password)


def _add(options: argparse.Namespace, settings: Settings) -> int:
    """Add a user with roles, all or nothing."""
    duties = [_duty(text) for text in options.role]
    hashed = _new_password(options.name)
    with _work(settings) as work:
        insert_standard_roles(work.session)
        shown = options.display_name or options.name
        create_user(work, name=options.name, display_name=shown, email=options.email, password_hash=hashed)
        for role, unit in duties:
            grant_role(work, options.name, role=role, unit=unit)
    held = ", ".join(options.role)
    print(f"{options.name} was added" + (f" as {held}." if held else " without a role."))
    return 0


def _password(options: argparse.Namespace, settings: Settings) -> int:
    """Set a password; sessions and tokens of the user end."""
    hashed = _new_password(options.name)
    with _work(settings) as work:
        change_password(work, options.name, password_hash=hashed)
    print(f"{options.name} has a new password.")
    return 0


@contextmanager
def _work(settings: Settings) -> Iterator[Work]:
    with opened(settings.database_url) as store, wire(settings, store).work(operator(ADMIN)) as work:
        yield work


def _duty(text: str) -> tuple[str, str]:
    role, _, unit = text.partition("@")
    if not role or not unit:
        raise InvalidInput(f"{text} is not ROLE@UNIT, such as ADMIN@HQ.")
    return role, unit


def _new_password(name: str) -> str:
    """The hash of the password that was given or typed twice. Raises `InvalidInput`."""
    password = os.environ.get(VARIABLE)
    if password is None:
        if not sys.stdin.isatty():
            raise InvalidInput(f"There is no terminal to ask for the password; set {VARIABLE}.")
        password = getpass.getpass(f"Password of {name}: ")
        if getpass.getpass("Once more: ") != password:
            raise InvalidInput("The two passwords differ.")
    check_password_rules(password, name)
    return hash_password(password)
