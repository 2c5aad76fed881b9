"""The cases of the demonstration, prepared once for each database and looked at by all tests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import func, select, text

from api.packaged import deploy_packaged
from api.settings import Settings
from api.wiring import document_store, wire
from demo import preparation
from demo.cases import after_review, applicants, before_approval, borrowers
from demo.cases.desk import Case
from demo.cases.project import Project
from demo.counterparties.process import start
from demo.open_payments import hand_over
from demo.preparation import STORIES, State, prepare
from demo.seed import seed
from engine.access import Principal
from engine.audit.verify import verify
from engine.clock import read_clock
from engine.commands.start_instance import start_instance
from engine.errors import Conflict
from engine.model.comment import Comment
from engine.model.incident import OPEN as OPEN_INCIDENT
from engine.model.incident import Incident
from engine.model.instance import Counter, ProcessInstance
from engine.model.request import StoredDocument
from engine.model.subscription import DELIVERED, Message, Subscription
from engine.model.task import OPEN, UserTask
from engine.queries.inbox import GROUPS, MINE, InboxFilter, inbox
from engine.runtime import Sancha
from engine.store import Store, connect
from forms.checks import is_bank_account, is_uscc
from migrations import is_current, upgrade
from processes.organisation import accounts
from processes.registers.drawdown import DrawdownPayee
from processes.registers.financing import CLOSED, CONDITIONAL, REJECTED, RUNNING, WITHDRAWN, Financing
from processes.registers.visit import Visit
from tests.databases import Postgres

PASSWORD = "demo-Wind-farm-80-MW"
PRESENT = datetime(2026, 10, 9, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
"""The morning after a week of holidays, before a working Saturday."""
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


@dataclass
class Demo:
    """An installation in which the stories were told; ``said`` is what its owner read meanwhile."""

    settings: Settings
    sancha: Sancha
    said: list[str] = field(default_factory=list)

    def prepare(self, *, present: datetime | None = PRESENT) -> bool:
        folder = document_store(self.settings)
        return prepare(self.sancha, folder, PASSWORD, deploy_packaged, self.said.append, present=present)

    def open_elements(self) -> dict[str, list[UserTask]]:
        found: dict[str, list[UserTask]] = {}
        with self.sancha.store.transaction(write=False) as session:
            for task in session.scalars(select(UserTask).where(UserTask.status == OPEN)):
                found.setdefault(task.element, []).append(task)
        return found


def made(home: Path, url: str) -> Iterator[Demo]:
    settings = Settings.from_environment({"SANCHA_HOME": str(home), "SANCHA_DEMO": "yes", "SANCHA_DATABASE_URL": url})
    settings.ensure_home()
    store = Store(connect(settings.database_url))
    try:
        yield Demo(settings, wire(settings, store))
    finally:
        store.engine.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_name: str) -> Iterator[Demo]:
    home = tmp_path_factory.mktemp("demo")
    if request.param == "sqlite":
        url = f"sqlite:///{home / 'demo.sqlite3'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.create(f"sancha_{worker_name}_demo")
    for installation in made(home, url):
        began = time.process_time()
        assert installation.prepare()
        print(f"prepared on {request.param} in {time.process_time() - began:.1f} s of this process's CPU")
        yield installation


def test_cases_stand_at_every_stage(demo: Demo) -> None:
    open_now = demo.open_elements()
    people = {
        *("P03_site_visit", "P03_legal", "P03_technical", "P03_technical_waiver", "P03_joint_report"),
        *("P03_risk_check", "P04_bureau_manual", "P04_rate", "P05_review", "P05_agenda", "P05_vote", "P05_approve"),
        *("P07_request", "P07_release", "P07_pay_check", "P00_next_drawdown", "P08_visit_visit", "P08_visit_review"),
    }
    assert people <= open_now.keys()
    with demo.sancha.store.transaction(write=False) as session:
        stages = dict(session.execute(select(Financing.stage, func.count()).group_by(Financing.stage)).all())
        waiting = set(session.scalars(select(Subscription.name)))
        statuses = dict(
            session.execute(
                select(ProcessInstance.status, func.count())
                .where(ProcessInstance.parent_id.is_(None))
                .group_by(ProcessInstance.status)
            ).all()
        )
        ends = set(session.scalars(select(ProcessInstance.end_event).where(ProcessInstance.parent_id.is_(None))))
    assert {RUNNING, CONDITIONAL, REJECTED, WITHDRAWN, CLOSED} <= stages.keys()
    assert {"RATING", "BUREAU", "PAYMENT"} <= waiting
    assert statuses == {"active": len(STORIES) - 4, "suspended": 1, "completed": 3}
    assert {"P00_end_closed", "P00_end_rejected", "P00_end_withdrawn"} <= ends


def test_deadlines_are_late_today_and_later(demo: Demo) -> None:
    due = [task.due for tasks in demo.open_elements().values() for task in tasks if task.due is not None]
    tomorrow = datetime(2026, 10, 10, tzinfo=PRESENT.tzinfo)
    assert len([one for one in due if one < PRESENT]) >= 3
    assert len([one for one in due if PRESENT <= one < tomorrow]) >= 5
    assert len([one for one in due if one >= tomorrow]) >= 5
    assert demo.open_elements()["P08_visit_visit"][0].due is not None


def test_a_visit_is_overdue_and_another_is_due_soon(demo: Demo) -> None:
    with demo.sancha.store.transaction(write=False) as session:
        statuses = set(session.scalars(select(Visit.status)))
    assert {"DONE", "OVERDUE", "PLANNED"} <= statuses
    due = sorted(task.due for task in demo.open_elements()["P08_visit_visit"] if task.due is not None)
    assert due[0] < PRESENT < due[-1] < PRESENT + timedelta(days=8)


@pytest.mark.parametrize(
    ("who", "mine", "roles"), [("rm-1", 3, 2), ("reviewer-1", 2, 1), ("plm-1", 1, 2), ("expert-tech-1", 1, 1)]
)
def test_people_have_tasks_of_their_own_and_of_their_roles(demo: Demo, who: str, mine: int, roles: int) -> None:
    person = Principal(who, frozenset({accounts()[who]}))
    with demo.sancha.work(person, write=False) as work:
        assert len(inbox(work, InboxFilter(show=MINE)).items) >= mine
        assert len(inbox(work, InboxFilter(show=GROUPS)).items) >= roles


def test_the_only_incident_is_the_wanted_one_and_no_message_is_lost(demo: Demo) -> None:
    with demo.sancha.store.transaction(write=False) as session:
        incidents = session.scalars(select(Incident).where(Incident.status == OPEN_INCIDENT)).all()
        messages = set(session.scalars(select(Message.status)))
    assert [(one.element, one.code) for one in incidents] == [("P04_request_rating", "job-failed")]
    assert "answered 503" in incidents[0].message
    assert messages == {DELIVERED}


def test_the_audit_trail_is_intact(demo: Demo) -> None:
    with demo.sancha.store.transaction(write=False) as session:
        trail = demo.sancha.audit
        report = verify(session, checkpoint_file=trail.checkpoint_file, public_key=trail.public_key, keys=trail.keys)
    assert report.findings == ()
    assert report.checkpoints == 1
    assert report.events > 1_000


def test_forms_name_documents_that_can_be_opened(demo: Demo) -> None:
    folder = document_store(demo.settings)
    with demo.sancha.store.transaction(write=False) as session:
        stored = {row.id: row for row in session.scalars(select(StoredDocument))}
        visits = session.scalars(select(Visit).where(Visit.report.is_not(None))).all()
        payees = session.scalars(select(DrawdownPayee)).all()
    named = [one for visit in visits for one in visit.report["files"]] + [one for row in payees for one in row.invoice]
    assert len(named) > 10
    assert set(named) <= stored.keys()
    assert {row.media_type for row in stored.values()} >= {"application/pdf", "image/png", "text/csv", "text/plain"}
    for row in stored.values():
        assert len(folder.get(row.sha256)) == row.size
    assert any(len(row.account) == 20 for row in payees)
    assert all(is_bank_account(row.account) for row in payees)


def test_there_are_drafts_comments_and_long_names(demo: Demo) -> None:
    with demo.sancha.store.transaction(write=False) as session:
        drafts = session.scalar(select(func.count()).where(UserTask.draft.is_not(None), UserTask.status == OPEN))
        comments = session.scalar(select(func.count()).select_from(Comment))
    assert (drafts or 0) >= 6
    assert (comments or 0) >= 8
    known = {**vars(applicants), **vars(borrowers)}
    clients = [one for one in known.values() if isinstance(one, Project)]
    assert len(clients) == len(STORIES)
    assert max(len(one.client) for one in clients) >= 40
    assert all(is_uscc(one.uscc) for one in clients)


def test_progress_is_told_in_tenths_up_to_the_end(demo: Demo) -> None:
    shares = [line.split()[0] for line in demo.said if " cases, played up to " in line]
    assert shares == [str(tenth) for tenth in range(10, 101, 10)]


def test_business_time_arrives_at_the_present(demo: Demo) -> None:
    with demo.sancha.store.transaction(write=False) as session:
        assert timedelta(0) <= read_clock(session).business - PRESENT < timedelta(minutes=5)


def test_a_second_start_changes_nothing_and_is_quick(demo: Demo) -> None:
    with demo.sancha.store.transaction(write=False) as session:
        before = session.execute(select(ProcessInstance.id, ProcessInstance.revision)).all()
    said = len(demo.said)
    began = time.process_time()
    assert not demo.prepare()
    assert time.process_time() - began < 3
    with demo.sancha.store.transaction(write=False) as session:
        assert session.execute(select(ProcessInstance.id, ProcessInstance.revision)).all() == before
    assert demo.said[said:] == []


def test_the_payment_system_is_told_again_what_waits_for_it(demo: Demo) -> None:
    with demo.sancha.store.transaction(write=False) as session:
        keys = sorted(session.scalars(select(Subscription.key).where(Subscription.name == "PAYMENT")))
    assert len(keys) == 2
    with start(demo.sancha.callbacks) as parties:
        assert hand_over(demo.sancha, parties.url) == 2
        until = time.monotonic() + 10
        while {httpx.get(f"{parties.url}/payments/{key}").json()["status"] for key in keys} != {"SUCCESS"}:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert httpx.get(f"{parties.url}/deliveries").json()["deliveries"] == []
        assert httpx.get(f"{parties.url}/switches").json()["payment"]["silent"] is False


@pytest.fixture
def fresh(empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    """An installation in which nothing has happened, with three stories to tell."""
    monkeypatch.setattr(preparation, "STORIES", (after_review.refused, after_review.withdrawn, before_approval.halted))
    yield from made(tmp_path / "home", empty_database_url)


def test_an_interrupted_preparation_begins_anew(fresh: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(_case: Case) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Case, "withdraw", dies)
        with pytest.raises(KeyboardInterrupt):
            fresh.prepare()
    assert cases(fresh) == 2
    fresh.sancha = wire(fresh.settings, fresh.sancha.store)  # as a new process would
    assert fresh.prepare()
    assert any("interrupted" in line for line in fresh.said)
    assert cases(fresh) == 3
    with fresh.sancha.store.transaction(write=False) as session:
        assert session.scalar(select(Counter.value).where(Counter.name == preparation.MARK)) == State.FINISHED
        assert session.scalars(select(ProcessInstance.business_key).where(ProcessInstance.parent_id.is_(None))).all()
    with fresh.sancha.store.transaction(write=False) as session:
        assert verify(session, keys=fresh.sancha.audit.keys).findings == ()
    assert is_current(fresh.sancha.store.engine)
    assert not fresh.prepare()


def test_cases_of_somebody_else_are_left_alone(fresh: Demo) -> None:
    upgrade(fresh.sancha.store.engine)
    seed(fresh.sancha, PASSWORD)
    deploy_packaged(fresh.sancha)
    with fresh.sancha.work(Principal("rm-1", frozenset({accounts()["rm-1"]}))) as work:
        start_instance(work, key="P00_project_lifecycle", variables=borrowers.STEEL.application())
    assert not fresh.prepare()
    assert cases(fresh) == 1
    assert fresh.said == ["The database has cases already; no example cases are added."]


def test_one_process_prepares_a_postgresql_database(postgres: Postgres, worker_name: str, tmp_path: Path) -> None:
    url = postgres.create(f"sancha_{worker_name}_prepared")
    for installation in made(tmp_path / "home", url):
        with installation.sancha.store.engine.connect() as other:
            other.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": preparation.LOCK})
            with pytest.raises(Conflict):
                installation.prepare()


def cases(demo: Demo) -> int:
    with demo.sancha.store.transaction(write=False) as session:
        wanted = select(func.count()).select_from(ProcessInstance).where(ProcessInstance.parent_id.is_(None))
        return session.scalar(wanted) or 0
