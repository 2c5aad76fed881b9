"""The standard processes of the financing lifecycle, with their decision tables and forms, as package data.

One folder per process: ``*.bpmn``, ``*.dmn``, ``scenarios/*.yaml``, ``README.md``. Forms lie in the package ``forms``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from forms import packaged_form, packaged_form_ids

_MODELS = (".bpmn", ".dmn")


@dataclass(frozen=True, slots=True)
class PackagedProcess:
    """One folder: ``key`` is its name, ``resources`` maps file names to the bytes of its BPMN and DMN files."""

    key: str
    resources: Mapping[str, bytes]


def packaged() -> tuple[PackagedProcess, ...]:
    """All packaged processes in the order of the lifecycle."""
    folders = sorted((entry for entry in files("processes").iterdir() if entry.is_dir()), key=lambda entry: entry.name)
    found = (PackagedProcess(folder.name, _models(folder)) for folder in folders)
    return tuple(process for process in found if process.resources)


def packaged_files() -> dict[str, bytes]:
    """Everything that is deployed together: models by file name, and every form. File names are unique."""
    content: dict[str, bytes] = {}
    for process in packaged():
        content |= process.resources
    return content | {f"{form_id}.form": packaged_form(form_id) for form_id in packaged_form_ids()}


def _models(folder: Traversable) -> dict[str, bytes]:
    models = (entry for entry in folder.iterdir() if entry.name.endswith(_MODELS))
    return {entry.name: entry.read_bytes() for entry in sorted(models, key=lambda entry: entry.name)}
