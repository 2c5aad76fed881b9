"""What processes and their elements are called, in the languages of the model."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.definitions import BoundDefinitions
from engine.kernel.definition import Definition, Node
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class ModelName:
    """A name as the designer drew it; ``en`` None when the model has no English one, ``zh`` "" for an unnamed one."""

    zh: str
    en: str | None


@dataclass(slots=True)
class ModelNames:
    """Names of deployed processes by ``key:version``; no statement for what is compiled already."""

    definitions: BoundDefinitions
    _known: dict[str, Definition] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Work) -> ModelNames:
        """The names as ``work``'s transaction sees them."""
        return cls(work.sancha.definitions.for_work(work))

    def definition(self, ref: str) -> Definition:
        """The compiled process ``key:version``. Raises `NotFound`."""
        if ref not in self._known:
            self._known[ref] = self.definitions.get(ref)
        return self._known[ref]

    def process(self, ref: str) -> ModelName:
        """The name of the process, its key when it has none. Raises `NotFound`."""
        found = self.definition(ref)
        return ModelName(found.name or found.key, found.properties.get("name.en"))

    def element(self, ref: str, element: str) -> ModelName:
        """The name of an element. Raises `NotFound` for the process; an unknown element is called by its id."""
        node = self.definition(ref).nodes.get(element)
        return ModelName(element, None) if node is None else node_name(node)


def node_name(node: Node) -> ModelName:
    """The name of a flow node; both empty for an unnamed one."""
    return ModelName(node.name, node.properties.get("name.en"))
