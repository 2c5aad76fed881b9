"""What changed between two deployed versions of a process."""

from __future__ import annotations

from sqlalchemy import select

from engine.errors import NotFound
from engine.kernel.difference import Difference, differences
from engine.model.definition import ProcessDefinition, Resource
from engine.runtime import Work


def definition_diff(work: Work, key: str, before: int, after: int) -> tuple[Difference, ...]:
    """The differences from version ``before`` to version ``after`` of process ``key``; see `differences`.

    What is deployed is not secret: everybody signed in may see it. One statement. Raises `NotFound`.
    """
    wanted = select(ProcessDefinition.version, Resource.body).join(
        Resource, Resource.id == ProcessDefinition.resource_id
    )
    rows = work.session.execute(
        wanted.where(ProcessDefinition.key == key, ProcessDefinition.version.in_((before, after)))
    )
    files: dict[int, bytes] = dict(rows.all())
    for version in (before, after):
        if version not in files:
            raise NotFound("There is no such version of this process.", definition=f"{key[:64]}:{version}")
    return differences(files[before], files[after], key)
