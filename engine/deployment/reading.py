"""The files of a deployment, read and checked one by one. Pure: no database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from engine.deployment.decision_files import is_imported_only, read_decision_file
from engine.errors import InvalidInput, TooLarge
from engine.kernel.check import examine
from engine.kernel.definition import Definition, Node
from engine.kernel.findings import Finding, Severity
from engine.runtime import FormExamination, no_examination

BPMN, DMN, FORM = (".bpmn", ".bpmn20.xml"), (".dmn", ".dmn11.xml"), (".form",)
_LONGEST = 255
_MAX_FORM_BYTES = 1_000_000
_OF_ALL_FILES = frozenset({"execution/excludes-elsewhere", "execution/unknown-variable"})
"""One file does not know the tasks and forms of the others; `across` looks at all of them together."""


@dataclass(frozen=True, slots=True)
class ProcessFile:
    """An executable process found in ``file``; ``digest`` is that of the whole file."""

    key: str
    file: str
    digest: str
    definition: Definition

    @property
    def start_roles(self) -> tuple[str, ...]:
        """Who may start it: property ``startRoles``, else the role of the lane in which it begins without a trigger."""
        named = self.definition.properties.get("startRoles", "").replace(",", " ").split()
        if named:
            return tuple(dict.fromkeys(named))
        nodes = self.definition.nodes
        lanes = (nodes[entry].role for entry in self.definition.entries.get(None, ()))
        return tuple(dict.fromkeys(role for role in lanes if role))

    @property
    def start_form(self) -> str | None:
        """The form asked for at the start: property ``form`` of the start event, or ``startForm`` of the process."""
        own = next((node.properties["form"] for node in self.starts if node.properties.get("form")), None)
        return own or self.definition.properties.get("startForm") or None

    @property
    def starts(self) -> tuple[Node, ...]:
        """The start events of the process itself."""
        return tuple(self.definition.nodes[start] for start in self.definition.starts.get(None, ()))

    @property
    def excludes(self) -> dict[str, list[str]]:
        """Elements whose performers may not do an element, by that element."""
        nodes = self.definition.nodes.values()
        return {node.id: list(node.human.excludes) for node in nodes if node.human and node.human.excludes}


@dataclass(frozen=True, slots=True)
class OtherFile:
    """A decision or form found in ``file``. ``names`` are the variables that the decision reads, or those that the
    form's fields become. ``effective_from``: since when it counts, None for since it is deployed. ``broken``: what
    keeps the decision from being made.
    """

    key: str
    file: str
    digest: str
    name: str
    names: frozenset[str] = frozenset()
    effective_from: datetime | None = None
    broken: str | None = None


T = TypeVar("T", ProcessFile, OtherFile)


@dataclass(slots=True)
class Contents:
    """Everything the files hold, by key, and what was found wrong with them.

    ``dmn``: the bytes of all DMN files, which import each other. ``effective_from`` (aware): from when the decisions
    count that do not say it themselves. ``kept``: digests of the files that only others import.
    """

    processes: dict[str, ProcessFile] = field(default_factory=dict)
    decisions: dict[str, OtherFile] = field(default_factory=dict)
    forms: dict[str, OtherFile] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    files: tuple[str, ...] = ()
    dmn: Mapping[str, bytes] = field(default_factory=dict)
    effective_from: datetime | None = None
    kept: dict[str, str] = field(default_factory=dict)

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of each file that holds something, by name."""
        found = {each.file: each.digest for each in self.processes.values()}
        found.update((each.file, each.digest) for each in self.forms.values())
        return found | self.kept

    @property
    def refused(self) -> bool:
        """Whether anything found is an error."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def error(self, rule: str, file: str, message: str, advice: str = "", **place: object) -> None:
        """The deployment cannot be as it is."""
        self.findings.append(remark(rule, Severity.ERROR, file, message, advice, **place))


def remark(rule: str, severity: Severity, file: str, message: str, advice: str = "", **place: object) -> Finding:
    """A finding; ``place``: line, column, element, name, as far as known."""
    line, column = place.get("line") or 0, place.get("column") or 0
    element, name = place.get("element") or "", place.get("name") or ""
    return Finding(rule, severity, file, int(str(line)), int(str(column)), str(element), str(name), message, advice)


def read_files(
    files: Mapping[str, bytes],
    *,
    kernel: str,
    max_bytes: int,
    examine_form: FormExamination = no_examination,
    effective_from: datetime | None = None,
) -> Contents:
    """Read all ``files`` (name to bytes); every finding of every file is collected. ``effective_from`` (aware): from
    when the decisions count that do not say it themselves.

    Raises `InvalidInput` for no file or a name that is none, `TooLarge` for a file over ``max_bytes``.
    """
    if not files:
        raise InvalidInput("A deployment needs at least one file.", {"files": ["none was sent"]})
    contents = Contents(files=tuple(sorted(files)), dmn=dmn_files(files), effective_from=effective_from)
    for name, body in sorted(files.items()):
        if not name or len(name) > _LONGEST or not name.isprintable():
            raise InvalidInput("A file's name has 1 to 255 printable characters.", {"files": [name[:_LONGEST]]})
        if len(body) > max_bytes:
            raise TooLarge(f"{name} has {len(body)} bytes; at most {max_bytes} are accepted.", file=name)
        read_file(contents, name, body, kernel=kernel, max_bytes=max_bytes, examine_form=examine_form)
    return contents


def read_file(
    contents: Contents,
    name: str,
    body: bytes,
    *,
    kernel: str,
    max_bytes: int,
    examine_form: FormExamination = no_examination,
) -> None:
    """Add what one file holds, and what is wrong with it, to ``contents``; never raises for what it says."""
    digest = hashlib.sha256(body).hexdigest()
    if len(body) > max_bytes:
        text = f"the file has more than {max_bytes:,} bytes, the most that are accepted"
        contents.error("xml/too-large", name, text, "split the model")
    elif name.endswith(BPMN):
        _read_processes(contents, name, body, digest, kernel, max_bytes)
    elif name.endswith(DMN):
        _read_decisions(contents, name, body, digest)
    elif name.endswith(FORM):
        _read_form(contents, name, body, digest, examine_form)
    else:
        contents.error("deployment/kind", name, "the file is no process, decision or form", "use .bpmn, .dmn, .form")


def _read_processes(contents: Contents, file: str, body: bytes, digest: str, kernel: str, max_bytes: int) -> None:
    examined = examine(body, file=file, kernel=kernel, max_bytes=max_bytes)
    contents.findings += [each for each in examined.findings if each.rule not in _OF_ALL_FILES]
    for definition in examined.definitions:
        _add(contents, contents.processes, ProcessFile(definition.key, file, digest, definition))


def dmn_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The DMN files among ``files``, which may import each other."""
    return {name: body for name, body in files.items() if name.endswith(DMN)}


