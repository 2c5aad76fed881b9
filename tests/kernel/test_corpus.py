"""States recorded by earlier versions are read and go on as they would have (``corpus/record.py`` adds new ones)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from engine.kernel import State, UnreadableState, advance
from engine.kernel import effects as e
from engine.kernel import stimuli as s
from engine.kernel.encoding import decode_scope
from engine.kernel.scope import FORMAT
from engine.kernel.values import decode, decode_all
from tests.kernel.corpus.record import recorded
from tests.kernel.corpus.scenarios import SCENARIOS
from tests.kernel.driver import Deployed, Store

FILES = sorted(Path(__file__).parent.joinpath("corpus").glob("v*/*.json"))


def test_every_scenario_is_recorded_in_the_present_format() -> None:
    present = {file.stem for file in FILES if file.parent.name == f"v{FORMAT}"}
    assert present == set(SCENARIOS), "run python -m tests.kernel.corpus.record"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_recorded_state_goes_on(file: Path) -> None:
    content = json.loads(file.read_text(encoding="utf-8"))
    deployed = Deployed()
    for model in reversed(content["models"]):
        deployed.deploy(model.encode())
    store = Store(content["scopes"])
    effects: list[e.Effect] = []
    for sent in content["stimuli"]:
        kind = getattr(s, sent.pop("kind"))
        now = datetime.fromisoformat(sent.pop("now"))
        stimulus = kind(**{name: decode(value) for name, value in sent.items()})
        outcome = advance(deployed, State.stored(store), stimulus, now)
        store.write(outcome.state)
        effects += outcome.effects
        deployed.stores |= {one.store: one.value for one in outcome.effects if isinstance(one, e.StoreWritten)}
    (ended,) = (effect for effect in effects if isinstance(effect, e.InstanceEnded))
    assert ended.outcome == content["ended"]
    assert ended.variables == decode_all(content["variables"])
    path = [one.element for one in effects if isinstance(one, e.StepLeft) and one.outcome == "completed"]
    assert path == content["path"]
    assert store.scopes == {}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_present_version_stores_what_it_recorded(name: str) -> None:
    file = Path(__file__).parent / "corpus" / f"v{FORMAT}" / f"{name}.json"
    stored = json.loads(file.read_text(encoding="utf-8"))
    assert recorded(SCENARIOS[name])["scopes"] == stored["scopes"], "raise FORMAT when the stored form changes"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"k":"?"}', '{"k":"p","t":[{}]}', '{"f":99,"k":"p","n":1}', "null"])
def test_a_damaged_or_later_state_is_refused(text: str) -> None:
    with pytest.raises(UnreadableState):
        decode_scope(text)
