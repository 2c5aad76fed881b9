"""Deployments for administrators: what was put into force, what runs in it, and what changed between two versions."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, Response, request

from api.pages import people_shown
from api.pages.case_words import KINDS
from api.pages.operations_frame import PAGE_SIZE, administrators_only, cursor, page, text
from api.pages.operations_words import ATTRIBUTES, CHANGES, PARTS, SOURCES
from api.transaction import reads, work
from engine.errors import InvalidInput
from engine.queries.definition_diff import definition_diff
from engine.queries.definitions import deployed_in, deployments, running_versions
from engine.queries.model_names import ModelNames

blueprint = Blueprint("page_operations_deployments", __name__, url_prefix="/operations/deployments")


@blueprint.get("")
@reads
def list_deployments() -> Response:
    """Deployments, newest first, with the process versions they brought and what runs in each."""
    administrators_only()
    found = deployments(work(), cursor=cursor(), limit=PAGE_SIZE)
    people_shown.know(each.deployed_by for each in found.items)
    known = {
        "brought": deployed_in(work(), [each.id for each in found.items]),
        "running": running_versions(work()),
        "names": ModelNames.of(work()),
        "sources": SOURCES,
    }
    return page("operations/deployments.html", "deployments", page=found, **known)


@blueprint.get("/compare")
@reads
def compare() -> Response:
    """What changed between two versions of a process; without versions in the address, the latest two."""
    administrators_only()
    names = ModelNames.of(work())
    processes = names.definitions.catalogue.processes
    key = text("key")
    versions = [row.version for row in processes.by_key.get(key, ())]
    known: dict[str, Any] = {"key": key, "versions": versions, "keys": sorted(processes.by_key), "names": names}
    if versions:
        known["after"] = _version("after", versions[-1])
        known["before"] = _version("before", max(known["after"] - 1, versions[0]))
        found = definition_diff(work(), key, known["before"], known["after"])
        known["groups"] = [(element, list(each)) for element, each in groupby(found, lambda each: each.element)]
    known |= {"kinds": KINDS, "parts": PARTS, "attributes": ATTRIBUTES, "changes": CHANGES}
    return page("operations/compare.html", "deployments", **known)


def _version(name: str, default: int) -> int:
    given = request.args.get(name, "")
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise InvalidInput(f"{given[:16]!r} is no version.", {name: ["a number"]})
    return int(given)
