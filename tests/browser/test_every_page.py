"""Every page of the demonstration, by somebody who works there, in both languages, both themes and at both widths."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from api.app import create_app
from api.settings import Settings
from forms.packaged import packaged_form_ids
from tests.browser.demonstration import PASSWORD, START_FORMS, Demonstration, demonstration, open_every_form
from tests.browser.looks import SETTLED, Languages, faults, look, violations
from tests.browser.people import LOCALES, People
from tests.browser.visits import NOBODY, Visit, every_visit

pytestmark = pytest.mark.slow

WIDE, NARROW = (1280, 900), (390, 844)
THEMES = ("light", "dark")
FIRST_THEME = {"zh": "light", "en": "dark"}
"""In which theme a page is opened; it changes to the other before our eyes. Each theme is the first once."""
TOO_FEW = "more rows of a list of which the demonstration has one page; they are those that the page itself begins with"
NO_PAGE = {"/cases/<root_id>/children": TOO_FEW, "/cases/<root_id>/comments": TOO_FEW}
"""What no visit asks for, and why not."""


@dataclass(slots=True)
class Tour:
    """The visits, the tasks at which every form is open, and the paths that the browsers have asked for."""

    demo: Demonstration
    visits: list[Visit]
    forms: dict[str, tuple[str, str]]
    asked: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """One demonstration, prepared as `sancha demo` does, for the tests of this file that one worker runs."""
    with demonstration(tmp_path_factory.mktemp("demonstration")) as demo:
        forms = open_every_form(demo)
        yield Tour(demo, every_visit(demo, forms), forms)


# The languages are groups of their own: that halves the time, and a second preparation costs a few seconds.
@pytest.mark.parametrize(
    "language", [pytest.param(name, marks=pytest.mark.xdist_group(f"every_page_{name}")) for name in LOCALES]
)
def test_every_page_can_be_shown(tour: Tour, browser: Browser, language: str) -> None:
    languages = Languages(tour.demo)
    people = People(browser, tour.demo.base, PASSWORD)
    problems: list[str] = []
    seconds: dict[str, float] = {}
    pages: dict[str, Page] = {}
    for visit in tour.visits:
        began = time.perf_counter()
        if visit.person not in pages:
            opener = people.anonymous if visit.person == NOBODY else people
            pages[visit.person] = page = opener(visit.person, language=language, theme="auto")
            page.on("request", lambda request: _note(tour, request))
        page = pages[visit.person]
        trouble = people.trouble(page)
        problems += [f"{visit} {language}: {told}" for told in _look_at(page, visit, language, languages)]
        expected = r"Failed to load resource: the server responded with a status of 4\d\d"
        told = [each for each in trouble.found if not (visit.refused and re.search(expected, each))]
        problems += [f"{visit} {language}: {each}" for each in told]
        trouble.found.clear()
        seconds[str(visit)] = time.perf_counter() - began
    people.go_home()
    slowest = sorted(seconds.items(), key=lambda item: -item[1])[:3]
    print(f"{len(tour.visits)} visits in {language}: {sum(seconds.values()):.1f} s; slowest {slowest}")
    problems += [f"no visit asks for {rule}" for rule in _left_out(tour)]
    problems += [f"nobody has the form {form} open" for form in sorted(_forms() - set(tour.forms))]
    assert not problems, "\n".join(problems)


def _forms() -> set[str]:
    return set(packaged_form_ids()) - set(START_FORMS)


def _left_out(tour: Tour) -> list[str]:
    """The addresses for people that no visit and no visited page asked for."""
    app = create_app(Settings.from_environment({"SANCHA_HOME": str(tour.demo.database.parent), "SANCHA_DEMO": "yes"}))
    map_: Map = app.url_map
    adapter = map_.bind("localhost")
    met = set()
    for path in tour.asked:
        try:
            met.add(adapter.match(path, return_rule=True)[0].rule)
        except HTTPException:
            continue
    there = {
        rule.rule
        for rule in map_.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith(("/api/", "/metrics"))
    }
    return sorted(there - met - set(NO_PAGE))


def _note(tour: Tour, request: Request) -> None:
    if request.method == "GET":
        tour.asked.add(urlsplit(request.url).path)


def _look_at(page: Page, visit: Visit, language: str, languages: Languages) -> Iterator[str]:
    """What is wrong with one page, at both widths and in both themes."""
    first = FIRST_THEME[language]
    page.emulate_media(color_scheme=first)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    answer = page.goto(visit.path, wait_until="load")
    assert answer is not None
    if answer.status != visit.status:
        yield f"answered with {answer.status}, not {visit.status}"
    page.wait_for_function(SETTLED)
    page.locator(visit.shows).first.wait_for(state="attached")
    if visit.act is not None:
        visit.act(page)
        page.wait_for_function(SETTLED)
    texts: set[str] = set()
    sizes = [WIDE, NARROW]
    for theme in (first, *(other for other in THEMES if other != first)):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function("theme => document.documentElement.dataset.bsTheme === theme", arg=theme)
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            seen = look(page, narrow=width == NARROW[0])
            texts.update(seen["texts"])
            for fault in faults(seen, language, theme):
                yield f"{theme} {width}: {fault}"
            # Rules do not depend on the language: each theme is judged in the one in which it comes first.
            if theme == first and (width == WIDE[0] or visit.main):
                for violation in violations(page):
                    yield f"{theme} {width}: {violation}"
        sizes.reverse()
    yield from languages.faults(sorted(texts), language)
