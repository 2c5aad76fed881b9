"""DMN XML to a `DecisionModel`: everything is parsed and resolved here, and every problem reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lxml import etree

from engine.dmn.errors import DmnError, ModelInvalid
from engine.dmn.imports import Imports
from engine.dmn.linking import Linking
from engine.dmn.model import DecisionModel
from engine.dmn.read_types import TypeCatalog
from engine.dmn.reading import Reading
from engine.dmn.table import DecisionTable
from engine.dmn.xml import NAMESPACES, child, children, local_tag, name_of, parse

DRG = ("inputData", "decision", "businessKnowledgeModel", "decisionService")
_NO_FILES: Mapping[str, bytes] = MappingProxyType({})


def load(
    xml: bytes, *, source: str = "", files: Mapping[str, bytes] = _NO_FILES, strict: bool = False
) -> DecisionModel:
    """Read a model of DMN 1.1 to 1.5. ``source`` names the file in messages; ``files`` (name to XML) are those that it
    may import, found by their namespace.

    Raises `DmnError` for XML that is malformed or hostile or not DMN. What else is wrong is in the model's
    ``problems``, and keeps only the decisions that it is in from being made; with ``strict`` it raises `ModelInvalid`.
    """
    model = Loader(files).load(parse(xml, source), source).model
    if strict and model.problems:
        raise ModelInvalid(model.problems, source)
    return model


class Loader:
    """Reads a model and those that it imports, each once."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.loaded: dict[str, Loaded] = {}
        self.open: list[str] = []
        self._roots: dict[str, tuple[str, etree._Element]] | None = None

    def load(self, root: etree._Element, source: str) -> Loaded:
        """The model of a ``definitions`` element."""
        namespace = root.get("namespace") or ""
        self.open.append(namespace)
        loaded = Loaded(root, source, self)
        self.open.pop()
        self.loaded[namespace] = loaded
        return loaded

    def imported(self, namespace: str) -> Loaded | None:
        """The model of that namespace among the files, None when it is not there or imports itself."""
        if namespace in self.loaded:
            return self.loaded[namespace]
        if namespace in self.open or namespace not in self.roots:
            return None
        source, root = self.roots[namespace]
        return self.load(root, source)

    @property
    def roots(self) -> dict[str, tuple[str, etree._Element]]:
        """Name and ``definitions`` of every file that can be read, by namespace."""
        if self._roots is None:
            self._roots = {}
            for name, body in sorted(self.files.items()):
                try:
                    root = parse(body, name)
                except DmnError:
                    continue  # the file's own check says what is wrong with it
                self._roots.setdefault(root.get("namespace") or "", (name, root))
        return self._roots


class Loaded:
    """One file, read: its ``model``, its ``types``, and the elements that can be required, by id in ``elements``."""

    def __init__(self, root: etree._Element, source: str, loader: Loader) -> None:
        self.root = root
        problems: list[tuple[str, etree._Element]] = []
        self.imports = Imports(root, loader, problems)
        self.types = TypeCatalog(root, self.imports.type_finders())
        self.elements = {each.get("id") or each.get("name") or "": each for each in children(root, *DRG)}
        names = {name_of(element) for element in self.elements.values()} | self.types.component_names()
        self.names = frozenset(names | self.imports.names())
        self.reading = Reading(source, root.get("id") or "", self.names, self.types.find)
        self.types.resolve_all(self.reading)
        for message, element in problems:
            self.reading.doubt(message, element)
        self._check_names()
        self.linking = Linking(self.elements, self.imports, self.reading)
        self.model = self._model()

    def _check_names(self) -> None:
        known: set[str] = set()
        if sum(1 for _ in children(self.root, *DRG)) != len(self.elements):
            self.reading.doubt("two elements have the same id", self.root)
        for element in self.elements.values():
            name = name_of(element)
            if name in known:
                self.reading.doubt(f"the name '{name}' is given twice", element)
            known.add(name)

    def _model(self) -> DecisionModel:
        linked = self.linking
        linked.link()
        return DecisionModel(
            self.root.get("id") or "",
            self.root.get("name") or "",
            self.root.get("namespace") or "",
            NAMESPACES[etree.QName(self.root).namespace or ""],
            self.reading.file,
            MappingProxyType(linked.decisions),
            MappingProxyType(linked.functions),
            MappingProxyType(linked.services),
            tuple(table for table in self.reading.tables if isinstance(table, DecisionTable)),
            MappingProxyType(linked.inputs),
            tuple(self.reading.problems),
            MappingProxyType(_properties(self.root)),
        )


def _properties(root: etree._Element) -> dict[str, str]:
    """What the extension elements of the definitions say in properties of name and value, whoever's namespace it is."""
    extensions = child(root, "extensionElements")
    found = [] if extensions is None else [each for each in extensions.iter() if local_tag(each) == "property"]
    return {each.get("name") or "": each.get("value") or "" for each in found}
