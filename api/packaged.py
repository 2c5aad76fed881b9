"""Deploys the processes that come with the package, where nobody has deployed something of their own."""

from __future__ import annotations

import structlog

from engine.access import SYSTEM
from engine.commands.deploy import deploy
from engine.runtime import Sancha
from processes import packaged_files
from processes.organisation import insert_standard_roles

log = structlog.get_logger("sancha.packaged")


def deploy_packaged(sancha: Sancha) -> None:
    """Insert the standard roles and deploy the packaged files in one transaction; safe at every start.

    Unchanged files make no new version, and a key that somebody deployed themselves is left alone.
    """
    with sancha.work(SYSTEM) as work:
        insert_standard_roles(work.session)
        deployed = deploy(work, name="packaged", files=packaged_files(), source="packaged")
    new = [f"{item.key}:{item.version}" for item in deployed.definitions if item.new]
    log.info("packaged.deployed", new=len(new))
