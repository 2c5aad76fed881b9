"""What tests of the engine are built from: small processes, and a house that plays them with the fixed cast."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from engine.access import SYSTEM, Principal
from engine.commands.claim_task import claim_task
from engine.commands.complete_task import Completed, complete_task
from engine.commands.deploy import Deployed, deploy
from engine.commands.start_instance import start_instance
from engine.model.audit import AuditEvent
from engine.model.instance import ProcessInstance
from engine.model.job import Job
from engine.model.task import OPEN, UserTask
from engine.queries.instances import InstanceView, instance, instance_variables
from engine.queries.task import TaskView, view
from engine.runtime import Sancha
from tests.cast import BRANCH, Cast
from tests.kernel.bpmn import flow, model, props


def task(id: str, *, name: str = "", attributes: str = "", inner: str = "", **properties: str) -> str:
    """A user task; ``properties`` are the house's (sla, excludes, ...)."""
    known = props(**properties) if properties else ""
    return f'<userTask id="{id}" name="{name or id}" {attributes}>{known}{inner}</userTask>'


def lanes(**members: str) -> str:
    """A lane set: role to the ids of its elements, separated by blanks."""
    found = "".join(
        f'<lane id="lane_{role}" name="{role}">'
        + "".join(f"<flowNodeRef>{member}</flowNodeRef>" for member in ids.split())
        + "</lane>"
        for role, ids in members.items()
    )
    return f'<laneSet id="lanes">{found}</laneSet>'


def process(key: str, body: str, *, root: str = "", properties: str = "") -> bytes:
    """A BPMN file with the process ``key``; ``properties`` is its extensionElements element."""
    return model(f"{properties}{body}", root=root, process=f'id="{key}" name="{key}" isExecutable="true"')


def in_a_row(*elements: str, ids: str) -> str:
    """A start event ``s``, the elements with ``ids`` (separated by blanks) one after the other, an end event ``e``."""
    path = ["s", *ids.split(), "e"]
    flows = "".join(flow(source, target) for source, target in pairwise(path))
    return f'<startEvent id="s"/>{"".join(elements)}<endEvent id="e"/>{flows}'


def one_task(key: str = "small", *, name: str = "", attributes: str = "", **properties: str) -> bytes:
    """RM starts, and does the one task ``ask``."""
    ask = task("ask", name=name, attributes=attributes, **properties)
    return process(key, lanes(RM="s ask e") + in_a_row(ask, ids="ask"))


def two_tasks(key: str = "pair", *, excludes: str = "", second: str = "REVIEWER") -> bytes:
    """RM does ``make``, then ``second`` does ``check``, which may exclude performers."""
    rules = {"excludes": excludes} if excludes else {}
    body = in_a_row(task("make"), task("check", **rules), ids="make check")
    roles = {"RM": "s make e check"} if second == "RM" else {"RM": "s make e", second: "check"}
    return process(key, lanes(**roles) + body)


def form(key: str = "ask-form", *fields: str) -> bytes:
    """A form file with text fields."""
    components = [{"type": "textfield", "key": field, "id": f"Field_{field}"} for field in fields]
    return json.dumps({"type": "default", "id": key, "schemaVersion": 18, "components": components}).encode()


@dataclass(frozen=True)
class House:
    """A wired engine and its cast."""

    sancha: Sancha
    cast: Cast

    def who(self, name: str) -> Principal:
        """A member of the cast; ``system`` is the engine itself."""
        return SYSTEM if name == "system" else self.cast[name]

    def deploy(
        self, *, by: str = "publisher-1", source: str = "manual", kernel: str = "machine", **files: bytes
    ) -> Deployed:
        """Deploy files; ``small_bpmn`` stands for ``small.bpmn``."""
        named = {".".join(name.rsplit("_", 1)): body for name, body in files.items()}
        with self.sancha.work(self.who(by)) as work:
            return deploy(work, name="test", files=named, source=source, kernel=kernel)

    def start(
        self, key: str, by: str = "rm-1", variables: Mapping[str, Any] | None = None, **more: Any
    ) -> InstanceView:
        """Start a case."""
        with self.sancha.work(self.who(by)) as work:
            return start_instance(work, key=key, variables=variables or {}, **more)

    def tasks(self, root_id: str) -> list[TaskView]:
        """The open tasks of a case, oldest first."""
        with self.sancha.work(SYSTEM, write=False) as work:
            found = select(UserTask).where(UserTask.root_id == root_id, UserTask.status == OPEN).order_by(UserTask.id)
            return [view(row) for row in work.session.scalars(found)]

    def task(self, root_id: str, element: str) -> TaskView:
        """The one open task at ``element``."""
        (found,) = [task for task in self.tasks(root_id) if task.element == element]
        return found

    def claim(self, task_id: str, by: str) -> TaskView:
        """Claim a task."""
        with self.sancha.work(self.who(by)) as work:
            return claim_task(work, task_id)

    def complete(self, task_id: str, by: str, variables: Mapping[str, Any] | None = None, **more: Any) -> Completed:
        """Complete a task."""
        with self.sancha.work(self.who(by)) as work:
            return complete_task(work, task_id, variables or {}, **more)

    def do(self, root_id: str, element: str, by: str, **variables: Any) -> Completed:
        """Claim and complete the one open task at ``element``."""
        task_id = self.task(root_id, element).id
        self.claim(task_id, by)
        return self.complete(task_id, by, variables)

    def case(self, root_id: str) -> InstanceView:
        """The case as it stands."""
        with self.sancha.work(SYSTEM, write=False) as work:
            return instance(work, root_id)

    def variables(self, instance_id: str) -> dict[str, object]:
        """The variables of a running instance."""
        with self.sancha.work(SYSTEM, write=False) as work:
            return instance_variables(work, instance_id)

    def jobs(self, root_id: str) -> list[Job]:
        """The jobs of a case, oldest first."""
        with self.sancha.work(SYSTEM, write=False) as work:
            return list(work.session.scalars(select(Job).where(Job.root_id == root_id).order_by(Job.id)))

    def instances(self, root_id: str) -> list[ProcessInstance]:
        """All instances of a case, the root first."""
        with self.sancha.work(SYSTEM, write=False) as work:
            found = select(ProcessInstance).where(ProcessInstance.root_id == root_id).order_by(ProcessInstance.scope)
            return list(work.session.scalars(found))

    def actions(self, stream: str) -> list[str]:
        """What the audit chain of a case says was done, in order."""
        with self.sancha.work(SYSTEM, write=False) as work:
            found = select(AuditEvent.action).where(AuditEvent.stream == stream).order_by(AuditEvent.seq)
            return list(work.session.scalars(found))

    def count(self, table: type[Any]) -> int:
        """How many rows a table has."""
        with self.sancha.work(SYSTEM, write=False) as work:
            return len(work.session.execute(select(table)).all())


__all__ = ["BRANCH", "House", "flow", "form", "in_a_row", "lanes", "one_task", "process", "props", "task", "two_tasks"]
