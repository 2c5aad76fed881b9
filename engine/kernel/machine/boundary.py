"""Boundary events: armed once around an activity, whatever it is and however often it is repeated inside."""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.definition import Node
from engine.kernel.effects import StepLeft
from engine.kernel.machine.cancel import end_token
from engine.kernel.machine.waits import arm
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase
from engine.kernel.values import Json


def arm_boundary(work: Work, at: Visit) -> None:
    """Sets the timers and subscriptions of the activity's boundary events. Raises `StepFailure`."""
    nodes = work.definition_of(at.scope).nodes
    arm(work, at, [nodes[id] for id in at.node.boundary])


def interrupt(
    work: Work, at: Visit, node: Node, payload: Mapping[str, Json], outcome: str = "cancelled", thrower: str = ""
) -> None:
    """Ends the activity with all that is open in it; its token goes on at the boundary event ``node``.

    ``thrower``: the scope from which an error came; the called instances around it ended as failed.
    """
    end_token(work, at, thrower)
    work.emit(StepLeft(at.instance, at.token.step, at.node.id, outcome))
    work.take(at)
    work.begin(at.scope, node, Phase.OUTPUTS, payload)
