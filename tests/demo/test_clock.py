"""The demonstration's clock: the bar on the pages and the REST resource; absent where there is no demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from api.app import create_app
from api.settings import Settings
from demo.serve import PASSWORD as EXTENSION
from engine.model.identity import User
from engine.passwords import hash_password
from engine.store import Store
from tests.api.people import PASSWORD, Browser, Person, sancha_of
from tests.cast import Cast
from tests.conftest import TestClock
from tests.factories import in_a_row, lanes, process, task

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"])
"""For what does not depend on the database."""
FRIDAY = datetime(2026, 6, 12, 15, 0, tzinfo=UTC).astimezone()
"""23:00 in Shanghai."""
WAIT = (
    '<intermediateCatchEvent id="pause" name="等回执"><extensionElements><camunda:properties>'
    '<camunda:property name="name.en" value="Await the receipt"/></camunda:properties></extensionElements>'
    "<timerEventDefinition><timeDuration>PT2H</timeDuration></timerEventDefinition></intermediateCatchEvent>"
)
MODEL = process(
    "waiting",
    lanes(RM="s pause second e") + in_a_row(WAIT, task("second", sla="PT8H"), ids="pause second"),
)


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(PASSWORD)


def application(store: Store, home: Path, hashed: str, demo: str) -> Flask:
    with store.transaction() as session:
        session.execute(update(User).values(password=hashed))
    settings = Settings.from_environment(
        {
            "SANCHA_HOME": str(home),
            "SANCHA_DEMO": demo,
            "SANCHA_SECURE_COOKIES": "no",
            "SANCHA_DATABASE_URL": store.engine.url.render_as_string(hide_password=False),
            "SANCHA_LOG_LEVEL": "ERROR",
        }
    )
    return create_app(settings)


@pytest.fixture
def app(store: Store, cast: Cast, clock: TestClock, hashed: str, tmp_path: Path) -> Iterator[Flask]:
    """A demonstration on a Friday night, with one case that waits for two hours."""
    clock.start_at(FRIDAY)
    made = application(store, tmp_path / "home", hashed, "yes")
    Person.with_token(made, "publisher-1").deploy(waiting_bpmn=MODEL)
    assert Person.with_token(made, "rm-1").post("/process-definitions/waiting/start").status_code == 201
    yield made
    sancha_of(made).store.engine.dispose()


@pytest.fixture
def rm(app: Flask) -> Browser:
    browser = Browser.signed_in(app, "rm-1")
    browser.client.post("/account/language", data={"csrf_token": token(browser), "language": "en"})
    return browser


def token(browser: Browser) -> str:
    return browser.headers["X-CSRF-Token"]


def move(browser: Browser, by: str, back: str = "/inbox") -> str:
    """Move by a button of the bar; the text of the page it leads back to."""
    form = {"csrf_token": token(browser), "by": by, "next": back}
    answer = browser.client.post("/demo/clock", data=form)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"] == back
    return browser.client.get(back).text


@ONE_DATABASE
def test_every_page_shows_business_time(rm: Browser) -> None:
    page = rm.client.get("/inbox").text
    assert "06-12 23:00 Fri" in page
    assert "+1 working day" in page


@ONE_DATABASE
def test_what_is_due_next_is_named_with_its_case(rm: Browser) -> None:
    told = rm.client.get("/demo/next").text
    assert "06-13 01:00 Sat" in told
    assert "PF-2026-0001" in told
    assert "Await the receipt" in told


def test_to_the_next_timer_fires_it_and_says_so(rm: Browser, clock: TestClock) -> None:
    page = move(rm, "next-timer")
    assert "Moved to 06-13 01:00 Sat. 1 timer fired. PF-2026-0001 · Timer: Await the receipt" in page
    assert [one["element"] for one in rm.get("/tasks", show="groups").json["items"]] == ["second"]
    assert clock.now - (FRIDAY + timedelta(hours=2)) < timedelta(minutes=1)
    assert "Timer: Await the receipt" not in rm.client.get("/inbox").text


def test_the_next_deadline_counts_as_well(rm: Browser) -> None:
    move(rm, "next-timer")
    page = move(rm, "next-timer")
    assert "0 timers fired. PF-2026-0001 · Deadline reached: second" in page


@ONE_DATABASE
def test_one_working_day_keeps_the_clock_time(rm: Browser, clock: TestClock) -> None:
    move(rm, "working-day")
    assert timedelta(0) <= clock.now - (FRIDAY + timedelta(days=3)) < timedelta(minutes=1)


@ONE_DATABASE
def test_one_hour(rm: Browser, clock: TestClock) -> None:
    assert "0 timers fired." in move(rm, "hour")
    assert timedelta(0) <= clock.now - (FRIDAY + timedelta(hours=1)) < timedelta(minutes=1)


@ONE_DATABASE
def test_nothing_lies_ahead(rm: Browser, clock: TestClock) -> None:
    move(rm, "next-timer")
    move(rm, "next-timer")
    before = clock.now
    assert "Nothing is due later." in move(rm, "next-timer")
    assert clock.now - before < timedelta(minutes=1)
    answer = rm.post("/demo/clock", {"by": "next-timer"})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid-input")


@ONE_DATABASE
@pytest.mark.parametrize("back", ["https://example.com/", "//example.com", "/\\example.com", "inbox"])
def test_it_leads_to_no_other_site(rm: Browser, back: str) -> None:
    form = {"csrf_token": token(rm), "by": "hour", "next": back}
    assert rm.client.post("/demo/clock", data=form).headers["Location"] == "/"


@ONE_DATABASE
def test_moving_needs_somebody_signed_in_and_their_token(app: Flask, rm: Browser, clock: TestClock) -> None:
    before = clock.now
    assert rm.client.post("/demo/clock", data={"by": "hour"}).status_code == 403
    answer = app.test_client().post("/demo/clock", data={"by": "hour"})
    assert answer.status_code in (303, 401)
    assert clock.now - before < timedelta(minutes=1)


@ONE_DATABASE
def test_an_unknown_step_is_refused(rm: Browser, clock: TestClock) -> None:
    before = clock.now
    answer = rm.client.post("/demo/clock", data={"csrf_token": token(rm), "by": "century"})
    assert answer.status_code == 422
    assert clock.now - before < timedelta(minutes=1)


def test_programs_move_it_by_the_same_steps(rm: Browser, clock: TestClock) -> None:
    assert rm.post("/demo/clock", {"by": "next-timer"}).status_code == 200
    assert clock.now - (FRIDAY + timedelta(hours=2)) < timedelta(minutes=1)
    moved = rm.post("/demo/clock", {"by": "working-day"})
    assert datetime.fromisoformat(moved.json["now"]) - (FRIDAY + timedelta(days=2, hours=2)) < timedelta(minutes=1)
    to = FRIDAY + timedelta(days=5)
    assert rm.post("/demo/clock", {"to": to.isoformat()}).status_code == 200
    assert clock.now >= to


@ONE_DATABASE
@pytest.mark.parametrize("body", [{}, {"by": "century"}, {"by": "hour", "to": "2027-01-01T00:00:00Z"}])
def test_a_move_names_one_step_or_one_instant(rm: Browser, body: dict[str, str]) -> None:
    assert rm.post("/demo/clock", body).status_code == 422


@ONE_DATABASE
def test_the_past_stays_the_past(rm: Browser) -> None:
    assert rm.post("/demo/clock", {"to": "2026-06-01T00:00:00Z"}).status_code == 422


@ONE_DATABASE
def test_without_a_demonstration_there_is_no_clock_and_no_password(
    store: Store, cast: Cast, hashed: str, tmp_path: Path
) -> None:
    plain = application(store, tmp_path / "plain", hashed, "no")
    rules = {rule.rule for rule in plain.url_map.iter_rules()}
    assert not [rule for rule in rules if "demo" in rule]
    assert EXTENSION not in plain.extensions
    browser = Browser.signed_in(plain, "rm-1")
    assert browser.client.post("/demo/clock", data={"by": "hour", "csrf_token": token(browser)}).status_code == 404
    assert "s-clock" not in browser.client.get("/inbox").text
    sign_in = plain.test_client().get("/sign-in").text
    assert "reviewer-1" not in sign_in
    sancha_of(plain).store.engine.dispose()


@ONE_DATABASE
def test_the_sign_in_page_of_a_demonstration_offers_accounts_and_password(app: Flask) -> None:
    app.extensions[EXTENSION] = "a-demo-password"
    page = app.test_client().get("/sign-in").text
    assert "reviewer-1" in page
    assert "a-demo-password" in page
