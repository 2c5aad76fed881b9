"""SpiffWorkflow's task trees in a stored state: without specs, data and history, and with ids that are not random.

Each workflow (the process and its open subprocesses) is a list of tasks ``[parent, state, spec, number]`` in the order
in which they were made: ``parent`` is an index into the list (-1: none), ``number`` that of our token (0: none).

`cut` drops what is over. SpiffWorkflow never does: its tree grows with every round of a loop until its recursion fails.
Needed are the tasks that are not over, a boundary split whose join is still to come with the tasks directly below it,
because the join looks for them, and superseded arrivals at a join that still waits, because the join counts them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.kernel.spiff.spec import Specs

LIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED
"""States of tasks that were reached and are not over."""

Json = Any
"""Lists, objects, strings and whole numbers."""


def new_workflow(specs: Specs, engine: Any) -> BpmnWorkflow:
    """A workflow that has not run yet."""
    return BpmnWorkflow(specs.process, specs.subprocesses, script_engine=engine)


def dump(workflow: BpmnWorkflow, numbers: Mapping[Hashable, int]) -> Json:
    """The trees as JSON; ``numbers`` are our tokens by task id."""
    drop_finished(workflow)
    places: dict[Hashable, list[int]] = {}
    stored = [_dump_tree(workflow, 0, places, numbers)]
    for task_id, subprocess in workflow.subprocesses.items():
        stored.append([places[task_id], _dump_tree(subprocess, len(stored), places, numbers)])
    return stored


def _dump_tree(workflow: Any, place: int, places: dict[Hashable, list[int]], numbers: Mapping[Hashable, int]) -> Json:
    tasks: list[Json] = []
    index: dict[Hashable, int] = {}
    for task in workflow.tasks.values():
        index[task.id] = len(tasks)
        places[task.id] = [place, len(tasks)]
        parent = index.get(task._parent, -1)
        tasks.append([parent, int(task.state), task.task_spec.name, numbers.get(task.id, 0)])
    return tasks


def load(stored: Json, specs: Specs, engine: Any) -> tuple[BpmnWorkflow, dict[int, Task]]:
    """The workflow that `dump` stored, and the tasks of our tokens by number."""
    tokens: dict[int, Task] = {}
    workflow = BpmnWorkflow(specs.process, specs.subprocesses, script_engine=engine, deserializing=True)
    made = [_load_tree(stored[0], workflow, 0, tokens)]
    for (tree, place), tasks in stored[1:]:
        host = made[tree][place]
        spec = specs.subprocesses[host.task_spec.spec]
        subprocess = BpmnSubWorkflow(spec, host.id, workflow, deserializing=True)
        workflow.subprocesses[host.id] = subprocess
        subprocess.completed_event.connect(host.task_spec._on_subworkflow_completed, host)
        made.append(_load_tree(tasks, subprocess, len(made), tokens))
    return workflow, tokens


def _load_tree(stored: Json, workflow: Any, tree: int, tokens: dict[int, Task]) -> list[Task]:
    tasks: list[Task] = []
    for place, (parent, state, spec, number) in enumerate(stored):
        above = tasks[parent] if parent >= 0 else None
        task_id = (tree << 32) + place + 1  # any hashable will do; SpiffWorkflow would draw a random UUID
        task = Task(workflow, workflow.spec.task_specs[spec], above, state, task_id)
        tasks.append(task)
        if number:
            tokens[number] = task
    workflow.task_tree = tasks[0]
    workflow.last_task = tasks[0]
    return tasks


def drop_finished(workflow: BpmnWorkflow) -> None:
    """Drops finished subprocesses, and what `cut` drops in every tree."""
    hosts = dict(workflow.tasks)
    for task_id, subprocess in list(workflow.subprocesses.items()):  # outer ones come before those inside them
        host = hosts.get(task_id)
        if host is None or host.has_state(TaskState.FINISHED_MASK):
            del workflow.subprocesses[task_id]
        else:
            hosts.update(subprocess.tasks)
    cut(workflow)
    for subprocess in workflow.subprocesses.values():
        cut(subprocess)


def cut(workflow: Any) -> None:
    """Drops what is over; what is needed is hung under the nearest needed task above it, or the root."""
    tasks = list(workflow.tasks.values())
    needed = _needed(tasks)
    root = workflow.task_tree
    needed[root.id] = root
    if len(needed) == len(tasks):
        return
    above = {task.id: _nearest(task, needed) for task in tasks if task.id in needed and task is not root}
    workflow.tasks = {task.id: task for task in tasks if task.id in needed}
    for task in workflow.tasks.values():
        task.children = []
    for task_id, parent in above.items():
        workflow.tasks[task_id].parent = parent
        parent._child_added_notify(workflow.tasks[task_id])
    if workflow.last_task is None or workflow.last_task.id not in needed:
        workflow.last_task = root


def _needed(tasks: list[Task]) -> dict[Hashable, Task]:
    unfinished = [task for task in tasks if not task.has_state(TaskState.FINISHED_MASK)]
    waiting = {task.task_spec.name for task in unfinished if _is_join(task) and task.has_state(TaskState.WAITING)}
    needed = list(unfinished)
    for task in tasks:
        if task.task_spec.name in waiting and task.has_state(TaskState.WAITING | TaskState.CANCELLED):
            needed += [task, task.parent]
    for task in unfinished:
        if isinstance(task.task_spec, BoundaryEventJoin):
            needed += _up_to(task, task.task_spec.split_task)
        elif task.parent is not None and isinstance(task.parent.task_spec, BoundaryEventSplit):
            # The join looks at everything below its split.
            needed += [task.parent, *task.parent.children]
    return {task.id: task for task in needed}


def _is_join(task: Task) -> bool:
    return isinstance(task.task_spec, UnstructuredJoin)


def _up_to(task: Task, spec: str) -> list[Task]:
    """The nearest task of ``spec`` above a task, with its children; empty when there is none."""
    at = task.parent
    while at is not None and at.task_spec.name != spec:
        at = at.parent
    return [] if at is None else [at, *at.children]


def _nearest(task: Task, needed: dict[Hashable, Task]) -> Task:
    at = task.parent
    while at.id not in needed:
        at = at.parent
    return at
