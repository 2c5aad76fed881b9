"""The forms that come with the product: one file per form id, beside this code."""

from __future__ import annotations

from importlib.resources import files

SUFFIX = ".form"


def packaged_form_ids() -> tuple[str, ...]:
    """The ids of all packaged forms, sorted."""
    names = (entry.name for entry in files("forms").iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def packaged_form(form_id: str) -> bytes:
    """The file of ``form_id``. Raises KeyError when there is none."""
    if form_id not in packaged_form_ids():
        raise KeyError(form_id)
    return (files("forms") / f"{form_id}{SUFFIX}").read_bytes()
