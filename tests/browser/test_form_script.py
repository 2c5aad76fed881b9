"""The script of a form by itself, against a server that refuses, is lost, or has other news: nothing typed is lost.

The page is a bare one under the pages' own strict policy; every call is answered by the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from playwright.sync_api import Browser, Page, Request, Route, expect

from api.pages.form_texts import form_texts
from api.web import build
from forms.browser import browser_data
from forms.localise import localise
from forms.packaged import packaged_form
from tests.browser.trouble import Trouble

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser-form-script")]

HOST = "form.test"
POLICY = (
    "default-src 'none'; script-src 'nonce-n0'; style-src 'self' 'nonce-n0'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'"
)
COMPLETE, DRAFT, DOCUMENTS = "/api/v1/tasks/t1/complete", "/api/v1/tasks/t1/draft", "/api/v1/documents"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Form</title>
<meta name="csrf-token" content="token"><link rel="stylesheet" href="/form.css"></head><body><main>
<div class="s-form" data-form="f" data-submit-url="{complete}" data-documents-url="{documents}" {task}
 data-mode="{mode}"></div><div role="alert" data-form-alert="f" hidden></div>
<button type="button" data-form-submit="f">Send</button><span role="status" data-form-status="f"></span>
<script type="application/json" id="f">{block}</script></main>
<script src="/form.js" nonce="n0"></script></body></html>"""

Answer = tuple[int, dict[str, Any]] | None


