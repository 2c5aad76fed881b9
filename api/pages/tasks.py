"""The page of one task, and what people do on it."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from api.pages.task_page import task_page
from api.transaction import reads, work, writes_once
from engine.commands.add_comment import add_comment
from engine.commands.claim_task import claim_task
from engine.commands.complete_task import complete_task
from engine.commands.release_task import release_task
from engine.queries.task import task

blueprint = Blueprint("page_tasks", __name__, url_prefix="/tasks")


@blueprint.get("/<task_id>")
@reads
def show(task_id: str) -> str:
    """The whole page."""
    return render_template("tasks/page.html", page=task_page(task_id))


@blueprint.post("/<task_id>/claim")
@writes_once
def claim(task_id: str) -> str:
    """Take the task; its form becomes the person's."""
    claim_task(work(), task_id)
    work().session.flush()
    return _desk(task_id)


@blueprint.post("/<task_id>/release")
@writes_once
def release(task_id: str) -> str:
    """Give the task back to its role."""
    release_task(work(), task_id)
    work().session.flush()
    return _desk(task_id)


@blueprint.post("/<task_id>/complete")
@writes_once
def complete(task_id: str) -> str:
    """Finish a task that has no form; one with a form is sent by the form itself, to the API."""
    complete_task(work(), task_id, {})
    return _desk(task_id)


@blueprint.post("/<task_id>/comments")
@writes_once
def comment(task_id: str) -> str:
    """Say something about the case, at this task."""
    found = task(work(), task_id)
    add_comment(work(), found.root_id, request.form.get("text", ""), task_id=task_id)
    work().session.flush()
    return render_template("tasks/_talk.html", page=task_page(task_id))


def _desk(task_id: str) -> str:
    return render_template("tasks/_desk.html", page=task_page(task_id))
