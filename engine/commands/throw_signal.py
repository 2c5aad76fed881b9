"""A signal from outside: everybody who listens to its name hears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert

from engine.access import ADMIN, require
from engine.errors import InvalidInput
from engine.execution.payload import check_variables, readable
from engine.jobs.signals import Throw, count_listeners, throwing_job
from engine.model.job import Job
from engine.runtime import Work

_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Thrown:
    """What became of a signal. ``signal`` is the id of the job that spreads it, within a tick; ``instances`` counts the
    root instances that listen now, ``starts`` the start events. Each hears it in a transaction of its own.
    """

    signal: str
    instances: int
    starts: int


def throw_signal(work: Work, name: str, variables: Mapping[str, object]) -> Thrown:
    """Throw the signal ``name``, which carries ``variables``, at every instance that listens to it now and at every
    signal start event of that name. A suspended instance hears it when it is resumed, if it still listens then.

    ADMIN only. Raises `Forbidden`, and `InvalidInput` for a name or values that cannot be stored.
    """
    require(work.principal, ADMIN, "throw signals")
    if not (0 < len(name) <= _LONGEST and name.isprintable()):
        raise InvalidInput(
            "A signal's name has 1 to 255 printable characters.", {"name": ["wrong length or characters"]}
        )
    data = check_variables(variables, work.sancha.limits.variables_bytes)
    job = throwing_job(name, data, work.now)
    work.session.execute(insert(Job), [job])
    instances, starts = count_listeners(work.session, Throw(job["id"], name, work.now))
    thrown = Thrown(job["id"], instances, starts)
    work.sancha.audit.append_administration(
        work.session,
        at=work.now,
        actor=work.principal.name,
        action="signal:thrown",
        payload=readable({"signal": name, "throw": thrown.signal, "instances": instances, "variables": data}),
        on_behalf_of=work.on_behalf_of,
    )
    return thrown
