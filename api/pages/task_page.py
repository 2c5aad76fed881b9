"""One task as its page and the inbox's preview show it: form, facts, conversation, what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.json_format import instant
from api.pages import people_shown
from api.pages.fact_values import name_documents
from api.pages.form_texts import form_texts
from api.pages.frame import works_on_cases
from api.pages.language import language, local
from api.pages.sentences import Said, said
from api.transaction import work
from engine.queries.case_history import HistoryFilter, HistoryRow, case_history
from engine.queries.comments import CommentView, comments
from engine.queries.documents import DocumentView, documents
from engine.queries.instances import InstanceView, instance, instance_variables
from engine.queries.model_names import ModelNames
from engine.queries.task import form_of
from engine.queries.task_desk import TaskDesk, task_desk
from forms.browser import browser_data
from forms.localise import FormHeading, heading, localise
from processes.facts import FactGroup, facts_of

_EARLIER = 8
_COMMENTS = 20
_COMPARES_ACCOUNTS = ("P07_pay_make", "P07_pay_check", "P07_reconcile")
"""Tasks whose holder compares account numbers digit by digit; everybody else sees the last four."""


@dataclass(frozen=True, slots=True)
class TaskPage:
    """What the templates need. ``barred``: why the person may not do it, in words. ``form``: the JSON block of the
    browser's form, None for a task without one. ``earlier``: what people did before, newest first.
    """

    desk: TaskDesk
    barred: Said | None
    may_comment: bool
    case: InstanceView
    process: str
    heading: FormHeading
    form: dict[str, Any] | None
    facts: tuple[FactGroup, ...]
    earlier: tuple[HistoryRow, ...]
    names: ModelNames
    comments: tuple[CommentView, ...]
    documents: tuple[DocumentView, ...]


def task_page(task_id: str) -> TaskPage:
    """The task in the language of the page. Raises `NotFound`."""
    current = work()
    desk = task_desk(current, task_id)
    task = desk.task
    root = instance(current, task.root_id)
    names = ModelNames.of(current)
    process = names.process(f"{task.definition_key}:{task.definition_version}")
    talk = comments(current, root.id, limit=_COMMENTS).items
    files = documents(current, root.id, limit=200).items
    steps = case_history(current, root, HistoryFilter(group="tasks", outcome="completed"), cursor=None, limit=_EARLIER)
    people_shown.know(
        [
            *(row.actor for row in steps.items),
            *(row.on_behalf_of for row in steps.items),
            *(each.written_by for each in talk),
            *(each.uploaded_by for each in files),
            *(task.assignee, task.completed_by, root.started_by),
        ]
    )
    name_documents(files)
    title, form = _form(desk, files)
    return TaskPage(
        desk=desk,
        barred=None if desk.barred is None else said(desk.barred),
        may_comment=works_on_cases(current.principal) and root.ended_at is None,
        case=root,
        process=local(process.zh, process.en),
        heading=title,
        form=form,
        facts=facts_of(
            current.session,
            task.business_key,
            # The whole case knows more than the process that the task is in, which was given only what it needs.
            {**instance_variables(current, root.id), **desk.variables} if desk.variables else {},
            whole_accounts=task.element in _COMPARES_ACCOUNTS and desk.complete,
        ),
        earlier=steps.items,
        names=names,
        comments=talk,
        documents=files,
    )


def _form(desk: TaskDesk, files: tuple[DocumentView, ...]) -> tuple[FormHeading, dict[str, Any] | None]:
    task = desk.task
    if task.form is None:
        return FormHeading(local(task.name, task.name_en), None, None), None
    schema = form_of(work(), task.id)
    lang = language()
    return heading(schema, lang), {
        "schema": localise(schema, lang),
        "data": browser_data(schema, desk.variables),
        "draft": desk.draft if desk.complete else None,
        "drafted_at": instant(desk.drafted_at) if desk.drafted_at else None,
        "documents": [{"id": file.id, "name": file.name, "size": file.size} for file in files],
        "language": lang,
        "texts": form_texts(),
    }
