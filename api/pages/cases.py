"""The list of cases, and the file of one: where it stands, its diagram, children, documents, conversation, history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request

from api.pages import case_file, case_words, people_shown
from api.pages.case_diagram import diagram_document, drawn_elements
from api.pages.case_history import asked_history, history_part
from api.pages.case_words import masked, register_word
from api.pages.frame import is_htmx
from api.pages.language import local
from api.text import problems_of_text
from api.transaction import reads, work, writes_once
from engine.commands.add_comment import add_comment
from engine.errors import InvalidInput, NotFound
from engine.kernel.definition import Definition
from engine.queries.case_file import open_tasks
from engine.queries.case_list import CaseFilter, CaseRow, Standing, case_list
from engine.queries.comments import comments
from engine.queries.documents import documents
from engine.queries.instances import InstanceView
from engine.queries.model_names import ModelNames
from engine.queries.task import TaskView
from processes.stages import current_stages, stages_of

blueprint = Blueprint("cases", __name__, url_prefix="/cases")
PAGE_SIZE = 50
_LONGEST = 100
_TRIES = 12
"""How often a new case is looked at for its first task, about once a second."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list asks for; empty texts for what it leaves open."""

    text: str = ""
    status: str = ""
    process: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether a filter leaves something out."""
        return self != Asked()

    def address(self, **changes: str) -> str:
        """The list with these filters, changed by ``changes``; ``cursor`` may be added."""
        wanted = replace(self, **{name: value for name, value in changes.items() if name != "cursor"})
        given = {name: value for name in ("text", "status", "process") if (value := getattr(wanted, name))}
        if changes.get("cursor"):
            given["cursor"] = changes["cursor"]
        return f"/cases?{urlencode(given)}" if given else "/cases"


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list: the case, where it stands, and that in words."""

    case: CaseRow
    standing: Standing
    process: str
    stage: str


def _asked() -> Asked:
    given = {name: request.args.get(name, "").strip() for name in ("text", "status", "process")}
    if given["status"] and given["status"] not in case_words.STATUSES:
        raise InvalidInput(f"No case is {given['status'][:64]!r}.", {"status": sorted(case_words.STATUSES)})
    for name in ("text", "process"):
        if len(given[name]) > _LONGEST or problems_of_text(given[name]):
            raise InvalidInput(f"{name} cannot be searched for.", {name: ["too long or not printable"]})
    return Asked(**given)


@blueprint.get("")
@reads
def show_list() -> Response:
    """The cases one may see; for htmx the rows alone."""
    wanted, cursor = _asked(), request.args.get("cursor") or None
    names = ModelNames.of(work())
    page = case_list(
        work(),
        CaseFilter(status=wanted.status or None, process=wanted.process or None, text=wanted.text or None),
        cursor=cursor,
        limit=PAGE_SIZE,
    )
    people_shown.know(task.assignee for _, standing in page.items for task in standing.tasks)
    rows = [_listed(case, standing, names) for case, standing in page.items]
    known = {"asked": wanted, "rows": rows, "next": page.next, "words": case_words}
    if is_htmx() and request.headers.get("HX-Target") == "s-cases-more":
        return _private(make_response(render_template("cases/_rows.html", **known)))
    if is_htmx() and request.headers.get("HX-Target") == "s-cases":
        address = {"HX-Replace-Url": wanted.address()}
        return _private(make_response(render_template("cases/_list.html", **known), address))
    return _private(make_response(render_template("cases/list.html", **known, processes=_processes(names))))


def _listed(case: CaseRow, standing: Standing, names: ModelNames) -> Listed:
    definition = names.definition(case.ref)
    process = names.process(case.ref)
    if case.end_event is not None:
        end = names.element(case.ref, case.end_event)
        stage = local(end.zh, end.en)
    else:
        stage = _stage(definition, standing, names, case.ref)
    return Listed(case, standing, local(process.zh, process.en), stage)


def _stage(definition: Definition, standing: Standing, names: ModelNames, ref: str) -> str:
    """The stages in which something is open; the open elements themselves in a process without stages."""
    found = [local(stage.name, stage.name_en) for stage in current_stages(definition, standing.open_elements)]
    if not found and not stages_of(definition):
        open_names = (names.element(ref, element) for element in standing.open_elements)
        found = [text for name in open_names if (text := local(name.zh, name.en))]
    return " · ".join(dict.fromkeys(found))


def _processes(names: ModelNames) -> list[tuple[str, str]]:
    """Key and name of the latest version of every process, those that people start first."""
    found = []
    for versions in names.definitions.catalogue.processes.by_key.values():
        name = names.process(versions[-1].ref)
        found.append((versions[-1].key, local(name.zh, name.en)))
    return sorted(found)


@blueprint.get("/<root_id>")
@reads
def show(root_id: str) -> Response:
    """The whole file; an instance that the case called leads to its place in it."""
    root = case_file.root_of(root_id)
    if root.parent_id is not None:
        return redirect(f"/cases/{root.root_id}?shown={root.id}#diagram", 303)  # type: ignore[return-value]  # werkzeug's response class is Flask's
    page = case_file.case_file(root)
    shown = _shown(root, request.args.get("shown"))
    return make_response(
        render_template(
            "cases/page.html",
            page=page,
            words=case_words,
            register_word=register_word,
            masked=masked,
            shown=shown,
            drawn=drawn_elements(root, shown, page),
            started="started" in request.args,
            first=first_task(page.tasks),
            tries=_TRIES,
            history=history_part(root, asked_history(), None, page.names),
        )
    )


