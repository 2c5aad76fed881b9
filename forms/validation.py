"""Validates a submission: the schema first, then what depends on other fields.

Order: types and limits; what is hidden, computed and only shown (`forms.settling`); nothing submitted for hidden
fields; required fields, computed limits, options and files; cross-field rules. A rule is left out while a field it
names has an error of its own, so nobody reads two complaints about one mistake. A rule is broken when it is false; when
it is null although everything it names is filled in, or when it names something nobody knows, it counts as broken too:
a typing error in a form must not open a door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from marshmallow import Schema, ValidationError

from engine.feel import Expression, FeelError
from forms.definition import Field, FieldKind, Rule, flat
from forms.messages import Complaint
from forms.moments import HOUSE_ZONE
from forms.schema import offered
from forms.settling import Node, Row, Surroundings, conditions, settle
from forms.values import chosen, flatten


class FileFacts(Protocol):
    """What is known of an uploaded file."""

    @property
    def name(self) -> str:
        """The file's name."""

    @property
    def media_type(self) -> str:
        """What was found in it."""


_DEEP = 8
"""Computed from computed from ...: how far a doubt is followed."""

Documents = Callable[[Sequence[str]], Mapping[str, FileFacts]]
"""(ids) -> those that are documents of the case."""


@dataclass(slots=True)
class Submission:
    """One validation under way: the complaints by field path, and the documents that the submission names."""

    documents: Documents | None
    complaints: list[tuple[str, Complaint]] = field(default_factory=list)
    files: Mapping[str, FileFacts] = field(default_factory=dict)

    def complain(self, path: str, code: str, **arguments: object) -> None:
        """Note a complaint."""
        self.complaints.append((path, Complaint(code, arguments)))

    def faulty(self, path: str) -> bool:
        """Whether the field or something in it has a complaint."""
        return any(where == path or where.startswith((f"{path}.", f"{path}[")) for where, _ in self.complaints)


def validate(
    form_fields: tuple[Field, ...],
    rules: tuple[Rule, ...],
    schema: Schema,
    data: Mapping[str, object],
    around: Surroundings,
    documents: Documents | None = None,
) -> tuple[Row, list[tuple[str, Complaint]]]:
    """(cleaned values, complaints); ``schema`` is that of the fields, ``rules`` are those of the form as a whole.

    Every field has its key in the result: None (a box: False) when empty or hidden. ``documents`` None: files are not
    looked for.
    """
    work = Submission(documents)
    try:
        typed: Row = schema.load(_without_read_only(form_fields, data), partial=True)
    except ValidationError as problem:
        work.complaints += flatten(problem.messages)
        # What was right is kept, so that the rules on it can be told in the same answer.
        typed = problem.valid_data if isinstance(problem.valid_data, dict) else {}
    root = settle(form_fields, typed, around)
    nodes = list(root.nodes())
    work.files = _files(work, nodes)
    _forget_locked(work, nodes)
    for node in nodes:
        for entry in flat(node.fields):
            _check(work, node, entry)
    for node in nodes:
        for entry, hides in conditions(node.fields):
            if entry.rules and not any(node.decide(hide) is True for hide in hides):
                for rule in entry.rules:
                    _apply(work, rule, node, node.at(entry.key))
    for rule in rules:
        _apply(work, rule, root, "")
    return root.values, work.complaints


def _without_read_only(form_fields: tuple[Field, ...], data: Mapping[str, object]) -> Row:
    """Computed and read-only values may be sent along (form-js does); what they say is not looked at."""
    kinds = {entry.key: entry for entry in flat(form_fields)}
    kept: Row = {}
    for key, value in data.items():
        entry = kinds.get(key)
        if entry is None:
            kept[key] = value
        elif entry.kind is FieldKind.COMPUTED or entry.read_only is True:
            continue
        elif entry.kind is FieldKind.GROUP and isinstance(value, Mapping):
            kept[key] = _without_read_only(entry.fields, value)
        elif entry.kind is FieldKind.ROWS and isinstance(value, list):
            kept[key] = [_without_read_only(entry.fields, row) if isinstance(row, Mapping) else row for row in value]
        else:
            kept[key] = value
    return kept


def _files(work: Submission, nodes: list[Node]) -> Mapping[str, FileFacts]:
    """The documents that the submission names, asked for once."""
    if work.documents is None:
        return {}
    ids: list[str] = []
    for node in nodes:
        for entry in flat(node.fields):
            if entry.kind is FieldKind.FILES and isinstance(value := node.values[entry.key], list):
                ids += value
    return work.documents(list(dict.fromkeys(ids))) if ids else {}


def _forget_locked(work: Submission, nodes: list[Node]) -> None:
    """What is wrong with a value that is not looked at is nobody's business."""
    locked = {node.at(key) for node in nodes for key in node.locked}
    if locked:
        work.complaints = [entry for entry in work.complaints if entry[0] not in locked]


def _check(work: Submission, node: Node, entry: Field) -> None:
    here, value = node.at(entry.key), node.values[entry.key]
    if entry.key in node.hidden:
        if not _blank(node.given.get(entry.key)):
            work.complain(here, "hidden")
        return
    if entry.read_only is True or entry.key in node.locked or work.faulty(here):
        return
    required = entry.required
    if isinstance(required, Expression):
        required = node.decide(required) is True
    # As in the browser: a box that must be ticked is not filled in while it is not.
    missing = value is False if entry.kind is FieldKind.FLAG else _empty(node.given.get(entry.key))
    if required and missing and entry.computed is None:
        work.complain(here, "required")
    elif entry.fixed_rows is not None:
        _check_rows(work, node, entry)
    elif not _empty(value):
        _check_value(work, node, entry, here, value)


