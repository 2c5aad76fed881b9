"""The diagram of one instance: the drawing in the page's language, and how far each element has come, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from api.pages import people_shown
from api.pages.case_file import CaseFile, loops_of, ref_of
from api.pages.case_words import KINDS, STATES, STATUSES
from api.pages.language import language, local
from api.pages.people_shown import display_name
from api.pages.shown import exact, moment
from api.transaction import work
from engine.drawing import drawing
from engine.kernel.definition import Node
from engine.queries.case_file import calls_of, open_tasks
from engine.queries.diagram import ElementState, element_states
from engine.queries.instances import InstanceView
from engine.queries.model_names import ModelNames, node_name
from engine.queries.task import TaskView
from engine.queries.waits import JobWait, MessageWait, SignalWait, waits

AHEAD = "ahead"
TIMER = "timer"


@dataclass(frozen=True, slots=True)
class DrawnElement:
    """One element of the drawing, in words. ``due``: instants of the timers that wait there; ``awaited``: icons
    and words of messages and signals; ``tasks``: its open tasks; ``calls``: (id, status) of the instances it called,
    the newest first.
    """

    id: str
    name: str
    kind: str
    state: str
    counts: str
    seen: ElementState | None
    due: tuple[datetime, ...] = ()
    awaited: tuple[tuple[str, str], ...] = ()
    tasks: tuple[TaskView, ...] = ()
    calls: tuple[tuple[str, str], ...] = ()

    @property
    def notable(self) -> bool:
        """Whether something happened or waits here."""
        return self.seen is not None or bool(self.due or self.awaited)


def drawn_elements(root: InstanceView, shown: InstanceView, page: CaseFile | None = None) -> tuple[DrawnElement, ...]:
    """The elements of the instance ``shown`` of the case ``root`` in the order of the file.

    ``page`` saves reading again what the case's page has read.
    """
    current = work()
    definition = ModelNames.of(current).definition(ref_of(shown))
    if page is not None and shown.id == root.id:
        states = page.states
    else:
        states = element_states(current, shown, loops=loops_of(definition))
    waiting = waits(current, root.id) if page is None else page.waits
    listening: list[MessageWait | SignalWait] = [*waiting.messages, *waiting.signals]
    of_case = open_tasks(current, root) if page is None else page.tasks
    tasks = [task for task in of_case if task.instance_id == shown.id]
    calls = calls_of(current, shown)
    people_shown.know([*(state.actor for state in states.values()), *(task.assignee for task in tasks)])
    return tuple(
        _drawn(
            node,
            states.get(node.id),
            [job for job in waiting.jobs if (job.instance_id, job.element, job.kind) == (shown.id, node.id, TIMER)],
            [each for each in listening if (each.instance_id, each.element) == (shown.id, node.id)],
            [task for task in tasks if task.element == node.id],
            calls.get(node.id, []),
        )
        for node in definition.nodes.values()
    )


def _drawn(
    node: Node,
    seen: ElementState | None,
    timers: list[JobWait],
    awaited: list[MessageWait | SignalWait],
    tasks: list[TaskView],
    calls: list[tuple[str, str]],
) -> DrawnElement:
    name = node_name(node)
    kind = str(KINDS[node.kind])
    return DrawnElement(
        id=node.id,
        name=local(name.zh, name.en) or kind,
        kind=kind,
        state=AHEAD if seen is None else seen.state,
        counts="" if seen is None else counts_text(seen),
        seen=seen,
        due=tuple(timer.due for timer in timers),
        awaited=tuple(_awaited(each) for each in awaited),
        tasks=tuple(tasks),
        calls=tuple(calls),
    )


def _awaited(wait: MessageWait | SignalWait) -> tuple[str, str]:
    if isinstance(wait, SignalWait):
        return "signal", str(_("Signal %(name)s", name=wait.name))
    return "comment", str(_("Message %(name)s", name=wait.name))


def counts_text(seen: ElementState) -> str:
    """How often it was visited, and how that ended, as one phrase."""
    parts = [
        ngettext("passed once", "passed %(num)d times", seen.passed) if seen.passed else "",
        ngettext("%(num)d under way", "%(num)d under way", seen.current) if seen.current else "",
        ngettext("cut off once", "cut off %(num)d times", seen.cancelled) if seen.cancelled else "",
        ngettext("ended by an error once", "ended by an error %(num)d times", seen.errors) if seen.errors else "",
        ngettext("%(num)d incident", "%(num)d incidents", seen.incidents) if seen.incidents else "",
    ]
    return str(_(", ")).join(part for part in parts if part)


def diagram_document(root: InstanceView, shown: InstanceView) -> dict[str, Any]:
    """The JSON document of the browser's diagram: ``xml``, and ``elements`` by id, all texts in the page's language."""
    definitions = ModelNames.of(work())
    definition = definitions.definition(ref_of(shown))
    lang = language()
    xml = definitions.definitions.cache.kept(
        ("drawing", definition.digest, lang), lambda: drawing(definition.xml, lang)
    )
    return {
        "instance": shown.id,
        "xml": xml,
        "elements": {element.id: _element(element) for element in drawn_elements(root, shown)},
    }


def _element(element: DrawnElement) -> dict[str, Any]:
    seen = element.seen
    return {
        "name": element.name,
        "kind": element.kind,
        "state": element.state,
        "stateText": str(STATES[element.state]),
        "counts": element.counts,
        "visits": 0 if seen is None else seen.passed + seen.current + seen.cancelled + seen.errors,
        "facts": [] if seen is None else _facts(element, seen),
        "due": [{"short": _short(due), "text": exact(due)} for due in element.due],
        "awaited": [text for _icon, text in element.awaited],
        "tasks": [{"id": task.id, "name": local(task.name, task.name_en)} for task in element.tasks],
        "calls": [{"id": id, "status": str(STATUSES.get(status, status))} for id, status in element.calls[:5]],
    }


def _facts(element: DrawnElement, seen: ElementState) -> list[dict[str, str]]:
    """Label and value of what one wants to know about the latest visit."""
    found = [(_("Last entered"), _plain(seen.entered_at))]
    if seen.left_at is not None:
        found.append((_("Left"), _plain(seen.left_at)))
    if seen.actor is not None:
        found.append((_("Done by"), display_name(seen.actor)))
    holders = [display_name(task.assignee) for task in element.tasks if task.assignee]
    if holders:
        found.append((_("Held by"), _(", ").join(dict.fromkeys(holders))))
    dues = [_plain(task.due) for task in element.tasks if task.due]
    if dues:
        found.append((_("Due"), _(", ").join(dict.fromkeys(dues))))
    return [{"label": label, "value": value} for label, value in found]


def _plain(instant: datetime) -> str:
    return moment(instant).striptags()


def _short(instant: datetime) -> str:
    """Month, day and minute, as a badge has room for; the year when it is another one."""
    text = _plain(instant)
    return text[5:] if text[:4] == _plain(work().now)[:4] else text
