"""Signing in with the page, the account page, and the language of pages."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.api.people import PASSWORD, V1, Browsers, People

NEW = "Blue-Tuesday-42"


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD, following: str = "", **headers: str) -> object:
    form = {"name": name, "password": password, "next": following}
    return client.post("/sign-in", data=form, headers={n.replace("_", "-"): v for n, v in headers.items()})


def token_of(client: FlaskClient, path: str = "/account") -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path).text)
    assert found is not None
    return found.group(1)


def test_signing_in_leads_where_one_wanted_to_go(app: Flask) -> None:
    client = app.test_client()
    wanted = client.get("/inbox?show=groups&text=风电")
    assert (
        wanted.headers["Location"].startswith("/sign-in?next=%2Finbox%3Fshow")
        or "next=/inbox" in wanted.headers["Location"]
    )
    form = client.get(wanted.headers["Location"])
    following = re.search(r'name="next" value="([^"]+)"', form.text)
    assert following is not None
    answer = sign_in(client, "rm-1", following=following.group(1).replace("&amp;", "&"))
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/inbox")
    assert client.get("/inbox").status_code == 200


def test_signing_in_never_leads_to_another_site(app: Flask) -> None:
    for elsewhere in ("https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/\tevil", ""):
        answer = sign_in(app.test_client(), "rm-1", following=elsewhere)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), elsewhere


def test_a_wrong_password_keeps_the_name_and_says_so(app: Flask) -> None:
    client = app.test_client()
    refused = sign_in(client, "rm-1", "wrong", Accept_Language="en")
    assert refused.status_code == 401
    assert "The name or the password is wrong." in refused.text
    assert 'value="rm-1"' in refused.text
    assert "wrong" not in refused.text.replace("password is wrong", "")
    assert "Set-Cookie" not in refused.headers


def test_a_form_of_another_site_signs_nobody_in(app: Flask) -> None:
    for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = app.test_client().post("/sign-in", data={"name": "rm-1", "password": PASSWORD}, headers=headers)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


def test_accounts_are_offered_in_a_demonstration_only(app: Flask) -> None:
    assert "data-account" not in app.test_client().get("/sign-in").text


def test_signing_out_ends_the_session(app: Flask) -> None:
    client = app.test_client()
    sign_in(client, "rm-1")
    assert client.post("/sign-out").status_code == 403
    out = client.post("/sign-out", data={"csrf_token": token_of(client)})
    assert (out.status_code, out.headers["Location"]) == (303, "/sign-in")
    assert client.get("/inbox").headers["Location"].startswith("/sign-in")


def test_a_new_password_ends_the_other_sessions(app: Flask) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here, "rm-1")
    sign_in(there, "rm-1")
    token = token_of(here)
    form = {"csrf_token": token, "old": PASSWORD, "new": NEW, "again": NEW}
    for wrong, field in (
        ({"old": "not this one"}, "old"),
        ({"again": "something else"}, "again"),
        ({"new": "short", "again": "short"}, "new"),
    ):
        refused = here.post("/account/password", data=form | wrong)
        assert refused.status_code == 422
        assert f'id="password-{field}-problem"' in refused.text
    assert here.post("/account/password", data=form).status_code == 200
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    assert sign_in(app.test_client(), "rm-1").status_code == 401
    assert sign_in(app.test_client(), "rm-1", NEW).status_code == 303


def test_one_ends_a_session_elsewhere(app: Flask) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(there, "rm-1")
    sign_in(here, "rm-1", User_Agent="Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537")
    page = here.get("/account").text
    assert "Chrome 140 · Windows" in page
    sessions = re.findall(r"/account/sessions/([\w-]+)/end", page)
    other = next(each for each in here.get(f"{V1}/sessions").json["items"] if each["id"] != _current(here))["id"]
    assert other in sessions
    ended = here.post(f"/account/sessions/{other}/end", data={"csrf_token": token_of(here)})
    assert ended.headers["Location"] == "/account"
    assert there.get("/account").status_code == 303


def _current(client: FlaskClient) -> str:
    found: str = client.get(f"{V1}/sessions/current").json["id"]
    return found


def test_the_language_is_the_persons_then_the_browsers(app: Flask, browser: Browsers) -> None:
    rm = browser("rm-1")
    assert 'lang="en"' in rm.client.get("/inbox", headers={"Accept-Language": "en-GB,en"}).text
    assert "待办" in rm.client.get("/inbox", headers={"Accept-Language": "zh-CN"}).text
    assert "待办" in rm.client.get("/inbox", headers={"Accept-Language": "fr"}).text
    chosen = rm.client.post("/account/language", data={"language": "en", "next": "/cases"}, headers=rm.headers)
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/cases")
    elsewhere = browser("rm-1").client.get("/inbox", headers={"Accept-Language": "zh-CN"})
    assert "Inbox" in elsewhere.text
    assert rm.client.post("/account/language", data={"language": "xx"}, headers=rm.headers).status_code == 422


def test_the_sign_in_page_speaks_the_language_chosen_on_it(app: Flask) -> None:
    client = app.test_client()
    client.get("/sign-in?lang=en&next=/cases")
    assert "Sign in" in client.get("/sign-in", headers={"Accept-Language": "zh-CN"}).text


def test_a_changed_language_is_audited(app: Flask, browser: Browsers, client: People) -> None:
    rm = browser("rm-1")
    rm.client.post("/account/language", data={"language": "en"}, headers=rm.headers)
    events = client("audit-1").get("/audit/events", stream="administration", action="user:changed").json["items"]
    assert [event["payload"]["after"] for event in events if event["actor"] == "rm-1"] == [{"language": "en"}]
