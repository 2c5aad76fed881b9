"""Handler of the committee: who may sit in judgement on this case."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.model.identity import Membership, User
from engine.model.task import COMPLETED, UserTask
from engine.services import Handler, ServiceCall
from processes.services import inputs


def roster(call: ServiceCall, session: Session) -> Mapping[str, object]:
    """The committee members without those who worked on the case: who performed a task named in ``excluding``.

    Gives ``roster``: ``[{label, value}]``, the value being the user name, ordered by it. The engine refuses an excluded
    person anyway; leaving them out here means that nobody invites them.
    """
    excluding = call.variables.get("excluding")
    if not isinstance(excluding, list | tuple):
        raise inputs.InputFault("input 'excluding' must be a list of task ids")
    involved = select(UserTask.completed_by).where(
        UserTask.root_id == call.root_id, UserTask.element.in_(excluding), UserTask.status == COMPLETED
    )
    acted_for = select(UserTask.on_behalf_of).where(
        UserTask.root_id == call.root_id,
        UserTask.element.in_(excluding),
        UserTask.status == COMPLETED,
        UserTask.on_behalf_of.is_not(None),
    )
    members = (
        select(User.name, User.display_name)
        .join(Membership, Membership.user == User.name)
        .where(Membership.role == inputs.text(call.variables, "role"), User.disabled.is_(False))
        .where(User.name.not_in(involved), User.name.not_in(acted_for))
        .distinct()
        .order_by(User.name)
    )
    return {"roster": [{"label": shown, "value": name} for name, shown in session.execute(members)]}


HANDLERS = (Handler("committee.roster", local=roster),)
