"""The stages of a case, as the designer named them on the activities of its process.

An activity with the property ``stage`` (``stage.en`` in English) belongs to that stage; activities with the same stage
are one. Stages stand in the order in which the file first names them. A process without any has no stages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.kernel.definition import Definition
from engine.queries.diagram import ElementState

DONE, CURRENT, FAILED, CANCELLED, AGAIN, AHEAD = "done", "current", "failed", "cancelled", "again", "ahead"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: its name in Chinese and English, and the ids of its activities in document order."""

    name: str
    name_en: str | None
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageState:
    """Where a case stands with a stage.

    ``state``: done, current, failed (something stands still in it), cancelled, again (done before, but the case went
    back behind it), or ahead (not reached). ``visits`` counts how often it was entered; ``element`` is the activity
    visited last and ``since`` when that was entered (aware, UTC), both None before.
    """

    stage: Stage
    state: str
    visits: int
    element: str | None
    since: datetime | None


def stages_of(definition: Definition) -> tuple[Stage, ...]:
    """The stages of a process, () when it names none."""
    members: dict[str, list[str]] = {}
    english: dict[str, str | None] = {}
    for node in definition.nodes.values():
        name = node.properties.get("stage")
        if name:
            members.setdefault(name, []).append(node.id)
            english[name] = english.get(name) or node.properties.get("stage.en")
    return tuple(Stage(name, english[name], tuple(elements)) for name, elements in members.items())


def current_stages(definition: Definition, open_elements: Collection[str]) -> tuple[Stage, ...]:
    """The stages of which an activity is open now, in order."""
    return tuple(stage for stage in stages_of(definition) if not set(stage.elements).isdisjoint(open_elements))


def stage_states(
    definition: Definition, states: Mapping[str, ElementState], troubled: Collection[str] = ()
) -> tuple[StageState, ...]:
    """How far a case of ``definition`` has come. ``states`` are those of its root instance's elements, ``troubled``
    the elements of it at which or below which something stands still.
    """
    stages = stages_of(definition)
    return tuple(_stage_state(definition, stages, index, states, troubled) for index in range(len(stages)))


def _stage_state(
    definition: Definition,
    stages: tuple[Stage, ...],
    index: int,
    states: Mapping[str, ElementState],
    troubled: Collection[str],
) -> StageState:
    stage = stages[index]
    visited = [states[element] for element in stage.elements if element in states]
    if not visited:
        return StageState(stage, AHEAD, 0, None, None)
    last = max(visited, key=lambda state: state.last)
    if any(state.element in troubled or state.incidents for state in visited):
        state = FAILED
    elif any(found.current for found in visited):
        state = CURRENT
    elif _went_back(definition, last, [states[id] for s in stages[:index] for id in s.elements if id in states]):
        state = AGAIN
    else:
        state = {"completed": DONE, "failed": FAILED}.get(last.outcome or "", CANCELLED)
    visits = sum(found.passed + found.current + found.cancelled + found.errors for found in visited)
    return StageState(stage, state, visits, last.element, last.entered_at)


def _went_back(definition: Definition, last: ElementState, earlier: list[ElementState]) -> bool:
    """Whether an activity of an earlier stage, from which the way leads to ``last`` again, was entered after it by a
    way that leads back there. What runs beside ``last``, or follows it for good, does not count.
    """
    later = {state.element for state in earlier if state.last > last.last}
    behind = later & _reachable(definition, last.element) if later else later
    return any(last.element in _reachable(definition, element) for element in behind)


def _reachable(definition: Definition, element: str) -> set[str]:
    """The elements to which a token can get from ``element``, by flows and boundary events."""
    found: set[str] = set()
    waiting = [element]
    while waiting:
        node = definition.nodes[waiting.pop()]
        following = [flow.target for flow in node.outgoing] + list(node.boundary)
        fresh = [id for id in following if id not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return found
