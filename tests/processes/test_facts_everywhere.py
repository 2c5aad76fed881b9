"""At every open task of every scenario: the facts gather, the form speaks English, its data fit into JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import processes
from engine.model.task import UserTask
from engine.runtime import Work
from forms import browser_data, heading, localise, needed_variables, packaged_form
from processes.facts import facts_of
from processes.registers import case_rows
from processes.scenario.run import find
from tests.processes.watching import cases, play

FILES = find([Path(processes.__file__).parent])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_open_task_can_be_shown(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: set[str] = set()

    def look(work: Work, task: UserTask, variables: Mapping[str, object]) -> None:
        if task.id in shown:
            return
        shown.add(task.id)
        groups = facts_of(work.session, task.business_key, variables)
        if case_rows(work.session, task.business_key)["financing"]:
            assert {"client", "project"} <= {group.key for group in groups}
        else:  # A scenario may begin in the middle, on another case's financing: that is not this case's to show.
            assert groups == ()
        assert len({group.key for group in groups}) == len(groups)
        assert task.form is not None
        form = packaged_form(task.form)
        data = browser_data(form, variables)
        assert json.loads(json.dumps(data)) == data
        assert data.keys() <= needed_variables(form)
        assert json.dumps(localise(form, "en"))
        assert heading(form, "en").action
        for case in cases(work):
            known = bool(case_rows(work.session, case.business_key)["financing"])
            assert bool(facts_of(work.session, case.business_key, {})) == known

    play(file, tmp_path, monkeypatch, look)
    assert shown
