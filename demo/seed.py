"""What a demonstration begins with: accounts named after their role, and three clients."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from sqlalchemy import select

from engine.access import SYSTEM
from engine.model.identity import User
from engine.passwords import hash_password
from engine.runtime import Sancha
from processes.organisation import insert_model_organisation
from processes.registers import insert_given

PASSWORD_FILE = "demo-password"  # noqa: S105 - the name of a file
CLIENTS = (
    {"uscc": "91150100MA0EXAMP7Q", "name": "华北新能源发展有限公司"},
    {"uscc": "91320200MA1EXAMQ3R", "name": "江南特种钢铁股份有限公司"},
    {"uscc": "91440300MA5EXAMR87", "name": "南方港口租赁有限公司"},
)


def password_of(home: Path, given: str | None) -> str:
    """The password of all demo accounts: ``given``, else the one made at the first start and kept in ``home``."""
    file = home / PASSWORD_FILE
    if given is not None:
        return given
    if file.exists():
        return file.read_text(encoding="utf-8").strip()
    made = re.sub(r"[-_]", "x", secrets.token_urlsafe(12))
    file.touch(mode=0o600)
    file.write_text(made + "\n", encoding="utf-8")
    return made


def seed(sancha: Sancha, password: str) -> None:
    """Insert the model organisation and the clients where they are missing; all accounts get ``password``."""
    hashed = hash_password(password)
    with sancha.work(SYSTEM) as work:
        first = work.session.scalar(select(User.name).limit(1)) is None
        insert_model_organisation(work.session, work.now, hashed)
        if first:
            insert_given(work.session, {"client": list(CLIENTS)}, work.now)
        for user in work.session.scalars(select(User)):
            user.password = hashed
