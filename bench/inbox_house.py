"""A house with very many open tasks, made by a few set-based statements on either database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Table, func, insert, select, text

from bench.databases import Databases
from bench.models import FORM, form, two_people
from bench.site import Site, new_site
from engine.access import SYSTEM, Principal
from engine.model.definition import ProcessDefinition
from engine.model.identity import Membership, Role, Unit, User
from engine.model.instance import ProcessInstance
from engine.model.task import TaskCandidate, UserTask
from engine.passwords import hash_password
from engine.store import WRITE
from tests.cast import CREATED

ROLES, UNITS = 20, 10
GROUPS = ROLES * UNITS
PASSWORD = "measured on an idle machine"  # noqa: S105 - of two people who exist for the length of a run
WORD, NO_WORD = "风电", "没有这样的客户"
"""A text that one case in six has, and one that none has."""
_PROCESSES = ("P03_assessment", "P04_rating_and_limit", "P05_approval", "P07_disbursement")
_REGIONS = ("蒙东", "华北", "福建", "江苏", "南方", "西部", "大唐", "中广")
_TRADES = (WORD, "光伏", "水务", "轨道", "港口", "钢铁")
_TASKS = ("撰写评估报告", "复核评级结果", "审批授信方案", "审查放款条件", "贷后检查")
_TASKS_EN = ("Write the report", "Check the rating", "Decide the credit", "Review the drawdown", "Visit the client")
_DAYS, _HELD, _DONE = 60, 40, 2_000
_CLIENTS, _STAFF = 20_000, 4_000


@dataclass(frozen=True, slots=True)
class Crowd:
    """A site with ``open_tasks`` in 200 groups; a person by how many of them their roles reach."""

    site: Site
    open_tasks: int
    people: dict[int, Principal]
    prepared_seconds: float

    @property
    def rare(self) -> str:
        """A case number of a group of both people."""
        return f"PF-2026-{_group_member(self.open_tasks):06d}"


@contextmanager
def crowd(databases: Databases, folder: Path, open_tasks: int) -> Iterator[Crowd]:
    """The house on a new database: 200 groups, a fifth of the tasks held, most of these due first."""
    with new_site(databases.create("inbox"), folder, {"pair.bpmn": two_people(), f"{FORM}.form": form()}) as site:
        began = time.perf_counter()
        people = _hire(site)
        engine = site.sancha.store.engine
        with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
            _fill(connection, open_tasks, people)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE")
        yield Crowd(site, open_tasks, people, time.perf_counter() - began)


def _group_member(open_tasks: int) -> int:
    """The number of a case whose first task is in the group 0, half way through."""
    return open_tasks // GROUPS // 2 * GROUPS // 2


def _hire(site: Site) -> dict[int, Principal]:
    found = {}
    with site.sancha.work(SYSTEM) as work:
        session = work.session
        roles = [{"id": f"BENCH_{n}", "name": f"岗位 {n}", "name_en": f"Role {n}"} for n in range(ROLES)]
        session.execute(insert(Role), [role | {"exclusive_with": []} for role in roles])
        session.execute(insert(Unit), [{"id": f"U-{n}", "name": f"分行 {n}", "parent": "HQ"} for n in range(UNITS)])
        for groups in (5, 20):
            name = f"bench-{groups}"
            user = User(name=name, display_name=name, password=hash_password(PASSWORD), disabled=False)
            user.created_at = CREATED
            session.add(user)
            session.flush()
            numbers = [number * 7 % GROUPS for number in range(groups)]
            duties = [(f"BENCH_{number % ROLES}", f"U-{number // ROLES}") for number in numbers]
            session.execute(insert(Membership), [{"user": name, "role": role, "unit": unit} for role, unit in duties])
            found[groups] = Principal(name, frozenset(duties))
    return found


def _fill(connection: Connection, open_tasks: int, people: dict[int, Principal]) -> None:
    made = _Sql(connection.dialect.name, time.time())
    key = select(ProcessDefinition.id).where(ProcessDefinition.key == _PROCESSES[0])
    definition = connection.execute(key.order_by(ProcessDefinition.version.desc()).limit(1)).scalar_one()
    if connection.dialect.name == "postgresql":
        # The rows fit each other by construction; checking a million foreign keys would take most of the time.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    tables = [cast(Table, model.__table__) for model in (ProcessInstance, UserTask, TaskCandidate)]
    indexes = [index for table in tables for index in table.indexes]
    for index in indexes:
        index.drop(connection)
    connection.execute(text(made.cases(open_tasks // 2 + 1)), {"definition": definition})
    connection.execute(text(made.tasks(open_tasks)))
    connection.execute(text(made.candidates(open_tasks)))
    for groups, person in people.items():
        held = select(func.count()).select_from(UserTask).where(UserTask.assignee == person.name)
        assert connection.scalar(held) == min(_HELD, open_tasks // GROUPS // 10), groups
        connection.execute(text(made.done(person.name, open_tasks + groups * _DONE)))
    for index in indexes:
        index.create(connection)


class _Sql:
    """The statements, in the words of a dialect. ``n`` counts rows; a case has two tasks one after the other."""

    def __init__(self, dialect: str, now: float) -> None:
        self.sqlite = dialect == "sqlite"
        self.now = int(now)

    def cases(self, count: int) -> str:
        """The cases, older ones first."""
        return f"""INSERT INTO process_instance (id, root_id, scope, definition_id, definition_key, definition_version,
            business_key, client_name, unit, status, revision, started_by, started_at, changed_by, changed_at,
            audit_seq, audit_head)
            SELECT {self._id("n", 1)}, {self._id("n", 1)}, '1', {self._uuid(":definition")}, '{_PROCESSES[0]}', 1,
            {self._number("n")}, {self._client("n")}, 'U-0', 'active', 1, 'nobody', {self._instant("0")}, 'nobody',
            {self._instant("0")}, 1, '' FROM {self._series(0, count)}"""  # noqa: S608 - made of this file's own words

    def tasks(self, count: int) -> str:
        """The open tasks. Each 200 in a row stand in 200 groups; what is held was due first, mostly."""
        due = f"(n * 104729 % {_DAYS * 86_400} - {10 * 86_400})"
        turn = f"n / {GROUPS}"
        held = f"""CASE WHEN n % {GROUPS} = 0 AND {turn} < {_HELD} AND {turn} * 10 < {count // GROUPS} THEN 'bench-5'
            WHEN n % {GROUPS} = 7 AND {turn} < {_HELD} AND {turn} * 10 < {count // GROUPS} THEN 'bench-20'
            WHEN {turn} % 100 < CASE WHEN {due} < 0 THEN 70 ELSE 10 END THEN 'staff-' || (n % {_STAFF}) END"""
        due_at = f"CASE WHEN n % 20 = 19 THEN NULL ELSE {self._instant(due)} END"
        late = self._instant(f"{253_402_214_400 - self.now}")
        return self._insert(
            count=count,
            first=0,
            n_of_case="n / 2",
            status="'open'",
            assignee=held,
            due=due_at,
            due_sort=f"coalesce({due_at}, {late})",
            done="NULL, NULL",
        )

    def done(self, who: str, first: int) -> str:
        """What ``who`` has completed."""
        due = self._instant("n % 1000")
        return self._insert(
            count=_DONE,
            first=first,
            n_of_case="0",
            status="'completed'",
            assignee=f"'{who}'",
            due=due,
            due_sort=due,
            done=f"{self._instant('-n')}, '{who}'",
        )

    def candidates(self, count: int) -> str:
        """One task in a thousand, of every group, names a role as a candidate beyond its own."""
        task = f"(n * 1000 + n % {GROUPS})"
        role, unit = f"'BENCH_' || (n / 7 % {ROLES})", f"'U-' || (n % {GROUPS} / {ROLES})"
        return f"""INSERT INTO task_candidate (task_id, kind, who, unit)
            SELECT {self._id(task, 2)}, 'role', {role}, {unit} FROM {self._series(0, count // 1000)}"""  # noqa: S608 - as above

    def _insert(self, *, count: int, first: int, n_of_case: str, done: str, **given: str) -> str:
        group = f"(n % {GROUPS})"
        name, name_en = self._pick(f"{group} % 5", _TASKS), self._pick(f"{group} % 5", _TASKS_EN)
        number, client = self._number(n_of_case), self._client(n_of_case)
        between = "char(31)" if self.sqlite else "chr(31)"
        search = f"lower({client} || {between} || {number} || {between} || {name} || {between} || {name_en})"
        priority = "CASE n % 10 WHEN 3 THEN 90 WHEN 6 THEN 70 WHEN 9 THEN 30 ELSE 50 END"
        created = f"n * {_DAYS * 86_400} / {max(count, 1)} - {_DAYS * 86_400}"
        names = ("status", "assignee", "due", "due_sort")
        return f"""INSERT INTO user_task (id, root_id, instance_id, definition_key, definition_version, business_key,
            client_name, token, step, element, name, name_en, role, unit, suspended, priority, priority_sort, clock,
            excludes, search, created_at, changed_by, changed_at, revision, completed_at, completed_by,
            {", ".join(names)})
            SELECT {self._id("n", 2)}, {self._id(n_of_case, 1)}, {self._id(n_of_case, 1)},
            {self._pick(f"{group} % {len(_PROCESSES)}", _PROCESSES)}, 1, {number},
            {client}, '1.' || n, n, 'ask', {name}, {name_en}, 'BENCH_' || ({group} % {ROLES}),
            'U-' || ({group} / {ROLES}), {self._no()}, {priority}, -({priority}), 'running',
            '[]', {search}, {self._instant(created)}, 'nobody', {self._instant("0")}, 1, {done},
            {", ".join(given[name] for name in names)} FROM {self._series(first, count)}"""  # noqa: S608 - as above

    def _series(self, first: int, count: int) -> str:
        last = first + count - 1
        if not self.sqlite:
            return f"generate_series({first}::bigint, {last}::bigint) AS series(n)"
        counted = f"SELECT {first} AS n UNION ALL SELECT n + 1 FROM series WHERE n < {last}"  # noqa: S608 - as above
        return f"(WITH RECURSIVE series(n) AS ({counted}) SELECT n FROM series)"  # noqa: S608 - as above

    def _id(self, n: str, kind: int) -> str:
        """A UUIDv7 that grows with ``n``: within the last 60 days, 1.6 milliseconds apart and less."""
        begin = (self.now - _DAYS * 86_400) * 1_000
        hexed = f"{self._hex(f'{begin} + {n}', 12)} || '7' || {self._hex(f'{n} % 4096', 3)} || '8'"
        hexed += f" || {self._hex(str(kind), 3)} || {self._hex(n, 12)}"
        return hexed if self.sqlite else f"CAST({hexed} AS uuid)"

    def _hex(self, number: str, width: int) -> str:
        return f"printf('%0{width}x', {number})" if self.sqlite else f"lpad(to_hex(({number})::bigint), {width}, '0')"

    def _instant(self, seconds: str) -> str:
        """Now and ``seconds``."""
        if self.sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', {self.now} + {seconds}, 'unixepoch')"
        return f"to_timestamp({self.now} + {seconds})"

    def _number(self, n: str) -> str:
        padded = f"printf('%06d', {n})" if self.sqlite else f"lpad(({n})::text, 6, '0')"
        return f"('PF-2026-' || {padded})"

    def _client(self, n: str) -> str:
        who = f"({n}) % {_CLIENTS}"
        region, trade = self._pick(f"{who} % 8", _REGIONS), self._pick(f"({who}) / 8 % 6", _TRADES)
        return f"({region} || {trade} || ({who}) || '开发有限公司')"

    def _pick(self, number: str, values: tuple[str, ...]) -> str:
        cases = " ".join(f"WHEN {place} THEN '{value}'" for place, value in enumerate(values))
        return f"(CASE {number} {cases} END)"

    def _uuid(self, parameter: str) -> str:
        return f"replace({parameter}, '-', '')" if self.sqlite else f"CAST({parameter} AS uuid)"

    def _no(self) -> str:
        return "0" if self.sqlite else "FALSE"
