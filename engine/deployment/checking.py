"""The check of a whole deployment against what this installation has; the same for deploying and for asking before."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from engine.catalogue import Catalogue
from engine.definitions import BoundDefinitions
from engine.deployment.across import check_across
from engine.deployment.duties import check_duties
from engine.deployment.reading import Contents
from engine.deployment.references import Known, fixed
from engine.deployment.starts import check_starts
from engine.execution.payload import readable
from engine.kernel.check.advice import advised
from engine.kernel.findings import Finding
from engine.model.identity import Role
from engine.runtime import Work


def check_together(work: Work, contents: Contents, catalogue: Catalogue) -> None:
    """Add what the files say about each other and about this installation, then let the house's configuration decide
    what counts.
    """
    contents.findings += check_across(contents, _known(work, catalogue, contents))
    contents.findings += check_duties(work, contents)
    check_starts(work, contents)
    contents.findings = work.sancha.lint.applied(contents.findings)


def as_json(finding: Finding) -> dict[str, object]:
    """A finding as a JSON object."""
    return {name: readable(value) for name, value in asdict(advised(finding)).items()}


def _known(work: Work, catalogue: Catalogue, contents: Contents) -> Known:
    house = work.sancha.lint
    broken = any(decision.broken for decision in contents.decisions.values())
    return Known(
        processes={*catalogue.processes.by_key, *house.called},
        decisions=set(catalogue.decisions.by_key),
        forms=set(catalogue.forms.by_key),
        topics={*work.sancha.handlers, *house.topics},
        asked=_asked(work, catalogue) if broken else (),
        roles={*work.session.scalars(select(Role.id)), *house.roles},
    )


def _asked(work: Work, catalogue: Catalogue) -> set[str]:
    """The decisions that the latest versions of the deployed processes ask for."""
    # Not by the work's epoch: this transaction has counted it on already, before it stores what makes it so.
    bound = BoundDefinitions(work.sancha.definitions, work.session, catalogue, work.sancha.working_time, work.now)
    latest = (catalogue.processes.latest(key) for key in catalogue.processes.by_key)
    nodes = (node for row in latest if row is not None for node in bound.get(row.ref).nodes.values())
    return {key for node in nodes if node.decision and (key := fixed(node.decision.decision))}
