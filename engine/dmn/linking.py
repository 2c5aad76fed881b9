"""From the elements of a file to decisions, functions and services that know what they require (DMN 1.5, 6.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from engine.dmn.boxed import box, function, logic_of, typed
from engine.dmn.elements import Decision, InputData, InputUse, Knowledge, Path, Service
from engine.dmn.imports import Imports
from engine.dmn.reading import NOTHING, Boxed, Reading
from engine.dmn.types import ANY, ItemType
from engine.dmn.xml import child, children, line_of, local_tag, name_of, spaced
from engine.feel import BUILTIN_NAMES

MAX_REQUIREMENTS = 200
"""Decisions in a row of requirements."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An element that another one refers to. ``path`` is how expressions name it; ``import_name`` None for one of the
    same file.
    """

    path: Path
    element: InputData | Decision | Knowledge | Service
    import_name: str | None = None


class Linking:
    """The elements of one file, linked on demand and each once."""

    def __init__(self, elements: Mapping[str, etree._Element], imports: Imports, reading: Reading) -> None:
        self.elements = elements
        self.imports = imports
        self.reading = reading
        self.inputs: dict[str, InputData] = {}
        self.decisions: dict[str, Decision] = {}
        self.functions: dict[str, Knowledge] = {}
        self.services: dict[str, Service] = {}
        self._drafts: dict[str, tuple[Boxed, ItemType]] = {}
        self._open: list[str] = []
        self._names = frozenset(name_of(element) for element in elements.values())

    def link(self) -> None:
        """Everything, in the order of the file as far as requirements allow."""
        for identity, element in self.elements.items():
            if local_tag(element) == "inputData":
                self.inputs[identity] = InputData(
                    identity, name_of(element), self._type(element), spaced(element.get("name"))
                )
        for identity, element in self.elements.items():
            if local_tag(element) in ("decision", "businessKnowledgeModel"):
                self._drafts[identity] = self._draft(identity, element)
        for identity, element in self.elements.items():
            if local_tag(element) == "businessKnowledgeModel":
                self.functions[identity] = self._knowledge(identity, element)
            elif local_tag(element) == "decisionService":
                label = spaced(element.get("name"))
                kind = self._type(element)
                kind = kind.result or (ANY if kind.basic is not None and kind.basic.name == "function" else kind)
                self.services[identity] = Service(identity, name_of(element), label, line_of(element), kind)
        linked = [each for each, element in self.elements.items() if local_tag(element) == "decision"]
        for identity in linked:
            self._decision(identity)
        self.decisions = {identity: self.decisions[identity] for identity in linked if identity in self.decisions}
        for identity, each in self.functions.items():
            each.knowledge.extend(
                (found.path, found.element)
                for found in self._required(self.elements[identity], "requiredKnowledge")
                if isinstance(found.element, Knowledge | Service)
            )
        self._check_functions()
        for identity, service in self.services.items():
            self._service(service, self.elements[identity])

    def _type(self, element: etree._Element) -> ItemType:
        variable = child(element, "variable")
        return ANY if variable is None else self.reading.type_of(element, variable.get("typeRef"))

    def _draft(self, identity: str, element: etree._Element) -> tuple[Boxed, ItemType]:
        reading = self.reading.of(identity)
        name = name_of(element)
        if local_tag(element) == "decision":
            what = f"decision '{name}'"
            boxed, kind = box(logic_of(element), element, reading, what), self._type(element)
            return typed(boxed, kind, element, reading, f"{what} as a whole"), kind
        what = f"function '{name}'"
        logic = child(element, "encapsulatedLogic")
        kind = self._type(element)
        if kind.result is not None or (kind.basic is not None and kind.basic.name == "function"):
            kind = kind.result or ANY
        if logic is None:
            reading.doubt(f"{what} has no logic", element)
            return NOTHING, kind
        return function(logic, reading, what, kind), kind

    def _knowledge(self, identity: str, element: etree._Element) -> Knowledge:
        logic = child(element, "encapsulatedLogic")
        parameters = [] if logic is None else list(children(logic, "formalParameter"))
        names = tuple(spaced(each.get("name")) for each in parameters)
        types = tuple(self.reading.find_type(each.get("typeRef") or "Any") or ANY for each in parameters)
        problems = tuple(self.reading.broken.get(identity, ()))
        label = spaced(element.get("name"))
        closure = self._drafts[identity][0].closure
        return Knowledge(identity, name_of(element), label, names, types, closure, [], problems)

    def _check_functions(self) -> None:
        """A function sees its parameters and the functions it requires, nothing else: other names are misspelt."""
        for identity, each in self.functions.items():
            required = {path[0] for path, _ in each.knowledge}
            for name in sorted(self._drafts[identity][0].free - required - {each.name} - BUILTIN_NAMES):
                text = f"function '{each.name}' uses the unknown name '{name}'"
                self.reading.of(identity).doubt(text, self.elements[identity])

    def _decision(self, identity: str) -> Decision | None:
        """The decision, after the ones it requires; None, and a problem, where it requires itself."""
        if identity in self.decisions:
            return self.decisions[identity]
        element = self.elements[identity]
        name = name_of(element)
        if identity in self._open or len(self._open) > MAX_REQUIREMENTS:
            self.reading.of(identity).problem(f"decision '{name}' requires itself", element)
            return None
        self._open.append(identity)
        inputs = list(self._required(element, "requiredInput"))
        needed = list(self._required(element, "requiredDecision"))
        known = list(self._required(element, "requiredKnowledge"))
        self._open.pop()
        boxed, kind = self._drafts[identity]
        decisions = [(each.path, each.element) for each in needed if isinstance(each.element, Decision)]
        bound = {each.path[0] for each in (*needed, *known)}
        declared = {each.path[0] for each in inputs}
        free, possible = boxed.free - bound, boxed.possible - bound
        loose = (free | possible) - declared - self._names
        making: list[Decision] = []
        uses = [(each.path, each.element) for each in inputs if isinstance(each.element, InputData)]
        for each in needed:
            if isinstance(each.element, Decision):
                making += [one for one in (*each.element.making, each.element) if one not in making]
                uses += [
                    ((each.import_name, *path) if each.import_name else path, use.element)
                    for use in each.element.inputs
                    for path in use.paths
                ]
                free |= each.element.input_names
                possible |= each.element.possible_names
                loose |= each.element.undeclared
        used = _uses(uses)
        decision = Decision(
            identity,
            name,
            spaced(element.get("name")),
            self.reading.file,
            line_of(element),
            kind,
            boxed.closure,
            (free - {name for use in used for name in (".".join(path) for path in use.paths)})
            | {use.name for use in used},
            possible,
            frozenset(loose),
            tuple(used),
            tuple((each.path, each.element) for each in inputs if isinstance(each.element, InputData)),
            tuple(decisions),
            tuple(making),
            tuple((each.path, each.element) for each in known if isinstance(each.element, Knowledge | Service)),
            tuple(self.reading.broken.get(identity, ())),
            _reads((*inputs, *needed)),
        )
        self.decisions[identity] = decision
        return decision

    def _required(self, element: etree._Element, tag: str) -> Iterator[Reference]:
        """What the requirements of an element point at."""
        for requirement in children(element, "informationRequirement", "knowledgeRequirement"):
            for target in children(requirement, tag):
                found = self._target(target, tag)
                if found is not None:
                    yield found

    def _target(self, reference: etree._Element, tag: str) -> Reference | None:
        kinds: tuple[type, ...] = _KINDS[tag]
        href = reference.get("href") or ""
        elsewhere = self.imports.element(href)
        if elsewhere is not None:
            name, loaded, identity = elsewhere
            element = loaded.linking.find(identity)
            if isinstance(element, kinds) and element is not None:
                return Reference((name, element.name) if name else (element.name,), element, name)
        else:
            identity = href.rpartition("#")[2]
            element = self.find(identity)
            if isinstance(element, kinds) and element is not None:
                return Reference((element.name,), element)
            if element is None and identity in self.elements and Decision in kinds:
                return None  # it requires itself, which was said there
        self.reading.doubt(f"'{href}' is no {_WORDS[tag]} of this model", reference)
        return None

    def find(self, identity: str) -> InputData | Decision | Knowledge | Service | None:
        """The element of this id, linked."""
        for things in (self.inputs, self.functions, self.services, self.decisions):
            if identity in things:
                return things[identity]
        if identity in self.elements and local_tag(self.elements[identity]) == "decision":
            return self._decision(identity)
        return None

    def _service(self, service: Service, element: etree._Element) -> None:
        def targets(tag: str) -> list[Reference]:
            return [found for each in children(element, tag) if (found := self._target(each, tag)) is not None]

        for reference in (*targets("inputData"), *targets("inputDecision")):
            if isinstance(reference.element, InputData | Decision):
                service.parameters.append((reference.element.name, reference.element))
        service.outputs.extend(each.element for each in targets("outputDecision") if isinstance(each.element, Decision))
        if not service.outputs:
            self.reading.doubt(f"decision service '{service.name}' has no output decision", element)
        given = [each for _, each in service.parameters]
        for output in service.outputs:
            _encapsulated(output, given, service.making)


def _encapsulated(decision: Decision, given: list[InputData | Decision], making: list[Decision]) -> None:
    """Add the decision, after those that it needs and that are not given, to what a service makes."""
    if decision in given or decision in making:
        return
    for _, required in decision.required:
        _encapsulated(required, given, making)
    making.append(decision)


def _reads(references: tuple[Reference, ...]) -> tuple[tuple[str, int], ...] | None:
    if any(len(each.path) > 1 for each in references):
        return None
    return tuple((each.path[0], id(each.element)) for each in references)


def _uses(found: list[tuple[Path, InputData]]) -> list[InputUse]:
    paths: dict[int, tuple[InputData, list[Path]]] = {}
    for path, element in found:
        known = paths.setdefault(id(element), (element, []))[1]
        if path not in known:
            known.append(path)
    return [InputUse.of(element, tuple(each)) for element, each in paths.values()]


_KINDS: Mapping[str, tuple[type, ...]] = {
    "requiredInput": (InputData,),
    "inputData": (InputData,),
    "requiredDecision": (Decision,),
    "inputDecision": (Decision,),
    "outputDecision": (Decision,),
    "requiredKnowledge": (Knowledge, Service),
}
_WORDS = {
    "requiredInput": "inputData",
    "inputData": "inputData",
    "requiredDecision": "decision",
    "inputDecision": "decision",
    "outputDecision": "decision",
    "requiredKnowledge": "businessKnowledgeModel or decisionService",
}
