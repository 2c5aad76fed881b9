"""Fixtures of the tests in a real browser: the distribution's Chromium against a served installation of its own.

Tests of one file share an `installation` and belong into one ``xdist_group``. `person` opens the browsers; what goes
wrong in them unseen (see `tests.browser.trouble`) fails the test.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from demo.drive import DEFAULT
from demo.http_stage import HttpStage
from demo.installation import Installation, prepared
from processes.scenario.script import Script, load
from tests.browser.people import People

PASSWORD = "a long demo passphrase"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Tell fixtures at their end whether the test failed."""
    report = yield
    if report.when == "call":  # type: ignore[attr-defined]  # pytest's own report
        item.stash[_FAILED] = report.failed  # type: ignore[attr-defined]  # as above
    return report


def _missing(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    print(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The distribution's Chromium; without it, or without Chinese fonts, tests are skipped, under CI they fail."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        _missing(f"no browser here: none of {', '.join(NAMES)} is on the PATH")
    lister = shutil.which("fc-list")
    if lister is None or not subprocess.run([lister, ":lang=zh"], capture_output=True, check=True).stdout.strip():
        _missing("no Chinese fonts here: `fc-list :lang=zh` names none")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()


@contextlib.contextmanager
def served(home: Path, script: Script) -> Iterator[Installation]:
    """An installation in ``home`` with the model organisation, a running server and counterparties that hold."""
    with prepared(home, script, PASSWORD) as installation:
        installation.start_server(with_worker=True)
        yield installation


@pytest.fixture(scope="session")
def wind_farm() -> Script:
    """The acceptance scenario of the wind farm."""
    return load(DEFAULT)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory, wind_farm: Script) -> Iterator[Installation]:
    """A served installation whose clock stands at the wind farm's start; shared, so each test starts its own case."""
    with served(tmp_path_factory.mktemp("installation"), wind_farm) as running:
        yield running


@pytest.fixture
def stage(installation: Installation) -> Iterator[HttpStage]:
    """Does over the API what a test does not look at, and tells how cases stand."""
    with contextlib.closing(HttpStage(installation.base, PASSWORD, installation.counterparties)) as opened:
        yield opened


@pytest.fixture
def tasks(stage: HttpStage, wind_farm: Script) -> dict[str, str]:
    """The open tasks of a new case of the wind farm, in its assessment: element to id."""
    case = stage.start(**{name: wind_farm.steps[0].arguments[name] for name in ("process", "by", "variables")})
    return {task.element: task.id for task in stage.tasks(case)}


def at_browsers(
    browser: Browser, base: str, request: pytest.FixtureRequest, tmp_path: Path, password: str = PASSWORD
) -> Iterator[People]:
    """People on the server at ``base`` while a test runs; the body of a fixture."""
    people = People(browser, base, password)
    yield people
    # A test that failed leaves pictures; a browser that crashed has none to give.
    if request.node.stash.get(_FAILED, False):
        with contextlib.suppress(Error):
            print("Pictures:", *people.pictures(tmp_path), sep="\n  ")
    if found := people.go_home():
        pytest.fail("in the browsers:\n" + "\n".join(found), pytrace=False)


@pytest.fixture
def person(
    browser: Browser, installation: Installation, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[People]:
    """``person("rm-1", language="zh", width=1280, theme="light")`` is a page of rm-1, who has just signed in."""
    yield from at_browsers(browser, installation.base, request, tmp_path)
