"""Every page, taken from the route map: as nobody, as the outsider, without token, and under its security policy."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engine.ids import new_id
from tests.api.people import Browser, Browsers, Person

PUBLIC = {"/sign-in", "/assets/<path:name>"}
OF_A_CASE = re.compile(r"<(task_id|root_id|instance_id|stream)>")


def pages(app: Flask, method: str) -> list[Rule]:
    """Every route of ``method`` that is for people."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ())
        and not rule.rule.startswith(("/api/", "/metrics"))
        and rule.rule not in PUBLIC
    ]


def address(rule: Rule, things: dict[str, str]) -> str:
    """The rule with the ids of things that exist, else unknown ones."""
    known = things | {"root_id": things["instance_id"], "stream": things["instance_id"], "seq": "1"}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known.get(found.group(1), new_id()), rule.rule)


class Markup(HTMLParser):
    """What a security policy would stop: scripts without the nonce, style elements, event attributes."""

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self.nonce = nonce
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "script" and given.get("nonce") != self.nonce:
            self.problems.append(f"a script without the nonce: {given}")
        if tag == "style" or "style" in given:
            self.problems.append(f"an inline style: {tag} {given}")
        self.problems += [f"an inline handler: {tag} {name}" for name in given if re.fullmatch(r"on\w+", name)]
        for name in ("src", "href", "action"):
            if (given.get(name) or "/").startswith(("http:", "https:", "//")):
                self.problems.append(f"something from elsewhere: {tag} {given[name]}")


def check_page(response: TestResponse, where: str) -> None:
    """The answer is a whole page, or part of one, that its own policy lets through."""
    policy = response.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None, where
    assert "'unsafe-eval'" not in policy
    assert "script-src 'nonce-" in policy
    assert response.headers["Cache-Control"] == "no-store", where
    found = Markup(nonce.group(1))
    found.feed(response.text)
    assert found.problems == [], where


@pytest.mark.parametrize("database", ["sqlite"])  # nothing here depends on the database
def test_nobody_is_sent_to_the_sign_in_page(app: Flask, things: dict[str, str]) -> None:
    nobody = Person.nobody(app).client
    for method in ("GET", "POST"):
        for rule in pages(app, method):
            answer = nobody.open(address(rule, things), method=method)
            assert answer.status_code == 303, f"{method} {rule.rule}: {answer.status_code}"
            assert answer.headers["Location"].startswith("/sign-in"), rule.rule
            part = nobody.open(address(rule, things), method=method, headers={"HX-Request": "true"})
            assert part.status_code == 401, rule.rule
            assert part.headers["HX-Redirect"].startswith("/sign-in"), rule.rule


def test_the_outsider_sees_nothing_of_the_case(app: Flask, browser: Browsers, things: dict[str, str]) -> None:
    number = browser("rm-1").get(f"/process-instances/{things['instance_id']}").json["business_key"]
    outsider = browser("outsider")
    for rule in pages(app, "GET"):
        answer = outsider.client.get(address(rule, things))
        if OF_A_CASE.search(rule.rule):
            assert answer.status_code in (403, 404), f"{rule.rule}: {answer.status_code}"
        assert answer.status_code < 500, rule.rule
        assert number not in answer.text, rule.rule
    for rule in pages(app, "POST"):
        if OF_A_CASE.search(rule.rule):
            answer = outsider.client.post(address(rule, things), headers=outsider.headers)
            assert answer.status_code in (403, 404), f"POST {rule.rule}: {answer.status_code}"


@pytest.mark.parametrize("database", ["sqlite"])  # nothing here depends on the database
def test_every_change_needs_the_token_of_the_session(app: Flask, browser: Browsers, things: dict[str, str]) -> None:
    for name in ("rm-1", "admin-1"):
        person = browser(name)
        for rule in pages(app, "POST"):
            for form in ({}, {"csrf_token": "wrong"}):
                answer = person.client.post(address(rule, things), data=form)
                assert answer.status_code == 403, f"{rule.rule}: {answer.status_code}"


@pytest.mark.parametrize("database", ["sqlite"])  # nothing here depends on the database
@pytest.mark.parametrize("name", ["rm-1", "audit-1", "admin-1", "designer-1"])
def test_no_page_breaks_or_leaves_its_policy(app: Flask, browser: Browsers, things: dict[str, str], name: str) -> None:
    person: Browser = browser(name)
    seen = 0
    for rule in pages(app, "GET"):
        for language in ("zh", "en"):
            answer = person.client.get(address(rule, things), headers={"Accept-Language": language})
            where = f"{name} {rule.rule}"
            assert answer.status_code < 500, where
            if answer.mimetype == "text/html" and answer.status_code != 303:
                check_page(answer, where)
                seen += 1
    assert seen > 10


@pytest.mark.parametrize("database", ["sqlite"])  # nothing here depends on the database
def test_unknown_addresses_are_a_page_with_the_navigation(app: Flask, browser: Browsers) -> None:
    rm = browser("rm-1").client
    lost = rm.get("/no-such-page", headers={"Accept-Language": "en"})
    assert lost.status_code == 404
    assert "Nothing here" in lost.text
    assert 'href="/inbox"' in lost.text
    assert lost.headers["X-Request-ID"] in lost.text
    check_page(lost, "404")
    wrong = rm.post("/inbox")
    assert (wrong.status_code, "GET" in wrong.headers["Allow"]) == (405, True)
