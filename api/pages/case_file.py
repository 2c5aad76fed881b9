"""One case as its page shows it: where it stands, who has it, what it waits for, its money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages import people_shown
from api.pages.frame import works_on_cases
from api.pages.language import local
from api.transaction import work
from engine.kernel.definition import Definition
from engine.queries.case_file import open_tasks, refs_of
from engine.queries.comments import CommentView, comments
from engine.queries.diagram import ElementState, element_states, troubled_elements
from engine.queries.documents import DocumentView, documents
from engine.queries.incidents import IncidentFilter, IncidentView, incidents
from engine.queries.instances import InstanceFilter, InstanceView, instance, instances
from engine.queries.model_names import ModelName, ModelNames
from engine.queries.page import Page
from engine.queries.task import TaskView
from engine.queries.waits import Waits, waits
from processes.registers import case_rows
from processes.stages import StageState, stage_states, stages_of

CHILDREN = 50
FILES = 50
COMMENTS = 50
_RUNNING = ("active", "suspended")


@dataclass(frozen=True, slots=True)
class Money:
    """The register rows of the case, columns by name; ``financing`` and ``client`` are single ones."""

    client: Mapping[str, Any]
    financing: Mapping[str, Any]
    drawdowns: list[dict[str, Any]]
    payees: dict[str, list[dict[str, Any]]]
    orders: dict[str, list[dict[str, Any]]]
    ledger: list[dict[str, Any]]
    visits: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Elements:
    """Names of elements of the case's instances."""

    names: ModelNames
    refs: Mapping[str, str]

    def name(self, instance_id: str | None, element: str) -> ModelName:
        """The element's name, its id for an instance that is not among those asked for."""
        ref = self.refs.get(instance_id or "")
        return ModelName(element, None) if ref is None else self.names.element(ref, element)

    def label(self, instance_id: str | None, element: str) -> str:
        """The element in the page's language; one on the edge of an activity together with that, to tell them apart."""
        name = self.name(instance_id, element)
        text = local(name.zh, name.en) or element
        ref = self.refs.get(instance_id or "")
        node = None if ref is None else self.names.definition(ref).nodes.get(element)
        if node is None or node.attached_to is None:
            return text
        around = self.name(instance_id, node.attached_to)
        return f"{local(around.zh, around.en) or node.attached_to} · {text}"


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What the templates need. ``states`` are those of the root's elements; ``end``: the name of the end event that the
    case reached. ``may_add``: whether the person may attach documents and write comments.
    """

    root: InstanceView
    names: ModelNames
    definition: Definition
    states: Mapping[str, ElementState]
    stages: tuple[StageState, ...]
    end: ModelName | None
    tasks: tuple[TaskView, ...]
    incidents: tuple[IncidentView, ...]
    waits: Waits
    elements: Elements
    money: Money | None
    children: Page[InstanceView]
    documents: Page[DocumentView]
    comments: Page[CommentView]
    may_add: bool


def case_file(root: InstanceView) -> CaseFile:
    """The case of ``root`` (as `instance` gave it). The number of statements does not depend on its size."""
    current = work()
    names = ModelNames.of(current)
    definition = names.definition(ref_of(root))
    tasks = open_tasks(current, root)
    troubles = incidents(current, IncidentFilter(root_id=root.id)).items
    waiting = waits(current, root.id)
    found = children(root, None)
    files, talk = documents(current, root.id, limit=FILES), comments(current, root.id, limit=COMMENTS)
    money = money_of(root)
    people_shown.know(
        [
            *(root.started_by, root.changed_by),
            *(task.assignee for task in tasks),
            *(each.started_by for each in found.items),
            *(each.uploaded_by for each in files.items),
            *(each.written_by for each in talk.items),
        ]
    )
    states = element_states(current, root, loops=loops_of(definition))
    mentioned = [
        *(each.instance_id for each in troubles),
        *(each.instance_id for each in waiting.messages),
        *(each.instance_id for each in waiting.signals),
        *(each.instance_id for each in waiting.jobs),
    ]
    return CaseFile(
        root=root,
        names=names,
        definition=definition,
        states=states,
        stages=stage_states(definition, states, troubled_elements(current, root)) if stages_of(definition) else (),
        end=None if root.end_event is None else names.element(ref_of(root), root.end_event),
        tasks=tasks,
        incidents=troubles,
        waits=waiting,
        elements=Elements(names, refs_of(current, root, mentioned)),
        money=money,
        children=found,
        documents=files,
        comments=talk,
        may_add=may_add(root),
    )


def root_of(root_id: str) -> InstanceView:
    """The case, or what it called, with this id. Raises `NotFound` when the person may not see it."""
    return instance(work(), root_id)


def ref_of(found: InstanceView) -> str:
    """``key:version`` of its process."""
    return f"{found.definition_key}:{found.definition_version}"


def may_add(root: InstanceView) -> bool:
    """Whether the person may attach documents and write comments: while it runs, those who work on cases."""
    return works_on_cases(work().principal) and root.status in _RUNNING


def children(root: InstanceView, cursor: str | None) -> Page[InstanceView]:
    """A page of the instances of the case without its root, the newest first."""
    page = instances(work(), InstanceFilter(root_id=root.id), cursor=cursor, limit=CHILDREN)
    return Page(tuple(each for each in page.items if each.parent_id is not None), page.next)


def loops_of(definition: Definition) -> list[str]:
    """The multi-instance elements of a process."""
    return [node.id for node in definition.nodes.values() if node.loop is not None]


def money_of(root: InstanceView) -> Money | None:
    """The case's register rows; None for a case that is no financing.

    A business key may be chosen at the start, so rows that were written for another case are not this one's.
    """
    rows = case_rows(work().session, root.business_key)
    if not rows["financing"] or rows["financing"][0]["root_id"] != root.id:
        return None
    return Money(
        client=rows["client"][0],
        financing=rows["financing"][0],
        drawdowns=rows["drawdown"],
        payees=_by(rows["drawdown_payee"], "drawdown_id"),
        orders=_by(rows["payment_instruction"], "payee_id"),
        ledger=rows["ledger_entry"],
        visits=rows["visit"],
    )


def _by(rows: list[dict[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found
