"""The elements of a loaded model that can be evaluated, and what they require. Compared by identity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from engine.dmn.errors import DmnError
from engine.dmn.types import ItemType
from engine.feel.scope import Closure

Path: TypeAlias = tuple[str, ...]
"""How expressions name an element: its name, or the import's name and its name."""


@dataclass(frozen=True, slots=True, eq=False)
class InputData:
    """An input the model declares. ``label`` is its own name, where that of its variable differs."""

    id: str
    name: str
    type: ItemType
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class InputUse:
    """An input of a decision or of one that it requires. ``paths``: how it is named from the decision's own model, once
    for each way of imports that leads to it.
    """

    element: InputData
    paths: tuple[Path, ...]
    name: str

    @classmethod
    def of(cls, element: InputData, paths: tuple[Path, ...]) -> InputUse:
        """Its ``name`` is the shortest one, dotted when it lies in an imported model."""
        return cls(element, paths, min((".".join(path) for path in paths), key=len))


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """A business knowledge model: ``logic`` gives its function, whose ``parameters`` have ``types``; ``knowledge`` are
    the functions that it may call.
    """

    id: str
    name: str
    label: str
    parameters: tuple[str, ...]
    types: tuple[ItemType, ...]
    logic: Closure
    knowledge: list[tuple[Path, Knowledge | Service]] = field(default_factory=list)
    problems: tuple[DmnError, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """``input_names``: the variables that it and the decisions it requires read. ``possible_names``: names in filters,
    where an item's entry may be meant instead. ``undeclared``: those of both that no element of the model has, by which
    models without input data name their inputs. ``required``: the decisions it requires, ``making``: all that have to
    be made before it, each after the ones it requires itself. ``problems`` keep it from being made. ``reads``: name and
    identity of every input and decision that it requires; None when some have a qualified name.
    """

    id: str
    name: str
    label: str
    file: str
    line: int | None
    type: ItemType
    logic: Closure
    input_names: frozenset[str]
    possible_names: frozenset[str]
    undeclared: frozenset[str]
    inputs: tuple[InputUse, ...]
    own_inputs: tuple[tuple[Path, InputData], ...]
    required: tuple[tuple[Path, Decision], ...]
    making: tuple[Decision, ...]
    knowledge: tuple[tuple[Path, Knowledge | Service], ...]
    problems: tuple[DmnError, ...] = ()
    reads: tuple[tuple[str, int], ...] | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """The ids of the decisions that are made before it."""
        return tuple(each.id for each in self.making)


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A decision service: a function of its ``parameters``, which are its input data and then its input decisions.

    ``outputs`` are made in ``making``'s order; with several the result is a context of them.
    """

    id: str
    name: str
    label: str
    line: int | None
    type: ItemType
    parameters: list[tuple[str, InputData | Decision]] = field(default_factory=list)
    outputs: list[Decision] = field(default_factory=list)
    making: list[Decision] = field(default_factory=list)

    @property
    def input_names(self) -> frozenset[str]:
        """The names of its parameters."""
        return frozenset(name for name, _ in self.parameters)


Target: TypeAlias = Decision | Service | Knowledge
"""What can be evaluated."""
