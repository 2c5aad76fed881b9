"""The list of cases over HTTP, and what its pages and the case file cost."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.api.people import Browsers, People, sancha_of
from tests.api.staged import deploy_staged, do_first, page, start
from tests.databases import Statements

STATEMENTS_OF_A_FILE = 32
"""Of a whole case file with the frame around it, whatever the case holds."""
STATEMENTS_OF_A_LIST = 8


@pytest.fixture
def deployed(client: People) -> People:
    """The process ``outer`` of `staged` is deployed."""
    deploy_staged(client)
    return client


def test_the_list_shows_and_filters_cases(deployed: People, browser: Browsers) -> None:
    start(deployed)
    second = start(deployed)
    rm = browser("rm-1")
    keys = re.findall(r'class="s-case-key num" href="/cases/([^"]+)"', page(rm, "/cases"))
    assert (len(keys), keys[0]) == (2, second)
    assert "编制" in page(rm, "/cases")
    assert second not in page(browser("outsider"), "/cases")
    number = deployed("rm-1").get(f"/process-instances/{second}").json["business_key"]
    part = page(rm, "/cases", htmx="s-cases", text=number, status="active", process="outer")
    assert re.findall(r'class="s-case-key num" href="/cases/([^"]+)"', part) == [second]
    assert "<html" not in part
    assert second not in page(rm, "/cases", text="100%")
    for strange in ({"status": "x"}, {"text": "x" * 101}, {"cursor": "x"}, {"text": "a\x00"}):
        page(rm, "/cases", 422, **strange)


@pytest.mark.parametrize("more", [0, 6])
def test_the_statements_of_the_pages_do_not_grow(deployed: People, browser: Browsers, app: Flask, more: int) -> None:
    case, rm = start(deployed), browser("rm-1")
    do_first(deployed, case)
    for number in range(more):
        deployed("rm-1").post("/comments", {"instance_id": case, "text": f"no. {number}"})
        deployed("rm-1").upload("/documents", [("file", f"{number}.txt", b"x")], instance_id=case)
        start(deployed)
    page(rm, f"/cases/{case}"), page(rm, "/cases")
    with Statements(sancha_of(app).store.engine) as sent:
        page(rm, f"/cases/{case}")
    assert len(sent) <= STATEMENTS_OF_A_FILE, str(sent)
    with Statements(sancha_of(app).store.engine) as sent:
        page(rm, "/cases")
    assert len(sent) <= STATEMENTS_OF_A_LIST, str(sent)
