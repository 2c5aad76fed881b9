"""DMN XML to a `DecisionModel`: everything is parsed and resolved here, and every problem reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from lxml import etree

from engine.dmn.boxed import box, function, logic_of
from engine.dmn.errors import ModelInvalid
from engine.dmn.model import Decision, DecisionModel, InputData, Service
from engine.dmn.read_types import TypeCatalog
from engine.dmn.reading import Boxed, Reading
from engine.dmn.types import ANY
from engine.dmn.xml import NAMESPACES, child, children, line_of, name_of, parse
from engine.feel import BUILTIN_NAMES

MAX_REQUIREMENTS = 200
"""Decisions in a row of requirements."""


def load(xml: bytes, *, source: str = "") -> DecisionModel:
    """Read a model of DMN 1.1 to 1.5. ``source`` names the file in messages.

    Raises `DmnError` for XML that is malformed or hostile or not DMN, and `ModelInvalid` with all problems for a
    model that could not be executed as it is meant.
    """
    root = parse(xml, source)
    model = _Model(root, source)
    result = model.read()
    if model.reading.problems:
        raise ModelInvalid(tuple(model.reading.problems), source)
    return result


@dataclass(frozen=True, slots=True)
class _Draft:
    """A decision or function before its requirements are resolved."""

    element: etree._Element
    name: str
    boxed: Boxed
    decisions: tuple[str, ...]
    inputs: tuple[str, ...]
    knowledge: tuple[str, ...]


class _Model:
    """The state of reading one file."""

    def __init__(self, root: etree._Element, source: str) -> None:
        self.root = root
        self.types = TypeCatalog(root)
        self.elements = self._identified()
        names = {name_of(element) for element in self.elements.values()} | self.types.component_names()
        self.reading = Reading(source, root.get("id") or "", frozenset(names), self.types.find)
        self.drafts: dict[str, _Draft] = {}

    def _identified(self) -> dict[str, etree._Element]:
        """The elements that can be required, by id (or name, where a file leaves the id out)."""
        kinds = ("inputData", "decision", "businessKnowledgeModel", "decisionService")
        return {each.get("id") or each.get("name") or "": each for each in children(self.root, *kinds)}

    def read(self) -> DecisionModel:
        """The model; incomplete if there are problems."""
        self.types.resolve_all(self.reading)
        for element in children(self.root, "import"):
            self.reading.problem(f"imports are not supported: {element.get('namespace')}", element)
        self._check_names()
        for identity, element in self.elements.items():
            if element.tag.endswith("}decision") or element.tag.endswith("}businessKnowledgeModel"):
                self.drafts[identity] = self._draft(identity, element)
        self._check_functions()
        decisions = {key: self._decision(key, draft) for key, draft in self.drafts.items() if self._is(key, "decision")}
        functions = {draft.name: draft.boxed.closure for key, draft in self.drafts.items() if key not in decisions}
        services = {
            name_of(e): self._service(key, e) for key, e in self.elements.items() if self._is(key, "decisionService")
        }
        return DecisionModel(
            self.root.get("id") or "",
            self.root.get("name") or "",
            NAMESPACES[etree.QName(self.root).namespace or ""],
            self.reading.file,
            MappingProxyType(decisions),
            MappingProxyType(functions),
            MappingProxyType(services),
        )

    def _is(self, identity: str, kind: str) -> bool:
        return etree.QName(self.elements[identity]).localname == kind

    def _check_names(self) -> None:
        known: set[str] = set()
        count = sum(
            1 for _ in children(self.root, "inputData", "decision", "businessKnowledgeModel", "decisionService")
        )
        if count != len(self.elements):
            self.reading.problem("two elements have the same id", self.root)
        for element in self.elements.values():
            name = name_of(element)
            if name in known:
                self.reading.problem(f"the name '{name}' is given twice", element)
            known.add(name)

    def _check_functions(self) -> None:
        """A function sees its parameters and the functions it requires, nothing else: other names are misspelt."""
        for identity, draft in self.drafts.items():
            if self._is(identity, "businessKnowledgeModel"):
                unknown = draft.boxed.free - self._library(identity) - {draft.name} - BUILTIN_NAMES
                for name in sorted(unknown):
                    self.reading.problem(f"function '{draft.name}' uses the unknown name '{name}'", draft.element)

    def _draft(self, identity: str, element: etree._Element) -> _Draft:
        reading = self.reading.of(identity)
        name = name_of(element)
        if self._is(identity, "decision"):
            what = f"decision '{name}'"
            boxed = box(logic_of(element, reading), element, reading, what)
        else:
            what = f"function '{name}'"
            logic = child(element, "encapsulatedLogic")
            if logic is None:
                reading.problem(f"{what} has no logic", element)
            boxed = function(element if logic is None else logic, reading, what)
        return _Draft(
            element,
            name,
            boxed,
            tuple(self._required(element, "requiredDecision", "decision")),
            tuple(self._required(element, "requiredInput", "inputData")),
            tuple(self._required(element, "requiredKnowledge", "businessKnowledgeModel", "decisionService")),
        )

    def _required(self, element: etree._Element, tag: str, *kinds: str) -> Iterable[str]:
        """Ids that the requirements of an element point at."""
        for requirement in children(element, "informationRequirement", "knowledgeRequirement"):
            for target in children(requirement, tag):
                identity = self._target(target, *kinds)
                if identity is not None:
                    yield identity

    def _target(self, reference: etree._Element, *kinds: str) -> str | None:
        href = reference.get("href") or ""
        identity = href.rpartition("#")[2]
        if identity in self.elements and any(self._is(identity, kind) for kind in kinds):
            return identity
        self.reading.problem(f"'{href}' is no {' or '.join(kinds)} of this model", reference)
        return None

    def _order(self, identity: str, stop: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """The required decisions, each after the ones it requires; a cycle is a problem."""
        order: list[str] = []
        open_ones: list[str] = []

        def visit(each: str) -> None:
            if each in order or each in stop:
                return
            if each in open_ones or len(open_ones) > MAX_REQUIREMENTS:
                draft = self.drafts[each]
                self.reading.problem(f"decision '{draft.name}' requires itself", draft.element)
                return
            open_ones.append(each)
            for required in self.drafts[each].decisions:
                visit(required)
            open_ones.pop()
            order.append(each)

        visit(identity)
        return tuple(order[:-1])

    def _library(self, identity: str) -> frozenset[str]:
        """Names of the functions that an element requires, and that those require."""
        found: list[str] = []
        waiting = list(self.drafts[identity].knowledge)
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.append(each)
                if each in self.drafts:
                    waiting += self.drafts[each].knowledge
        return frozenset(name_of(self.elements[each]) for each in found)

    def _decision(self, identity: str, draft: _Draft) -> Decision:
        order = self._order(identity)
        free: frozenset[str] = frozenset()
        possible: frozenset[str] = frozenset()
        inputs: dict[str, InputData] = {}
        for each in (*order, identity):
            part = self.drafts[each]
            bound = {self.drafts[required].name for required in part.decisions} | self._library(each)
            free |= part.boxed.free - bound
            possible |= part.boxed.possible - bound
            inputs |= {key: self._input(key) for key in part.inputs}
        declared = frozenset(each.name for each in inputs.values())
        variable = child(draft.element, "variable")
        kind = ANY if variable is None else self.reading.type_of(draft.element, variable.get("typeRef"))
        return Decision(
            identity,
            draft.name,
            line_of(draft.element),
            kind,
            free | declared,
            possible,
            tuple(inputs.values()),
            draft.decisions,
            order,
            self._library(identity),
            draft.boxed.closure,
        )

    def _input(self, identity: str) -> InputData:
        element = self.elements[identity]
        variable = child(element, "variable")
        kind = ANY if variable is None else self.reading.type_of(element, variable.get("typeRef"))
        return InputData(identity, name_of(element), kind)

    def _service(self, identity: str, element: etree._Element) -> Service:
        def targets(tag: str, kind: str) -> list[str]:
            return [key for each in children(element, tag) if (key := self._target(each, kind)) is not None]

        given = targets("inputDecision", "decision") + targets("inputData", "inputData")
        outputs = targets("outputDecision", "decision")
        if not outputs:
            self.reading.problem(f"decision service '{name_of(element)}' has no output decision", element)
        order: list[str] = []
        for output in outputs:
            order += [each for each in self._order(output, frozenset(given)) if each not in order]
        parameters = tuple((key, name_of(self.elements[key])) for key in given)
        return Service(identity, name_of(element), parameters, tuple(outputs), tuple(order))
