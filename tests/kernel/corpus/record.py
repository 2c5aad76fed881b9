"""Records the state of every scenario that has none yet: ``python -m tests.kernel.corpus.record``.

A recorded file is never written again: it stands for the states that an installation of that version has in its
database. When the stored form changes, raise ``engine.kernel.scope.FORMAT``, keep reading the old one, and record into
a new folder beside ``v1``. To add a case, add a scenario and run this.
"""

from __future__ import annotations

import json
from pathlib import Path

from engine.kernel.scope import FORMAT
from engine.kernel.values import encode, encode_all
from tests.kernel.corpus.scenario import Scenario
from tests.kernel.corpus.scenarios import SCENARIOS
from tests.kernel.driver import Deployed, Run

FOLDER = Path(__file__).parent / f"v{FORMAT}"


def recorded(scenario: Scenario) -> dict[str, object]:
    """The file's content: models, state, the stimuli that go on from it, and what they lead to."""
    deployed = Deployed(*scenario.models[1:])
    ref = deployed.deploy(scenario.models[0])
    run = Run(deployed).start(ref, scenario.variables)
    for step in scenario.before:
        step(run)
    scopes, now = dict(sorted(run.store.scopes.items())), run.now.isoformat()
    left = len(run.path())
    stimuli: list[dict[str, object]] = []
    run.sent = lambda stimulus: stimuli.append(
        {
            "kind": type(stimulus).__name__,
            "now": run.now.isoformat(),
            **{name: encode(getattr(stimulus, name)) for name in stimulus.__dataclass_fields__},
        }
    )
    for step in scenario.after:
        step(run)
    return {
        "models": [model.decode() for model in scenario.models],
        "scopes": scopes,
        "now": now,
        "stimuli": stimuli,
        "ended": run.ended,
        "variables": encode_all(run.variables()),
        "path": run.path()[left:],
    }


def record() -> list[str]:
    """Writes the missing files; their names."""
    FOLDER.mkdir(exist_ok=True)
    written = []
    for name, scenario in SCENARIOS.items():
        file = FOLDER / f"{name}.json"
        if not file.exists():
            text = json.dumps(recorded(scenario), ensure_ascii=False, indent=1, sort_keys=True)
            file.write_text(text + "\n", encoding="utf-8")
            written.append(file.name)
    return written


if __name__ == "__main__":
    print("recorded:", ", ".join(record()) or "nothing new")
