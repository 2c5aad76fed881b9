"""SpiffWorkflow's script engine on compiled FEEL: nothing is evaluated from text, nothing runs as Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from engine.kernel.definition import Definition
from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.variables import condition, evaluate, write
from engine.kernel.machine.work import Work
from engine.kernel.scope import ROOT


class FeelEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]  # SpiffWorkflow has no types
    """Evaluates the condition of a flow and runs the script of an element, both named by their id.

    Variables are those of the instance, not the copies that SpiffWorkflow keeps in its tasks: its branches would carry
    stale ones back into a join, and its merge lets a script change the data of finished tasks.
    """

    def __init__(self, definition: Definition, work: Work) -> None:
        super().__init__()
        self._nodes = definition.nodes
        self._work = work
        self._conditions = {
            flow.id: flow.condition
            for node in definition.nodes.values()
            for flow in node.outgoing
            if flow.condition is not None
        }

    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> bool:
        """Whether the condition of the flow with that id is true. Raises `StepFailure`."""
        return condition(self._work, ROOT, self._conditions[expression], f"condition of '{expression}'")

    def execute(self, script: str, context: Any, external_context: Any = None) -> bool:
        """Runs the script of the element with that id. Raises `StepFailure`."""
        task = self._nodes[script].script
        assert task is not None  # noqa: S101 - the deployment check refuses script tasks without one
        value = evaluate(self._work, ROOT, task.expression, "script")
        if task.result_variable is not None:
            write(self._work, ROOT, {task.result_variable: value}, script)
        elif isinstance(value, Mapping):
            write(self._work, ROOT, value, script)
        else:
            raise StepFailure(Code.BAD_VALUE, "a script without result variable must give a context")
        return True


class FeelEngine(PythonScriptEngine):  # type: ignore[misc]  # SpiffWorkflow has no types
    """Hands everything to the environment and lets its failures through as they are."""

    def validate(self, expression: Any) -> None:
        """Everything was compiled at deployment."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        """See `FeelEnvironment.evaluate`."""
        return bool(self.environment.evaluate(expression, {}))

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        """See `FeelEnvironment.execute`."""
        return bool(self.environment.execute(script, {}))

    def call_service(self, task: Any, **given: Any) -> Any:
        """Services are requested by effects; SpiffWorkflow calls none."""
        raise StepFailure(Code.JOB, "services are called by the engine, not by SpiffWorkflow")
