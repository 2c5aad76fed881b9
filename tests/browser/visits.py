"""Where people go on the demonstration so that every page of the product is seen, with something on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from playwright.sync_api import Page, expect

from tests.browser.demonstration import SHELF, START_FORMS, Demonstration

NOBODY = ""
Act = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Visit:
    """``person`` opens ``path`` and does ``act`` there; the answer has ``status``. ``main``: looked at closely at
    390 pixels too. ``shows``: what must be on it, a CSS selector.
    """

    person: str
    path: str
    shows: str = "h1"
    status: int = 200
    main: bool = False
    act: Act | None = None

    @property
    def refused(self) -> bool:
        """Whether an answer of the visit is an error on purpose, which browsers report in their console."""
        return self.status >= 400 or self.act in (refuse_password, send_empty_form)

    def __str__(self) -> str:
        return f"{self.person or 'nobody'} {self.path}" + (f" ({self.act.__name__})" if self.act else "")


def open_first_row(page: Page) -> None:
    """The first task of the inbox, in the preview."""
    page.locator("[data-row] .s-row-case").first.click()
    expect(page.locator("#s-preview .s-preview-head")).to_be_attached()


def open_first_event(page: Page) -> None:
    """The first event of the audit trail, in its row."""
    page.locator(".s-opener").first.click()
    expect(page.locator(".s-audit-open .s-event").first).to_be_visible()


def open_menu(page: Page) -> None:
    """The menu of the person's account."""
    page.locator("[data-menu] summary").click()


def open_question(page: Page) -> None:
    """The first question that a row's action asks."""
    page.locator(".s-once > summary").first.click()


def read_the_file(page: Page) -> None:
    """Another diagram of the case, its history by outcome, its documents anew."""
    address = urlsplit(page.url).path
    with page.expect_response(lambda answer: urlsplit(answer.url).path == f"{address}/diagram"):
        page.locator("[data-diagram-shown]").select_option(index=1)
    with page.expect_response(lambda answer: urlsplit(answer.url).path == f"{address}/history"):
        page.locator("#s-history select[name=outcome]").select_option("completed")
    with page.expect_response(lambda answer: urlsplit(answer.url).path == f"{address}/documents"):
        page.evaluate("document.body.dispatchEvent(new Event('sancha:documents'))")


def wait_for_first_task(page: Page) -> None:
    """The page of a case that has just been started asks whether the starter's first task is there."""
    with page.expect_request("**/started?*"):
        pass


def send_empty_form(page: Page) -> None:
    """Send the form as it is, which is refused at its fields."""
    page.locator("[data-form-submit]").click()
    expect(page.locator(".fjs-form-field-error").first).to_be_visible()


def refuse_password(page: Page) -> None:
    """Sign in with a wrong password."""
    page.locator("#sign-in-name").fill("rm-1")
    page.locator("#sign-in-password").fill("wrong")
    page.locator("[data-sign-in] button").first.click()
    expect(page.locator(".alert-danger")).to_be_visible()


def every_visit(demo: Demonstration, forms: dict[str, tuple[str, str]]) -> list[Visit]:
    """All visits. ``forms`` is what `open_every_form` found."""
    return [
        *_anyone(demo),
        *_inboxes(),
        *_tasks(demo, forms),
        *_cases(demo),
        *_audit(demo),
        *_operations(demo),
    ]


def _anyone(demo: Demonstration) -> Iterator[Visit]:
    yield Visit(NOBODY, "/sign-in", main=True)
    yield Visit(NOBODY, "/sign-in", act=refuse_password)
    for person in ("rm-1", "admin-1", "audit-1", "designer-1"):
        yield Visit(person, "/")
    yield Visit("rm-1", "/account", main=True)
    yield Visit("rm-1", "/account", act=open_menu, main=True)
    yield Visit("rm-1", "/no-such-page", shows=".s-error", status=404, main=True)
    yield Visit("rm-1", "/operations/incidents", shows=".s-error", status=403)
    yield Visit("rm-1", "/audit", shows=".s-error", status=403)
    yield Visit("rm-1", "/inbox?due=never", shows=".s-error", status=422)
    yield Visit("designer-1", "/inbox", shows=".s-empty", status=403)


def _inboxes() -> Iterator[Visit]:
    yield Visit("rm-1", "/inbox", main=True)
    yield Visit("rm-1", "/inbox", act=open_first_row)
    yield Visit("reviewer-1", "/inbox?show=groups", act=open_first_row)
    yield Visit("member-1", "/inbox?show=done", main=True)
    yield Visit("member-1", "/inbox", shows=".s-empty", main=True)
    yield Visit("plm-1", "/inbox?show=groups&due=late")
    yield Visit("rm-1", "/inbox?text=nothing-is-called-so", shows=".s-empty")