class Desk:
    """A page with one packaged form. ``answers``: what the server says, by path; None: it cannot be reached."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers: dict[str, Answer | Callable[[Request], Answer]] = {}
        self.requests: list[Request] = []
        self._html = ""
        dist = build.WEB / "dist"
        manifest = json.loads((dist / "manifest.json").read_text(encoding="utf-8"))
        self._bundles = {f"/{name}": (dist / manifest[name]).read_text("utf-8") for name in ("form.js", "form.css")}
        page.route("**/*", self._answer)

    def open(self, form: str | Path, mode: str = "task", draft: dict[str, Any] | None = None, **variables: Any) -> None:
        """Show ``form``, a packaged one or a file, in English."""
        schema = packaged_form(form) if isinstance(form, str) else form.read_bytes()
        block = {
            "schema": localise(schema, "en"),
            "data": browser_data(schema, variables),
            "draft": draft,
            "drafted_at": "2026-06-17T02:04:00Z" if draft else None,
            "documents": [],
            "language": "en",
            "texts": _texts(),
        }
        task = "" if mode == "start" else f'data-draft-url="{DRAFT}" data-task="t1" data-instance="i1"'
        filled = json.dumps(block).replace("<", "\\u003c")
        self._html = PAGE.format(complete=COMPLETE, documents=DOCUMENTS, task=task, mode=mode, block=filled)
        self.page.goto(f"http://{HOST}/")
        expect(self.page.locator(".fjs-form")).to_be_visible()

    def calls(self, path: str) -> list[Request]:
        """The requests to ``path`` so far."""
        return [request for request in self.requests if request.url.endswith(path)]

    def send(self) -> None:
        """Press the button."""
        self.page.get_by_role("button", name="Send").click()

    def _answer(self, route: Route, request: Request) -> None:
        path = request.url.removeprefix(f"http://{HOST}")
        if path == "/":
            headers = {"content-type": "text/html", "content-security-policy": POLICY}
            return route.fulfill(body=self._html, headers=headers)
        if bundle := self._bundles.get(path):
            kind = "text/css" if path.endswith("css") else "text/javascript"
            return route.fulfill(body=bundle, content_type=f"{kind}; charset=utf-8")
        self.requests.append(request)
        found = self.answers.get(path, (200, {}))
        answer = found(request) if callable(found) else found
        if answer is None:
            return route.abort()
        return route.fulfill(status=answer[0], json=answer[1])


def _texts() -> dict[str, str]:
    app = Flask(__name__)
    Babel(app, default_locale="en")
    with app.test_request_context():
        return {key: str(text) for key, text in form_texts().items()}


@pytest.fixture
def desk(browser: Browser) -> Iterator[Desk]:
    """A desk; refusals are meant, everything else that the console tells fails the test."""
    build.build()
    context = browser.new_context(timezone_id="America/New_York", locale="en-GB")
    trouble = Trouble(context, HOST)
    opened = Desk(context.new_page())
    yield opened
    trouble.forget(opened.page, r"Failed to load resource|failed request")
    context.close()
    assert trouble.found == []


def _key(request: Request) -> str:
    return request.headers["idempotency-key"]


def test_an_amount_is_grouped_for_the_eye_and_exact_on_the_wire(desk: Desk) -> None:
    desk.open("p00-start", mode="start")
    amount = desk.page.get_by_label("Total investment")
    amount.fill("４5,000,000,000,000,000，000.50")
    expect(desk.page.get_by_text("CNY 45,000,000,000,000.00 m")).to_be_visible()
    amount.press("ArrowUp")
    desk.page.mouse.wheel(0, 300)
    amount.press("Tab")
    expect(amount).to_have_value("45,000,000,000,000,000,000.50")
    desk.page.get_by_label("Project equity").fill("9000000000000000000")
    expect(desk.page.locator("output")).to_have_text("20")
    desk.send()
    assert desk.requests == []  # a start form is not sent while required fields are empty
    first = desk.page.get_by_label("Client name")
    expect(first).to_be_focused()
    expect(first).to_have_accessible_description("This field is required.")


def _vote(desk: Desk) -> None:
    page = desk.page
    page.get_by_label("For", exact=True).check()
    page.get_by_label("Opinion").fill("The project is sound and the cash flow covers it.")
    for number in range(2):
        page.get_by_role("button", name="Add a row").click()
        page.get_by_label("Code", exact=False).nth(number).fill(f"CP-0{number + 1}")
        page.get_by_label("Content").nth(number).fill("Register the mortgage")
        page.get_by_label("Type").nth(number).select_option(index=1)


def test_a_refusal_stands_at_its_fields_in_their_rows_and_the_rest_above(desk: Desk) -> None:
    desk.open("p05-vote", amount=450_000_000, grade="AA")
    _vote(desk)
    said = {"conditions[1].code": "Second code.", "conditions": "Codes twice.", "gone": "Nowhere."}
    errors = {path: [{"code": "rule", "zh": "错", "en": text}] for path, text in said.items()}
    desk.answers[COMPLETE] = (422, {"errors": errors})
    desk.send()
    second = desk.page.get_by_label("Code").nth(1)
    expect(second).to_have_accessible_description("Second code.")
    expect(desk.page.get_by_text("Codes twice.")).to_be_visible()
    expect(desk.page.get_by_role("alert")).to_have_text("Nowhere.")
    sent = json.loads(desk.calls(COMPLETE)[0].post_data or "")["variables"]
    # What is read only or hidden is not sent, nor what was left empty.
    assert set(sent) == {"recused", "vote", "opinion", "conditions"}
    assert [set(row) for row in sent["conditions"]] == [{"code", "text", "type"}] * 2
    second.fill("CP-03")
    expect(desk.page.get_by_text("Codes twice.")).to_be_hidden()
    expect(desk.page.get_by_text("Second code.")).to_be_hidden()


def test_the_same_data_keeps_its_key_until_it_arrives(desk: Desk) -> None:
    desk.open("p05-vote")
    _vote(desk)
    desk.page.evaluate("addEventListener('sancha:submitted', (event) => (window.done = event.detail.response))")
    desk.answers[COMPLETE] = None
    desk.send()
    expect(desk.page.get_by_role("alert")).to_contain_text("what you typed stays here")
    desk.send()
    desk.page.wait_for_function("() => !document.querySelector('[data-form-submit]').disabled")
    desk.page.get_by_label("Content").first.fill("Something else")
    desk.answers[COMPLETE] = (200, {"status": "completed"})
    desk.send()
    desk.page.wait_for_function("() => window.done?.status === 'completed'")
    keys = [_key(request) for request in desk.calls(COMPLETE)]
    assert keys[0] == keys[1] != keys[2]
    headers = desk.calls(COMPLETE)[0].headers
    assert (headers["x-csrf-token"], headers["x-sancha-page"]) == ("token", "1")


def test_a_draft_that_the_server_never_got_comes_back(desk: Desk) -> None:
    old = {"opinion": "Old", "vote": "FOR"}
    desk.open("p05-vote", draft=old)
    opinion = desk.page.get_by_label("Opinion")
    expect(opinion).to_have_value("Old")
    desk.answers[DRAFT] = None
    opinion.fill("Typed while the line was down")
    expect(desk.page.get_by_role("status")).to_contain_text("Not saved")
    desk.page.once("dialog", lambda dialog: dialog.accept())
    desk.open("p05-vote", draft=old)
    expect(opinion).to_have_value("Typed while the line was down")
    desk.answers[DRAFT] = (200, {})
    expect(desk.page.get_by_role("status")).to_contain_text("Draft saved at")
    assert json.loads(desk.calls(DRAFT)[-1].post_data or "")["data"]["opinion"] == "Typed while the line was down"
    # Somebody saved a later draft elsewhere: that one counts.
    desk.answers[DRAFT] = None
    opinion.fill("Typed here")
    desk.page.once("dialog", lambda dialog: dialog.accept())
    desk.open("p05-vote", draft={"opinion": "Typed elsewhere"})
    expect(opinion).to_have_value("Typed elsewhere")


def test_nothing_is_saved_where_nothing_was_typed(desk: Desk) -> None:
    desk.open("p05-vote", amount=1, grade="A")
    desk.page.get_by_label("Opinion").click()
    desk.page.get_by_label("Opinion").press("Tab")
    desk.page.wait_for_timeout(1500)
    assert desk.requests == []


def test_files_are_uploaded_one_by_one_and_a_refused_one_again(desk: Desk) -> None:
    desk.open("p05-agenda")
    answers: list[Answer] = [
        (201, {"id": "d1", "name": "a.pdf", "size": 9}),
        None,
        (201, {"id": "d2", "name": "b.pdf"}),
    ]
    desk.answers[DOCUMENTS] = lambda _request: answers.pop(0)
    with desk.page.expect_file_chooser() as chooser:
        desk.page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files([{"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": b"x"} for name in "ab"])
    expect(desk.page.get_by_role("link", name="a.pdf")).to_be_visible()
    desk.page.get_by_role("button", name="Try again").click()
    expect(desk.page.get_by_role("link", name="b.pdf")).to_be_visible()
    keys = [_key(request) for request in desk.calls(DOCUMENTS)]
    assert keys[0] != keys[1] == keys[2]
    expect(desk.page.get_by_role("status").last).to_contain_text("Draft saved at")
    assert json.loads(desk.calls(DRAFT)[-1].post_data or "")["data"]["papers"] == ["d1", "d2"]
    # The wall clock of the house, on a machine in New York.
    desk.page.locator("input[type=datetime-local]").first.fill("2026-12-01T09:30")
    with desk.page.expect_request(f"**{DRAFT}") as saved:
        pass
    assert json.loads(saved.value.post_data or "")["data"]["papersSentAt"] == "2026-12-01T09:30:00+08:00"


EVERY_COMPONENT = Path(__file__).parents[1] / "forms" / "every-component.form"
CASE = {
    "clientName": "Wind",
    "limit": Decimal(1000),
    "industries": ["D44", "F51"],
    "client": {"number": "C-1"},
    "history": [{"day": "2026-01-02", "amount": Decimal(5)}],
    "earlier": ["d7"],
}


def test_every_component_is_shown_and_nested_complaints_stand_at_their_fields(desk: Desk) -> None:
    desk.open(EVERY_COMPONENT, **CASE)
    page = desk.page
    page.get_by_label("Social credit code").fill("91310000MA1FL0TW1X")
    page.get_by_label("Company").check()
    page.get_by_role("checkbox", name="USD").check()
    page.get_by_label("Industry").select_option("F51")
    page.get_by_label("Name").fill("Turbines Ltd")
    page.get_by_label("Amount").first.fill("1000.01")
    page.get_by_label("Term").fill("13")
    page.get_by_label("Time of the meeting").fill("09:10")
    page.get_by_role("button", name="Add a row").first.click()
    instalment = page.get_by_label("Instalment", exact=False).last
    instalment.fill("5")
    # The form's own button sends it like the page's; what the browser knows stands at the fields.
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_label("Amount").first).to_have_accessible_description("Must be 1000 or less.")
    expect(page.get_by_label("Term")).to_have_accessible_description("Must be a multiple of 3.")
    expect(page.get_by_label("Time of the meeting")).to_have_accessible_description(
        "The time must be a multiple of 15 minutes."
    )
    assert desk.calls(COMPLETE) == []
    amount = page.get_by_label("Amount").first
    amount.press("ControlOrMeta+a")
    page.keyboard.insert_text("600")
    page.get_by_label("Term").fill("12")
    page.get_by_label("Time of the meeting").fill("09:15")
    page.get_by_label("Contact").fill("Ms Li")
    expect(page.get_by_label("Contact")).to_have_value("Ms Li")
    paths = ("party.uscc", "items[0].amount", "items[0].parts[0].part", "client.contact", "papers[1]")
    errors = {path: [{"code": "rule", "zh": "错", "en": f"Wrong at {path}."}] for path in paths}
    errors[""] = [{"code": "rule", "zh": "超", "en": "Too much together."}]
    desk.answers[COMPLETE] = (422, {"errors": errors})
    page.get_by_role("button", name="Submit").click()
    for label, path in (
        ("Social credit code", "party.uscc"),
        ("Amount", "items[0].amount"),
        ("Contact", "client.contact"),
    ):
        expect(page.get_by_label(label).first).to_have_accessible_description(f"Wrong at {path}.")
    expect(instalment).to_have_accessible_description("Wrong at items[0].parts[0].part.")
    expect(page.get_by_text("Wrong at papers[1].")).to_be_visible()
    expect(page.get_by_role("alert").first).to_have_text("Too much together.")
    sent = json.loads(desk.calls(COMPLETE)[0].post_data or "")["variables"]
    assert sent["client"] == {"contact": "Ms Li"}
    assert (sent["currencies"], sent["industry"], sent["meetingTime"]) == (["USD"], "F51", "09:15")
    assert sent["items"] == [{"name": "Turbines Ltd", "amount": "600", "parts": [{"part": "5"}]}]
    expect(page.get_by_role("status").last).to_contain_text("Draft saved at")
    assert json.loads(desk.calls(DRAFT)[-1].post_data or "")["data"]["client"] == {"contact": "Ms Li"}
    expect(page.get_by_role("row", name="2026-01-02 5")).to_be_visible()
    expect(page.get_by_role("link", name="d7")).to_have_attribute("href", f"{DOCUMENTS}/d7/content")
    expect(page.get_by_role("link", name="Open regulator.example")).to_have_attribute("rel", "noopener noreferrer")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files([{"name": "a.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}])
    expect(page.get_by_text("a.exe is of a kind that is not accepted here (.pdf,.png).")).to_be_visible()
    assert desk.calls(DOCUMENTS) == []