def _check_rows(work: Submission, node: Node, entry: Field) -> None:
    before = node.case.get(entry.key)
    expected = len(before) if isinstance(before, list | tuple) else entry.fixed_rows
    if len(node.values[entry.key]) != expected:
        work.complain(node.at(entry.key), "fixed-rows", number=expected)


def _check_value(work: Submission, node: Node, entry: Field, here: str, value: Any) -> None:
    for name, expression in entry.bounds.items():
        _check_bound(work, node, here, (name, expression), value)
    if entry.limits.future and isinstance(value, date):
        _check_future(work, node, here, value)
    if entry.options is not None and entry.options.expression is not None:
        offers = offered(node.decide(entry.options.expression))
        try:
            several = isinstance(value, list)
            node.values[entry.key] = [chosen(item, offers) for item in value] if several else chosen(value, offers)
        except ValidationError as problem:
            work.complaints += flatten(problem.messages, here)
    if entry.kind is FieldKind.FILES:
        _check_files(work, node, entry, here, value)


def _check_bound(work: Submission, node: Node, here: str, bound: tuple[str, Expression], value: object) -> None:
    name, expression = bound
    limit = node.decide(expression)
    if not isinstance(limit, Decimal | int) or isinstance(limit, bool):
        if all(node.knows(known) and not _empty(node.meaning(known)) for known in expression.names):
            work.complain(here, "limit-undecided")
        elif unknown := sorted(known for known in expression.names if not node.knows(known)):
            work.complain(here, "rule-unknown", name=unknown[0])
        return
    size = len(value) if isinstance(value, str) else value
    if not isinstance(size, Decimal | int):
        return
    codes = {"min": "least", "max": "most", "minLength": "min-length", "maxLength": "max-length"}
    if size < limit if name.startswith("min") else size > limit:
        shown = f"{limit:f}" if isinstance(limit, Decimal) else str(limit)
        work.complain(here, codes[name], **{"least" if name.startswith("min") else "most": shown})


def _check_future(work: Submission, node: Node, here: str, value: date) -> None:
    now = node.around.now
    if now is None:
        work.complain(here, "rule-unknown", name="now")
        return
    day = value.astimezone(HOUSE_ZONE).date() if isinstance(value, datetime) else value
    if day < now.astimezone(HOUSE_ZONE).date():
        work.complain(here, "past")


def _check_files(work: Submission, node: Node, entry: Field, here: str, ids: list[str]) -> None:
    several = entry.several
    if isinstance(several, Expression):
        several = node.decide(several) is True
    if not several and len(ids) > 1:
        work.complain(here, "max-items", most=1)
    if work.documents is None:
        return
    for number, found in enumerate(work.files.get(id_) for id_ in ids):
        if found is None:
            work.complain(f"{here}[{number}]", "no-document", value=ids[number])
        elif entry.accept and not any(_is_of(found, kind) for kind in entry.accept):
            work.complain(f"{here}[{number}]", "not-accepted", value=found.name, kinds=", ".join(entry.accept))


def _is_of(file: FileFacts, kind: str) -> bool:
    if kind.startswith("."):
        return file.name.lower().endswith(kind)
    return file.media_type == kind or (kind.endswith("/*") and file.media_type.startswith(kind[:-1]))


def _apply(work: Submission, rule: Rule, node: Node, here: str) -> None:
    owners = {name: owner for name in rule.expression.names if (owner := node.owner(name)) is not None}
    if any(_in_doubt(work, owner, name) for name, owner in owners.items()):
        return
    if unknown := sorted(name for name in rule.expression.names if not node.knows(name)):
        work.complain(here, "rule-unknown", name=unknown[0])
        return
    try:
        scope = {name: node.meaning(name) for name in rule.expression.names}
        scope |= {name: node.meaning(name) for name in rule.expression.possible_names if node.knows(name)}
        verdict = rule.expression.evaluate(scope, now=node.around.now)
    except FeelError:
        verdict = None
    if verdict is False:
        work.complain(here, "rule", zh=rule.zh, en=rule.en)
    elif verdict is not True and not any(_empty(owner.values[name]) for name, owner in owners.items()):
        work.complain(here, "rule-undecided", zh=rule.zh, en=rule.en)


def _in_doubt(work: Submission, owner: Node, name: str, depth: int = 0) -> bool:
    """Whether a field has a complaint, or is computed from one that has."""
    if work.faulty(owner.at(name)):
        return True
    computed = next((entry.computed for entry in flat(owner.fields) if entry.key == name), None)
    if computed is None or depth > _DEEP:
        return False
    sources = ((source, owner.owner(source)) for source in computed.names)
    return any(found is not None and _in_doubt(work, found, source, depth + 1) for source, found in sources)


def _empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _blank(value: object) -> bool:
    """Whether nothing in ``value`` says anything: a hidden field may be sent along so."""
    if isinstance(value, Mapping):
        return all(_blank(item) for item in value.values())
    if isinstance(value, list | tuple):
        return all(_blank(item) for item in value)
    return _empty(value) or value is False
