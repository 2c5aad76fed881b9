"""The demonstration as `sancha demo` serves it, with every packaged form open at somebody's desk."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from api.json_format import dumps, loads
from demo.installation import ROOT
from forms.packaged import packaged_form_ids
from processes.organisation import accounts
from tests.factories import lanes, process, task
from tests.kernel.bpmn import flow, props

PASSWORD = "a long demo passphrase"
START_SECONDS = 300.0
"""Playing the cases takes half a minute of one core; the machine may be busy."""
START_FORMS = {"p00-start": "P00_project_lifecycle"}
"""Forms that open no task but a case."""
SHELF = "every_form"
"""The process of the tasks whose forms no case of the demonstration has open."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A served demonstration at ``base``, whose SQLite database is the file ``database``."""

    base: str
    database: Path

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says now."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(query, values).fetchall()

    @contextlib.contextmanager
    def as_person(self, name: str) -> Iterator[httpx.Client]:
        """A program of that account, below ``/api/v1``."""
        with httpx.Client(base_url=f"{self.base}/api/v1", timeout=60, trust_env=False) as client:
            made = client.post("/tokens", json={"name": name, "password": PASSWORD, "label": "visit"})
            made.raise_for_status()
            client.headers["Authorization"] = f"Bearer {made.json()['token']}"
            yield client


@contextlib.contextmanager
def demonstration(home: Path) -> Iterator[Demonstration]:
    """The demonstration in ``home``, prepared unless it is, served by a process of its own while the block runs."""
    log = home / "processes.log"
    home.mkdir(parents=True, exist_ok=True)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SANCHA_")}
    own = {"SANCHA_HOME": str(home), "SANCHA_DEMO_PASSWORD": PASSWORD, "SANCHA_LOG_LEVEL": "WARNING"}
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "demo", "--port", "0"],
            env=plain | own,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Demonstration(_address(server, log), home / "sancha.sqlite3")
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + START_SECONDS
    said = "Sancha listens on "
    while time.monotonic() < until:
        told = log.read_text(encoding="utf-8", errors="replace")
        if said in told:
            return told.split(said)[1].split()[0]
        if server.poll() is not None:
            raise RuntimeError(f"the demonstration ended with {server.returncode}: {told[-4000:]}")
        time.sleep(0.1)
    raise RuntimeError(f"the demonstration was not ready within {START_SECONDS:.0f} s: {told[-4000:]}")


def open_every_form(demo: Demonstration) -> dict[str, tuple[str, str]]:
    """Form id to a task that asks for it and the person at whose desk that task lies, ready to be filled in.

    Tasks of the demonstration's cases where there are any; the other forms are asked for by a process of their own.
    """
    found = _held(demo)
    for form, task_id, role in demo.rows(
        "SELECT form, id, role FROM user_task WHERE status = 'open' AND NOT suspended AND assignee IS NULL ORDER BY id"
    ):
        if form not in found:
            holders = [name for name, (held, unit) in accounts().items() if held == role and unit == "BR-1"]
            taken = next((name for name in holders if _claimed(demo, name, task_id)), None)
            assert taken is not None, f"nobody may take the task of {form}"
            found[form] = (task_id, taken)
    missing = sorted(set(packaged_form_ids()) - set(found) - set(START_FORMS))
    if missing:
        _put_on_shelf(demo, missing)
        found |= _held(demo)
    return found


def _held(demo: Demonstration) -> dict[str, tuple[str, str]]:
    rows = demo.rows(
        "SELECT form, id, assignee FROM user_task WHERE status = 'open' AND NOT suspended AND assignee IS NOT NULL"
        " AND form IS NOT NULL ORDER BY id"
    )
    found: dict[str, tuple[str, str]] = {}
    for form, task_id, person in rows:
        found.setdefault(form, (task_id, person))
    return found


def _claimed(demo: Demonstration, person: str, task_id: str) -> bool:
    with demo.as_person(person) as program:
        return program.post(f"/tasks/{UUID(task_id)}/claim").is_success


def _put_on_shelf(demo: Demonstration, forms: list[str]) -> None:
    """Start a case with one task for each of ``forms``, all taken by rm-1, that knows what an approved case knows."""
    with demo.as_person("publisher-1") as publisher:
        for version in (forms[:1], forms):  # two versions, to be compared
            sent = {"files": (f"{SHELF}.bpmn", _shelf(version))}
            answer = publisher.post("/deployments", data={"name": SHELF}, files=sent)
            assert answer.is_success, answer.text
    with demo.as_person("rm-1") as program:
        started = program.post(
            f"/process-definitions/{SHELF}/start",
            content=dumps({"variables": _variables(demo)}),
            headers={"Content-Type": "application/json"},
        )
        assert started.is_success, started.text
        case = UUID(started.json()["id"]).hex
        for (task_id,) in demo.rows("SELECT id FROM user_task WHERE root_id = ?", case):
            program.post(f"/tasks/{UUID(task_id)}/claim").raise_for_status()


def _shelf(forms: list[str]) -> bytes:
    ids = [form.replace("-", "_") for form in forms]
    tasks = "".join(
        task(id_, name=f"表单 {form}", attributes=f'camunda:formKey="{form}"', name_en=f"Form {form}")
        for id_, form in zip(ids, forms, strict=True)
    )
    flows = flow("s", "all") + "".join(flow("all", id_) + flow(id_, "e") for id_ in ids)
    body = f'<startEvent id="s"/><parallelGateway id="all"/>{tasks}<endEvent id="e"/>{flows}'
    named = process(SHELF, lanes(RM=" ".join(["s", "all", *ids, "e"])) + body, properties=props(name_en="Every form"))
    return named.replace(f'name="{SHELF}"'.encode(), 'name="全部表单"'.encode())


def _variables(demo: Demonstration) -> dict[str, Any]:
    """What the case that is furthest on knows."""
    ((root,),) = demo.rows("SELECT root_id FROM user_task WHERE element = 'P07_request' AND status = 'open' LIMIT 1")
    with demo.as_person("audit-1") as auditor:
        answer = auditor.get(f"/process-instances/{UUID(root)}/variables")
        answer.raise_for_status()
    known: dict[str, Any] = loads(answer.text)["variables"]
    return known
