"""The list of tasks over HTTP: its filters, its orders, what it refuses."""

from __future__ import annotations

import pytest

from tests.api.people import People
from tests.factories import one_task


@pytest.fixture
def tasks(client: People) -> dict[str, str]:
    """Three tasks of RM by the name of their client, oldest first."""
    client("publisher-1").deploy(small_bpmn=one_task(sla="PT8H"))
    rm = client("rm-1")
    for name in ("蒙东风电", "100%_\\", "Nord"):
        rm.post("/process-definitions/small/start", {"variables": {"clientName": name}})
    items = rm.get("/tasks", show="groups").json["items"]
    return {str(item["client_name"]): str(item["id"]) for item in items}


def names(client: People, by: str = "rm-1", **query: str) -> list[str]:
    answer = client(by).get("/tasks", **query)
    assert answer.status_code == 200, answer.text
    return [item["client_name"] for item in answer.json["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"text": "风电"}, ["蒙东风电"]),
        ({"text": "nORD"}, ["Nord"]),
        ({"text": "100%_\\"}, ["100%_\\"]),
        ({"text": "%"}, ["100%_\\"]),
        ({"text": "没有"}, []),
        ({"sort": "newest"}, ["Nord", "100%_\\", "蒙东风电"]),
        ({"sort": "oldest"}, ["蒙东风电", "100%_\\", "Nord"]),
        ({"sort": "priority", "due": "late"}, []),
        ({"due": "none"}, []),
    ],
)
def test_filters_and_orders(client: People, tasks: dict[str, str], query: dict[str, str], found: list[str]) -> None:
    for show in ("groups", "all"):
        assert names(client, show=show, **query) == found
    assert names(client, by="outsider", **query) == []


def test_pages_go_on_in_the_order_they_began_in(client: People, tasks: dict[str, str]) -> None:
    first = client("rm-1").get("/tasks", show="groups", sort="newest", limit="2").json
    again = client("rm-1").get("/tasks", show="groups", sort="newest", limit="2", cursor=first["next"]).json
    assert [item["id"] for item in first["items"] + again["items"]] == list(reversed(tasks.values()))
    assert client("rm-1").get("/tasks", show="groups", sort="oldest", cursor=first["next"]).status_code == 422


@pytest.mark.parametrize("query", [{"sort": "age"}, {"due": "someday"}, {"text": ""}, {"text": "x" * 101}])
def test_what_cannot_be_asked_for_is_refused(client: People, query: dict[str, str]) -> None:
    answer = client("rm-1").get("/tasks", **query)
    assert answer.status_code == 422, answer.text


def test_a_case_shows_its_client(client: People, tasks: dict[str, str]) -> None:
    cases = client("rm-1").get("/process-instances").json["items"]
    assert {case["client_name"] for case in cases} == set(tasks)