def _tasks(demo: Demonstration, forms: dict[str, tuple[str, str]]) -> Iterator[Visit]:
    first = True
    for task_id, person in forms.values():
        yield Visit(person, f"/tasks/{UUID(task_id)}", shows=".s-form .fjs-powered-by", main=first)
        first = False
    for key in START_FORMS.values():
        yield Visit("rm-1", f"/start/{key}", shows=".s-form .fjs-powered-by", main=True)
        yield Visit("rm-1", f"/start/{key}", shows=".s-form .fjs-powered-by", act=send_empty_form, main=True)
    yield Visit("rm-1", "/start", main=True)
    yield Visit("designer-1", "/start", shows=".s-empty")
    for person, which in (
        ("legal-1", "element = 'P03_legal' AND status = 'open' AND assignee IS NULL AND NOT suspended"),
        ("legal-1", "element = 'P03_legal' AND suspended"),
        ("rm-1", "element = 'P03_joint_report' AND status = 'completed' AND completed_by = 'rm-1'"),
        ("audit-1", "element = 'P05_vote' AND status = 'open'"),
        ("audit-1", "status = 'cancelled'"),
    ):
        task_id = _one(demo, f"SELECT id FROM user_task WHERE {which}")  # noqa: S608 - from above
        yield Visit(person, f"/tasks/{task_id}", shows=".s-desk")


def _cases(demo: Demonstration) -> Iterator[Visit]:
    yield Visit("rm-1", "/cases", main=True)
    yield Visit("audit-1", "/cases?status=completed")
    yield Visit("rm-1", "/cases?text=nothing-is-called-so", shows=".s-empty", main=True)
    for person, root in (
        ("rm-1", "SELECT root_id FROM user_task WHERE element = 'P05_approve' AND status = 'open'"),
        ("admin-1", "SELECT root_id FROM incident WHERE status = 'open'"),
        ("audit-1", "SELECT root_id FROM user_task WHERE element LIKE 'P08%' AND status = 'open'"),
        ("admin-1", "SELECT root_id FROM user_task WHERE suspended"),
        ("audit-1", "SELECT id FROM process_instance WHERE parent_id IS NULL AND ended_at IS NOT NULL"),
    ):
        yield Visit(person, f"/cases/{_one(demo, root)}", shows="[data-diagram] .bjs-powered-by", main=True)
    waiting = _one(demo, "SELECT root_id FROM user_task WHERE element = 'P05_approve' AND status = 'open'")
    yield Visit("rm-1", f"/cases/{waiting}?started=1", act=wait_for_first_task)
    root = _one(demo, "SELECT root_id FROM process_instance WHERE parent_id IS NOT NULL AND ended_at IS NULL")
    called = _one(demo, "SELECT id FROM process_instance WHERE root_id = ? AND parent_id IS NOT NULL", UUID(root).hex)
    yield Visit("audit-1", f"/cases/{root}?shown={called}", shows="[data-diagram] .bjs-powered-by", act=read_the_file)


def _audit(demo: Demonstration) -> Iterator[Visit]:
    ((stream, seq),) = demo.rows(
        "SELECT stream, seq FROM audit_event WHERE action = 'task:completed' ORDER BY at DESC LIMIT 1"
    )
    yield Visit("audit-1", "/audit", act=open_first_event, main=True)
    yield Visit("audit-1", "/audit?person=nobody-is-called-so", shows=".s-empty")
    yield Visit("audit-1", f"/audit/events/{stream}/{seq}", main=True)
    yield Visit("audit-1", f"/audit/chains/{stream}/verify", main=True)


def _operations(demo: Demonstration) -> Iterator[Visit]:
    yield Visit("admin-1", "/operations/incidents", act=open_question, main=True)
    yield Visit("admin-1", "/operations/incidents?state=resolved")
    for state in ("due", "running", "waiting", "suspended", "failed"):
        yield Visit("admin-1", f"/operations/jobs?state={state}", main=state == "waiting")
    yield Visit("admin-1", "/operations/workers")
    yield Visit("admin-1", "/operations/deployments", main=True)
    yield Visit("admin-1", "/operations/cases", act=open_question, main=True)
    yield Visit("admin-1", "/operations/cases?status=suspended")
    yield Visit("admin-1", f"/operations/deployments/compare?key={SHELF}", main=True)


def _one(demo: Demonstration, query: str, *values: object) -> str:
    """The id that the query finds first, as addresses write it."""
    ((found,),) = demo.rows(f"{query} ORDER BY id LIMIT 1", *values)
    return str(UUID(found))
