"""Plays scenarios over HTTP: each account with its own bearer token, against a server that may die at any moment.

Every changing request carries an idempotency key and is sent again, under the same key, until it is answered: a
server killed between commit and answer replays the answer, one killed before it does the work then.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx

from api.json_format import dumps, loads
from engine.ids import new_id
from processes.scenario.play import Failed, OpenTask, Refused

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.2
NAMED_DOCUMENTS = "0197a000-0000-7000-8000-0000000000"
"""How the ids of documents begin that scenarios name without having uploaded them."""
OBSERVER = "audit-1"
"""Sees every case and works on none; what a scenario expects is looked at through this account."""


class HttpStage:
    """A `processes.scenario.play.Stage` on ``base`` (``http://host:port``).

    ``password`` is that of all accounts. ``counterparties``: address of stand-ins that hold their answers until the
    scenario gives them; None for stand-ins that answer by themselves. ``before`` is called before every changing
    request, so that a fault can be prepared.
    """

    def __init__(
        self,
        base: str,
        password: str,
        counterparties: str | None = None,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        self._counterparties = counterparties
        self._client = httpx.Client(base_url=f"{base}/api/v1", timeout=30, trust_env=False)
        self._password = password
        self._tokens: dict[str, str] = {}
        self._before = before
        self._documents: dict[tuple[str, str], str] = {}
        self.requests = 0
        self.repeated = 0

    def close(self) -> None:
        """Close the connections to the server."""
        self._client.close()

    @property
    def accounts(self) -> list[str]:
        """The accounts that took part so far."""
        return sorted(self._tokens)

    def start(self, process: str, by: str, variables: Mapping[str, Any]) -> str:
        """Start a case, wait until the engine has done its own part, and return the case's id."""
        path = f"/process-definitions/{process}/start"
        case = str(self._change(by, "POST", path, {"variables": variables})["id"])
        self._settle(case)
        return case

    def tasks(self, case: str) -> list[OpenTask]:
        """The open tasks of the case."""
        case_number = self._read(f"/process-instances/{case}")["business_key"]
        items = self._all("/tasks", business_key=case_number)
        return [
            OpenTask(item["id"], item["element"], item["assignee"], item["role"], _instant(item["due"]))
            for item in items
            if item["status"] == "open"
        ]

    def claim(self, task: str, by: str) -> None:
        """``by`` takes the task."""
        self._change(by, "POST", f"/tasks/{task}/claim")

    def release(self, task: str, by: str) -> None:
        """``by`` gives the task back."""
        self._change(by, "POST", f"/tasks/{task}/release")

    def assign(self, task: str, by: str, to: str) -> None:
        """``by`` gives the task to ``to``."""
        self._change(by, "POST", f"/tasks/{task}/assign", {"user": to})

    def complete(self, task: str, by: str, data: Mapping[str, Any]) -> None:
        """``by`` finishes the task; then wait until the engine has done its own part."""
        case = self._read(f"/tasks/{task}")["root_id"]
        self._change(by, "POST", f"/tasks/{task}/complete", {"variables": self._attached(case, by, data)})
        self._settle(case)

    def _attached(self, case: str, by: str, data: Any) -> Any:
        """``data`` with documents of the case in place of those that the scenario only names."""
        if isinstance(data, Mapping):
            return {name: self._attached(case, by, value) for name, value in data.items()}
        if isinstance(data, list):
            return [self._attached(case, by, item) for item in data]
        if not (isinstance(data, str) and data.startswith(NAMED_DOCUMENTS)):
            return data
        if (case, data) not in self._documents:
            sent = {"data": {"instance_id": case}, "files": {"file": (f"{data[-4:]}.txt", data.encode(), "text/plain")}}
            headers = {"Idempotency-Key": new_id()}
            self._documents[case, data] = str(self._send(by, "POST", "/documents", headers=headers, **sent)["id"])
        return self._documents[case, data]

    def callback(self, case: str, message: str, key: str | None, payload: Callable[[str], Mapping[str, Any]]) -> None:
        """The stand-in counterparties answer, signed: wait until nothing of the case waits for it any more."""
        keys = self._awaited(case, message, key)
        if not keys and self._counterparties is not None:
            raise Failed(f"the case does not wait for {message}")
        for found in keys if self._counterparties is not None else ():
            url = f"{self._counterparties}/answers/{message.lower()}/{found}"
            headers = {"Content-Type": "application/json"}
            answered = httpx.post(url, content=dumps(payload(found)), headers=headers, timeout=10, trust_env=False)
            if not answered.is_success:
                raise Failed(f"the counterparty would not answer {found}: {answered.text}")
        until = time.monotonic() + PATIENCE_SECONDS
        while self._awaited(case, message, key):
            if time.monotonic() > until:
                raise Failed(f"no {message} came within {PATIENCE_SECONDS:.0f} s")
            time.sleep(PAUSE_SECONDS)
        self._settle(case)

    def _awaited(self, case: str, message: str, key: str | None) -> list[str]:
        found = self._read(f"/process-instances/{case}/waits")["messages"]
        return [wait["key"] for wait in found if wait["name"] == message and key in (None, wait["key"])]

    def advance(self, to: datetime) -> None:
        """Move business time to ``to``, stopping at each job that comes due on the way; the server's tick runs it."""
        cases = [item["id"] for item in self._all("/process-instances", status="active")]
        while (due := self._next_due(cases)) is not None and due <= to:
            self._move_to(due)
            for case in cases:
                self._settle(case)
        self._move_to(to)

    def _next_due(self, cases: list[str]) -> datetime | None:
        jobs = [job for case in cases for job in self._read(f"/process-instances/{case}/waits")["jobs"]]
        return min((datetime.fromisoformat(job["due"]) for job in jobs), default=None)

    def _move_to(self, instant: datetime) -> None:
        if instant > self.now():
            self._change(OBSERVER, "POST", "/demo/clock", {"to": instant})

    def now(self) -> datetime:
        """Business time, aware, UTC."""
        return datetime.fromisoformat(self._read("/demo/clock")["now"])

    def facts(self, case: str) -> Mapping[str, Any]:
        """See `processes.scenario.expect`."""
        tree = sorted(self._all("/process-instances", root_id=case), key=lambda item: str(item["id"]))
        variables: dict[str, Any] = {}
        for item in tree:
            if item["status"] == "active":
                variables.update(self._read(f"/process-instances/{item['id']}/variables")["variables"])
        steps = self._all("/history/activities", root_id=case)
        instances: dict[str, list[str]] = {}
        for item in tree:
            instances.setdefault(item["definition_key"], []).append(item["status"])
        root = next(item for item in tree if item["id"] == case)
        return {
            "status": root["status"],
            "end_event": root["end_event"],
            "variables": variables,
            "instances": instances,
            "history": Counter(step["element"] for step in steps if step["outcome"] == "completed"),
            "rows": self._read(f"/process-instances/{case}/registers")["rows"],
        }

    def _settle(self, case: str) -> None:
        """Wait until the case has no job that is due now."""
        until = time.monotonic() + PATIENCE_SECONDS
        jobs: list[Any] = []
        while time.monotonic() < until:
            now = self.now()
            jobs = self._read(f"/process-instances/{case}/waits")["jobs"]
            if all(datetime.fromisoformat(job["due"]) > now for job in jobs):
                return
            time.sleep(PAUSE_SECONDS)
        raise Failed(f"the case still had work of its own after {PATIENCE_SECONDS:.0f} s: {jobs}")

    def _read(self, path: str, **query: Any) -> Any:
        return self._send(OBSERVER, "GET", path, params={name: str(value) for name, value in query.items()})

    def _all(self, path: str, **query: Any) -> list[Any]:
        items: list[Any] = []
        cursor: str | None = None
        while True:
            page = self._read(path, limit=200, **query, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items

    def _change(self, by: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        self._before()
        headers = {"Idempotency-Key": new_id(), "Content-Type": "application/json"}
        return self._send(by, method, path, headers=headers, content=dumps(body if body is not None else {}))

    def _send(self, by: str, method: str, path: str, **options: Any) -> Any:
        headers = {**options.pop("headers", {}), "Authorization": f"Bearer {self._token(by)}"}
        return self._answer(self._until_answered(method, path, headers=headers, **options))

    def _until_answered(self, method: str, path: str, **options: Any) -> httpx.Response:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.requests += 1
            try:
                response = self._client.request(method, path, **options)
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return response
            except httpx.TransportError:
                pass  # the server is dead or starting
            if time.monotonic() > until:
                raise Failed(f"{method} {path} was not answered within {PATIENCE_SECONDS:.0f} s")
            self.repeated += 1
            time.sleep(PAUSE_SECONDS)

    def _token(self, name: str) -> str:
        if name not in self._tokens:
            body = dumps({"name": name, "password": self._password, "label": "scenario"})
            headers = {"Content-Type": "application/json"}
            response = self._until_answered("POST", "/tokens", headers=headers, content=body)
            self._tokens[name] = str(self._answer(response)["token"])
        return self._tokens[name]

    @staticmethod
    def _answer(response: httpx.Response) -> Any:
        body = loads(response.content) if response.content else {}
        if response.is_success:
            return body
        errors = f" {body['errors']}" if body.get("errors") else ""
        raise Refused(str(body.get("code", response.status_code)), f"{body.get('detail', response.text)}{errors}")


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