def _read_decisions(contents: Contents, file: str, body: bytes, digest: str) -> None:
    found = read_decision_file(file, body, contents.dmn, contents.effective_from)
    contents.findings += found.findings
    if found.decisions or is_imported_only(body, file):
        contents.kept[file] = digest
    for each in found.decisions:
        decision = OtherFile(each.key, file, found.digest, each.name, each.names, found.effective_from, each.broken)
        _add(contents, contents.decisions, decision)


def _read_form(contents: Contents, file: str, body: bytes, digest: str, examine: FormExamination) -> None:
    """The engine needs only the form's id; what its fields mean is checked by who renders and validates it."""
    if len(body) > _MAX_FORM_BYTES:
        contents.error("deployment/form", file, f"a form has at most {_MAX_FORM_BYTES} bytes")
        return
    try:
        form = json.loads(body)
    except (ValueError, RecursionError) as error:
        contents.error("deployment/form", file, f"the file is not JSON: {error}", line=getattr(error, "lineno", None))
        return
    key = form.get("id") if isinstance(form, dict) else None
    if not isinstance(key, str) or not 0 < len(key) <= _LONGEST or not isinstance(form.get("components"), list):
        contents.error("deployment/form", file, "the file is no form: it needs an id and a list of components")
        return
    contents.findings += examine(file, body)
    _add(contents, contents.forms, OtherFile(key, file, digest, key, frozenset(_fields(form["components"]))))


def _fields(components: list[object]) -> Iterator[str]:
    """The variables that the fields of a form become; a group without a path of its own adds those of its fields."""
    waiting = list(components)
    while waiting:
        component = waiting.pop()
        if not isinstance(component, dict):
            continue
        own = component.get("path") or component.get("key")
        if isinstance(own, str) and own:
            yield own.partition(".")[0]
        elif isinstance(component.get("components"), list):
            waiting += component["components"]


def _add(contents: Contents, known: dict[str, T], found: T) -> None:
    if found.key in known and known[found.key].file != found.file:
        other = known[found.key].file
        contents.error("deployment/twice", found.file, f"{found.key!r} stands in {other} too", element=found.key)
        return
    if len(found.key) > _LONGEST:
        contents.error("deployment/key", found.file, f"the id is longer than {_LONGEST} characters", element=found.key)
        return
    known[found.key] = found
