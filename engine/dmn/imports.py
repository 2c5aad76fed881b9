"""Imports of other DMN files (DMN 1.5, 6.3.3): their elements and types under the import's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lxml import etree

from engine.dmn.types import ItemType
from engine.dmn.xml import NAMESPACES, children, spaced

if TYPE_CHECKING:  # the two read each other, one import after the other
    from engine.dmn.load import Loaded, Loader


class Imports:
    """The imported models of one file, by import name, and by namespace for references.

    An import without a name (DMN 1.5) puts what it imports beside the file's own elements.
    """

    def __init__(self, root: etree._Element, loader: Loader, problems: list[tuple[str, etree._Element]]) -> None:
        self.own = root.get("namespace") or ""
        self.by_name: dict[str, Loaded] = {}
        self.by_namespace: dict[str, tuple[str, Loaded]] = {}
        for element in children(root, "import"):
            namespace, name = element.get("namespace") or "", spaced(element.get("name"))
            kind = element.get("importType") or ""
            if kind not in NAMESPACES and "dmn" not in kind.lower():
                problems.append((f"imports of type '{kind}' are not read: {namespace}", element))
                continue
            found = loader.imported(namespace)
            if found is None:
                wrong = "imports itself" if namespace in loader.open else "is not among the files"
                problems.append((f"the imported model {namespace} {wrong}", element))
                continue
            self.by_name[name] = found
            self.by_namespace.setdefault(namespace, (name, found))

    def type_finders(self) -> dict[str, Callable[[str], ItemType | None]]:
        """What finds the types of each import, by its name."""
        return {name: loaded.types.find for name, loaded in self.by_name.items()}

    def names(self) -> set[str]:
        """All names that the parser has to know because of the imports."""
        found = {name for name in self.by_name if name}
        for loaded in self.by_name.values():
            found |= loaded.names
        return found

    def element(self, href: str) -> tuple[str, Loaded, str] | None:
        """Import name, model and id that a reference into an imported model means; None for any other reference."""
        namespace, _, identity = href.rpartition("#")
        if not namespace or namespace == self.own or namespace not in self.by_namespace:
            return None
        name, loaded = self.by_namespace[namespace]
        return name, loaded, identity
