"""A form: what a person fills in for a task, read from a file and checked on the server by that same file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from marshmallow import Schema

from engine.errors import FormRefused
from forms.definition import Field, Problem, Rule
from forms.reading import read_file
from forms.schema import build_schema, depends_on_case
from forms.settling import Surroundings
from forms.validation import Documents, validate


@dataclass(frozen=True, slots=True)
class FieldError:
    """One complaint about one field (``payees[0].amount``); ``code`` is stable, ``zh`` and ``en`` are for people."""

    path: str
    code: str
    zh: str
    en: str


class FormErrors(FormRefused):
    """The submission does not satisfy the form; ``found`` has every complaint, ``errors`` the same by field path."""

    def __init__(self, form: str, found: Sequence[FieldError]) -> None:
        by_path: dict[str, list[object]] = {}
        for error in found:
            by_path.setdefault(error.path, []).append({"code": error.code, "zh": error.zh, "en": error.en})
        super().__init__(f"form {form}: {len(found)} complaints, first {found[0].path}: {found[0].en}", by_path)
        self.found = tuple(found)


@dataclass(frozen=True, slots=True)
class Form:
    """``id`` is the form's id in the file; ``fields`` in document order; ``rules`` are those of the form as a whole.
    ``remarks``: what the designer should know although the form can be used.

    ``fixed`` is the schema of a form whose options depend on nothing: it is made once, because making it takes longer
    than checking a submission.
    """

    id: str
    name: str
    name_en: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()
    remarks: tuple[Problem, ...] = field(default=(), compare=False, repr=False)
    fixed: Schema | None = field(default=None, compare=False, repr=False)

    def schema(self, variables: Mapping[str, object] | None = None) -> Schema:
        """The marshmallow schema of a submission; ``variables`` give the options that depend on the case."""
        return build_schema(self.fields, variables or {}) if self.fixed is None else self.fixed

    def validate(
        self,
        data: Mapping[str, object],
        variables: Mapping[str, object],
        *,
        now: datetime | None = None,
        documents: Documents | None = None,
    ) -> dict[str, Any]:
        """The typed values of all fields (None: empty or hidden), computed ones included. Raises `FormErrors`.

        ``variables`` are those visible from the task; ``now`` is business time (aware) for rules that say ``today()``
        or ``now()``, which without it cannot be decided and are complained about. ``documents`` finds the case's
        documents by id; None does not look whether there are any.
        """
        around = Surroundings(variables, now)
        clean, complaints = validate(self.fields, self.rules, self.schema(variables), data, around, documents)
        if complaints:
            found = [FieldError(path, entry.code, entry.zh, entry.en) for path, entry in complaints]
            raise FormErrors(self.id, found)
        return clean


def load_form(data: bytes | Mapping[str, object]) -> Form:
    """Reads a form-js file (its bytes, or the parsed JSON). Raises `FormDefinitionError`."""
    file = read_file(data)
    form = Form(file.id, file.name, file.name_en, file.fields, file.rules, file.remarks)
    return form if depends_on_case(form.fields) else replace(form, fixed=form.schema())
