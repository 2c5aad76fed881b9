"""One instance on SpiffWorkflow's runtime during one `advance`: its task tree beside our tokens, waits and effects.

SpiffWorkflow moves tasks through its tree; after each move `reconcile` compares the tree with our tokens. A task that
is ready or waiting gets a token (and the effects of entering), a token whose task is over loses it (and leaves).
A token whose step failed keeps its task ready, so that a retry can run it again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.kernel.definition import Definition, Kind, Node, Terminate
from engine.kernel.effects import FlowTaken, InstanceEnded, StepEntered, StepLeft
from engine.kernel.errors import Code, UnsupportedValue
from engine.kernel.machine.cancel import end_token
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.incidents import fail
from engine.kernel.machine.tasks import open_task, request_service
from engine.kernel.machine.triggers import catch
from engine.kernel.machine.variables import everything
from engine.kernel.machine.waits import arm, disarm, used
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ROOT, Phase, Token, Wait
from engine.kernel.spiff.spec import SPLIT
from engine.kernel.spiff.tree import LIVE, drop_finished

MAX_STEPS = 2_000
"""Tasks run in one `advance`."""
_CUT_EVERY = 50

_PASSIVE = (Phase.CHILD, Phase.JOIN)
_ASKS: dict[Kind, Callable[[Work, Visit], None]] = {
    Kind.USER_TASK: open_task,
    Kind.MANUAL_TASK: open_task,
    Kind.SERVICE_TASK: request_service,
    Kind.SEND_TASK: request_service,
    Kind.CATCH_EVENT: catch,
    Kind.RECEIVE_TASK: catch,
}
"""What the token machine does to ask for what a token waits for."""


def answered_from_outside(node: Node) -> bool:
    """Whether a person or a handler completes the element. A manual task needs a person only when it has a role."""
    return node.kind in _ANSWERED and (node.kind is not Kind.MANUAL_TASK or node.asks)


_ANSWERED = frozenset({Kind.USER_TASK, Kind.MANUAL_TASK, Kind.SERVICE_TASK, Kind.SEND_TASK})


class Instance:
    """``tasks`` are SpiffWorkflow's tasks of our tokens, by number."""

    def __init__(self, definition: Definition, work: Work, workflow: BpmnWorkflow, tasks: dict[int, Task]) -> None:
        self.definition = definition
        self.work = work
        self.workflow = workflow
        self.tasks = tasks
        self.numbers: dict[Hashable, int] = {task.id: number for number, task in tasks.items()}
        self._terminated = False
        self._end_event: str | None = None

    def settle(self) -> None:
        """Runs everything that needs nobody, until only waits are left."""
        self.reconcile()
        for count in range(1, MAX_STEPS + 1):
            task = next(self._ready(), None)
            if task is None:
                self._end_or_fail()
                return
            self.run(task)
            if count % _CUT_EVERY == 0:
                drop_finished(self.workflow)
        task = next(self._ready(), None)
        if task is not None and (at := self.visit(task)) is not None:
            fail(self.work, at, Code.LOOP_LIMIT, f"more than {MAX_STEPS} steps without waiting for anything")

    def run(self, task: Task) -> None:
        """Runs one ready task; a failure leaves it ready and its token failed."""
        at = self.visit(task)
        try:
            task.run()
        except StepFailure as failure:
            self._failed(task, at, failure)
            return
        except Exception as problem:  # noqa: BLE001 - whatever SpiffWorkflow raises is an incident, not a crash
            self._failed(task, at, _explained(problem, task))
            return
        if at is not None and task.has_state(TaskState.COMPLETED):
            self._leave(at)
            self._flows(task, at.node)
            if at.node.kind is Kind.END_EVENT and at.node.parent is None:
                self._terminated = isinstance(at.node.event, Terminate)
                self._end_event = at.node.id
        self.reconcile()

    def visit(self, task: Task) -> Visit | None:
        """Our token of a task, or None for SpiffWorkflow's own tasks."""
        number = self.numbers.get(task.id)
        token = None if number is None else self.work.token(ROOT, number)
        return None if token is None else Visit(self.work, ROOT, token, self.definition.nodes[token.element])

    def reconcile(self) -> None:
        """Brings our tokens in line with SpiffWorkflow's tree."""
        for number, token in list(self.work.scope(ROOT).tokens.items()):
            task = self.tasks[number]
            if task.id not in task.workflow.tasks or not task.has_state(LIVE):
                self._cancelled(Visit(self.work, ROOT, token, self.definition.nodes[token.element]))
        for task in self._all():
            if task.id not in self.numbers and task.has_state(LIVE):
                self._appeared(task)
        self._boundaries_gone()

    def _all(self) -> Iterator[Task]:
        for workflow in (self.workflow, *self.workflow.subprocesses.values()):
            yield from list(workflow.tasks.values())

    def _ready(self) -> Iterator[Task]:
        for task in self._all():
            if task.has_state(TaskState.READY) and not task.workflow.completed:
                at = self.visit(task)
                if at is None or not (at.token.failed or answered_from_outside(at.node)):
                    yield task

    def _appeared(self, task: Task) -> None:
        node = self.definition.nodes.get(task.task_spec.bpmn_id or "")
        if node is None:
            return
        # A waiting boundary event is a wait of its host, a waiting join is not there yet.
        waits_without_token = node.kind in (Kind.BOUNDARY_EVENT, Kind.PARALLEL_GATEWAY)
        if not (waits_without_token and task.has_state(TaskState.WAITING)):
            self.enter(task, node)

    def enter(self, task: Task, node: Node) -> None:
        """Gives a task its token and asks for whatever it waits for."""
        number = self.work.next_number()
        phase = Phase.CHILD if task.has_state(TaskState.STARTED) else Phase.RUN
        self.work.put(ROOT, Token(number, node.id, phase, number))
        self.tasks[number] = task
        self.numbers[task.id] = number
        self.work.emit(StepEntered(ROOT, number, node.id, node.kind, ROOT))
        at = self.visit(task)
        assert at is not None  # noqa: S101 - just made
        self.open(at)

    def open(self, at: Visit) -> None:
        """Arms boundary events and asks the person, the handler or the outside world; after a retry what is missing."""
        armed = {wait.element for wait in self.work.scope(ROOT).waits.values() if wait.token == at.token.number}
        wanted = [id for id in at.node.boundary if id not in armed and self._may_fire(at.token.number, id)]
        asks = _ASKS.get(at.node.kind)
        needed = answered_from_outside(at.node) or self.tasks[at.token.number].has_state(TaskState.WAITING)
        try:
            arm(self.work, at, [self.definition.nodes[id] for id in wanted])
            if asks is not None and needed:
                asks(self.work, at)
        except StepFailure as failure:
            fail(self.work, at, failure.code, failure.message)

    def boundary_task(self, host: int, element: str) -> Task | None:
        """SpiffWorkflow's waiting task of the boundary event ``element`` on a token."""
        parent = self.tasks[host].parent
        children = [] if parent is None else parent.children
        return next((child for child in children if child.task_spec.bpmn_id == element), None)

    def _may_fire(self, host: int, element: str) -> bool:
        task = self.boundary_task(host, element)
        return task is not None and task.has_state(TaskState.WAITING)

    def _boundaries_gone(self) -> None:
        for wait in list(self.work.scope(ROOT).waits.values()):
            boundary = self.definition.nodes[wait.element].kind is Kind.BOUNDARY_EVENT
            if boundary and not self._may_fire(wait.token, wait.element):
                self.triggered(wait)

    def triggered(self, wait: Wait) -> None:
        """The wait is over: its event happened, or can no longer happen."""
        used(self.work, ROOT, wait, repeats=False)

    def _leave(self, at: Visit) -> None:
        disarm(self.work, at)
        self.work.emit(StepLeft(ROOT, at.token.step, at.node.id, "completed"))
        self.work.take(at)

    def _cancelled(self, at: Visit) -> None:
        end_token(self.work, at)
        self.work.emit(StepLeft(ROOT, at.token.step, at.node.id, "cancelled"))
        self.work.take(at)

    def _flows(self, task: Task, node: Node) -> None:
        for child in task.children:
            target = child.task_spec.bpmn_id or child.task_spec.name.removesuffix(SPLIT)
            for flow in node.outgoing:
                if flow.target == target:
                    self.work.emit(FlowTaken(ROOT, flow.id))

    def _failed(self, task: Task, at: Visit | None, failure: StepFailure) -> None:
        task._set_state(TaskState.READY)
        if at is None:
            raise failure
        fail(self.work, at, failure.code, failure.message)

    def _end_or_fail(self) -> None:
        scope = self.work.scope(ROOT)
        if self.workflow.completed:
            for token in list(scope.tokens.values()):
                self._cancelled(Visit(self.work, ROOT, token, self.definition.nodes[token.element]))
            outcome = "terminated" if self._terminated else "completed"
            self.work.emit(InstanceEnded(ROOT, outcome, self._end_event, everything(self.work, ROOT)))
        elif all(token.phase in _PASSIVE and not token.failed for token in scope.tokens.values()):
            self._stuck()

    def _stuck(self) -> None:
        """Nothing can move any more: the joins that wait fail, instead of waiting for ever."""
        for task in self._all():
            node = self.definition.nodes.get(task.task_spec.bpmn_id or "")
            if node is None or node.kind is not Kind.PARALLEL_GATEWAY or not task.has_state(TaskState.WAITING):
                continue
            if task.id not in self.numbers:
                self.enter(task, node)
            at = self.visit(task)
            if at is not None:
                message = f"the join {node.id} waits, and no token is left to come"
                fail(self.work, at, Code.JOIN_STUCK, message, Phase.JOIN)


def _explained(problem: Exception, task: Task) -> StepFailure:
    if isinstance(problem, UnsupportedValue):
        return StepFailure(Code.BAD_VALUE, str(problem))
    if isinstance(problem, WorkflowException) and isinstance(task.task_spec, ExclusiveGateway):
        message = f"no condition of {task.task_spec.bpmn_id} is true, and it has no default flow"
        return StepFailure(Code.NO_FLOW, message)
    return StepFailure(Code.EXPRESSION, f"SpiffWorkflow: {type(problem).__name__}: {problem}")
