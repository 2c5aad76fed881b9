"""What only all files of a deployment together show: names that lead nowhere, variables nobody writes, duties."""

from __future__ import annotations

from engine.deployment.reading import Contents
from engine.deployment.references import Known, check_references
from engine.kernel.findings import Finding


def check_across(contents: Contents, known: Known) -> list[Finding]:
    """The findings about the files together. ``known`` is what exists beside them."""
    return check_references(contents, known)


def check_empty(contents: Contents) -> None:
    """Add a finding when there is nothing to deploy."""
    if not contents.refused and not (contents.processes or contents.decisions or contents.forms):
        contents.error(
            "deployment/empty",
            ", ".join(contents.files),
            "there is nothing executable in the files",
            "deploy at least one process, decision or form",
        )
