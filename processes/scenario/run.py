"""Runs a scenario on a SQLite database of its own, with the packaged processes and what lies beside its folder.

Models and forms in the folder above ``scenarios/`` take the place of packaged files of the same name, so that a
designer tries a change before it is deployed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from engine.access import SYSTEM
from engine.audit.chain import AuditTrail
from engine.callbacks import CallbackKeys
from engine.commands.deploy import deploy
from engine.definitions import DefinitionCache
from engine.runtime import Sancha
from engine.services import Handlers
from engine.store import Store, connect
from engine.working_time import Calendar, WorkingTime
from forms import check_form
from migrations import upgrade
from processes import packaged_files
from processes.organisation import insert_model_organisation
from processes.registers import insert_given
from processes.scenario.engine_stage import EngineStage, ScriptedCounterparties
from processes.scenario.play import Play
from processes.scenario.script import Script, ScriptError
from processes.services import HANDLERS

DEPLOYED = frozenset({".bpmn", ".dmn", ".form"})


def find(paths: Iterable[Path]) -> list[Path]:
    """The scenario files among and under ``paths``: YAML files in folders named ``scenarios``, or named directly.

    Raises `ScriptError` for a path that does not exist.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise ScriptError(f"{path}: there is no such file or folder")
        found += [path] if path.is_file() else sorted(path.rglob("scenarios/*.yaml"))
    return found


def files_beside(script: Script) -> dict[str, bytes]:
    """The BPMN, DMN and form files, by name, of the process folder that the script's ``scenarios`` folder lies in."""
    folder = Path(script.file).resolve().parent
    if folder.name != "scenarios":
        return {}
    return {file.name: file.read_bytes() for file in sorted(folder.parent.iterdir()) if file.suffix in DEPLOYED}


def run_script(script: Script, folder: Path, database_url: str | None = None) -> Play:
    """Play ``script`` with its data in ``folder`` (or on an empty ``database_url``); returns the finished play.

    Raises `Failed` when the scenario does not hold.
    """
    url = database_url or f"sqlite:///{folder / 'scenario.sqlite3'}"
    store = Store(connect(url))
    try:
        upgrade(store.engine)
        sancha = _wired(script, store)
        with sancha.work(SYSTEM) as work:
            insert_model_organisation(work.session, work.now)
            insert_given(work.session, script.given, datetime.now(UTC))
        with sancha.work(SYSTEM) as work:
            deploy(work, name="packaged", files=packaged_files() | files_beside(script), source="packaged")
        play = Play(script, EngineStage(sancha, script.starts_at))
        play.run()
        return play
    finally:
        store.engine.dispose()


def _wired(script: Script, store: Store) -> Sancha:
    key = hashlib.sha256(script.file.encode()).digest()
    overrides: dict[date, bool] = dict.fromkeys(script.holidays, False) | dict.fromkeys(script.workdays, True)
    return Sancha(
        store=store,
        definitions=DefinitionCache(),
        working_time=WorkingTime({"default": Calendar(overrides=overrides)}),
        audit=AuditTrail(key),
        handlers=Handlers(HANDLERS),
        # A scenario names documents that nobody uploaded.
        check_form=lambda file, data, visible, now, _documents: check_form(file, data, visible, now),
        callbacks=CallbackKeys(key, "http://localhost"),
        outgoing=ScriptedCounterparties(script.answers),
    )