@blueprint.get("/<root_id>/started")
@reads
def show_started(root_id: str) -> Response:
    """Whether the person's first task of a new case is there; then the whole file is read anew."""
    root = _root(root_id)
    first = first_task(open_tasks(work(), root))
    tries = min(max(request.args.get("tries", 0, int), 0), _TRIES)
    response = make_response(render_template("cases/_started.html", root=root, first=first, tries=tries))
    if first is not None:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.get("/<root_id>/history")
@reads
def show_history(root_id: str) -> Response:
    """The history alone; its address leads to the file when a browser asks for it by itself."""
    root, asked = _root(root_id), asked_history()
    if not is_htmx():
        return redirect(asked.page_address(root.id), 303)  # type: ignore[return-value]  # werkzeug's response class is Flask's
    cursor = request.args.get("cursor") or None
    part = history_part(root, asked, cursor, ModelNames.of(work()))
    name = "cases/_history_rows.html" if cursor else "cases/_history.html"
    response = make_response(render_template(name, history=part, root=root, words=case_words))
    if cursor is None:
        response.headers["HX-Replace-Url"] = asked.page_address(root.id)
    return response


@blueprint.get("/<root_id>/diagram")
@reads
def show_diagram(root_id: str) -> str:
    """The panel with the diagram of one instance of the case."""
    root = _root(root_id)
    shown = _shown(root, request.args.get("shown"))
    found = case_file.children(root, None)
    names = ModelNames.of(work())
    return render_template(
        "cases/_diagram.html",
        root=root, shown=shown, names=names, children=found, drawn=drawn_elements(root, shown), words=case_words,
    )  # fmt: skip


@blueprint.get("/<root_id>/diagram/<instance_id>")
@reads
def diagram_data(root_id: str, instance_id: str) -> Response:
    """The drawing and the states of its elements as JSON."""
    root = _root(root_id)
    response = jsonify(diagram_document(root, _shown(root, instance_id)))
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/<root_id>/children")
@reads
def show_children(root_id: str) -> str:
    """More of the instances that the case called."""
    root = _root(root_id)
    found = case_file.children(root, request.args.get("cursor") or None)
    people_shown.know(each.started_by for each in found.items)
    return render_template(
        "cases/_children_rows.html", root=root, children=found, names=ModelNames.of(work()), words=case_words
    )


@blueprint.get("/<root_id>/documents")
@reads
def show_documents(root_id: str) -> str:
    """The documents; with a cursor, more of them."""
    root, cursor = _root(root_id), request.args.get("cursor") or None
    found = documents(work(), root.id, cursor=cursor, limit=case_file.FILES)
    people_shown.know(each.uploaded_by for each in found.items)
    name = "cases/_document_rows.html" if cursor else "cases/_documents.html"
    return render_template(name, root=root, documents=found, may_add=case_file.may_add(root))


@blueprint.get("/<root_id>/comments")
@reads
def show_comments(root_id: str) -> str:
    """Earlier comments."""
    root = _root(root_id)
    found = comments(work(), root.id, cursor=request.args.get("cursor") or None, limit=case_file.COMMENTS)
    people_shown.know(each.written_by for each in found.items)
    return render_template("cases/_comment_rows.html", root=root, comments=found)


@blueprint.post("/<root_id>/comments")
@writes_once
def comment(root_id: str) -> str:
    """Say something about the case."""
    root = _root(root_id)
    add_comment(work(), root.id, request.form.get("text", ""))
    work().session.flush()
    found = comments(work(), root.id, limit=case_file.COMMENTS)
    people_shown.know(each.written_by for each in found.items)
    return render_template("cases/_comments.html", root=root, comments=found, may_add=case_file.may_add(root))


def first_task(tasks: Iterable[TaskView]) -> TaskView | None:
    """The first of ``tasks`` that is the person's, or free for a role they hold in its unit."""
    principal = work().principal
    return next(
        (
            task
            for task in tasks
            if task.assignee == principal.name
            or (task.assignee is None and task.role is not None and (task.role, task.unit) in principal.duties)
        ),
        None,
    )


def _root(root_id: str) -> InstanceView:
    """The case. Raises `NotFound` also for what a case called: parts of the file have the case's address."""
    root = case_file.root_of(root_id)
    if root.parent_id is not None:
        raise NotFound("There is no such case.", instance=root_id[:64])
    return root


def _shown(root: InstanceView, instance_id: str | None) -> InstanceView:
    """The instance whose diagram is wanted: the root itself by default. Raises `NotFound` for another case's."""
    if not instance_id or instance_id == root.id:
        return root
    found = case_file.root_of(instance_id)
    if found.root_id != root.id:
        raise NotFound("This case has no such instance.", instance=instance_id[:64])
    return found


def _private(response: Response) -> Response:
    """The same address answers htmx with a part of the page: no cache may mix them up."""
    response.headers["Vary"] = "HX-Request, HX-Target"
    return response
