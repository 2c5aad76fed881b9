"""Data stores: what one case writes the others read; the last to write has the word."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.errors import InvalidInput
from engine.execution.lock import lock_root
from engine.execution.store_rows import write_stores
from engine.execution.writing import Writing
from engine.kernel.effects import StoreWritten
from engine.kernel.values import decode
from engine.model.data_store import DataStore
from engine.queries.instances import instance_variables
from engine.runtime import Sancha, Work
from tests.faults import models, oracle
from tests.kernel.bpmn import flow, model


def write(work: Work, root_id: str, **values: object) -> None:
    """As a step of the case ``root_id`` does it."""
    root = lock_root(work, root_id)
    writing = Writing(work, root, work.sancha.definitions.for_work(work), lambda _scope: "visiting:1", None)
    write_stores(writing, {name: StoreWritten("1", 1, "x", name, value) for name, value in values.items()})


def _write_and_fail(work: Work, root_id: str) -> None:
    write(work, root_id, limits=1)
    raise InvalidInput("something else is wrong")


def read(work: Work, name: str) -> object | None:
    return work.sancha.definitions.for_work(work).stored(name)


@pytest.fixture
def case(sancha: Sancha) -> str:
    models.deploy_files(sancha, visiting=models.process("visiting"))
    return models.start(sancha, "visiting")


@pytest.mark.parametrize(
    "value", [None, 0, "文", Decimal("12.50"), date(2026, 6, 1), [{"a": datetime(2026, 6, 1, tzinfo=UTC)}], {}]
)
def test_a_value_comes_back_as_it_was(sancha: Sancha, case: str, value: object) -> None:
    with sancha.work(SYSTEM) as work:
        write(work, case, limits=value)
        assert read(work, "limits") == value, "also within the transaction that wrote it"
    with sancha.work(SYSTEM, write=False) as work:
        assert read(work, "limits") == value
        assert type(read(work, "limits")) is type(value)


def test_nothing_is_stored_until_somebody_writes_and_nothing_of_what_is_rolled_back(sancha: Sancha, case: str) -> None:
    with pytest.raises(InvalidInput), sancha.work(SYSTEM) as work:
        _write_and_fail(work, case)
    with sancha.work(SYSTEM, write=False) as work:
        assert read(work, "limits") is None


def test_the_last_to_write_has_the_word_and_nobody_waits_for_ever(sancha: Sancha, case: str) -> None:
    cases = [case, models.start(sancha, "visiting")]
    gate = threading.Barrier(2, timeout=60)
    failures: list[BaseException] = []

    def again_and_again(root_id: str, names: tuple[str, str]) -> None:
        try:
            for number in range(20):
                gate.wait()
                with sancha.work(SYSTEM) as work:
                    write(work, root_id, **dict.fromkeys(names, f"{root_id}/{number}"))
        except BaseException as error:  # noqa: BLE001 - shown in the assertion below
            failures.append(error)
            gate.abort()

    orders = (("a", "b"), ("b", "a"))
    threads = [threading.Thread(target=again_and_again, args=pair) for pair in zip(cases, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with sancha.store.transaction(write=False) as session:
        rows = list(session.scalars(select(DataStore).order_by(DataStore.name)))
    assert [row.name for row in rows] == ["a", "b"]
    assert {row.value for row in rows} <= {f"{root}/19" for root in cases}
    assert {row.root_id for row in rows} <= set(cases)


def test_what_one_case_writes_another_reads(sancha: Sancha) -> None:
    to_store = (
        '<ioSpecification><dataOutput id="out" name="rate"/><inputSet/><outputSet>'
        "<dataOutputRefs>out</dataOutputRefs></outputSet></ioSpecification>"
        "<dataOutputAssociation><sourceRef>out</sourceRef><targetRef>there</targetRef></dataOutputAssociation>"
    )
    from_store = (
        '<ioSpecification><dataInput id="in" name="current"/><inputSet><dataInputRefs>in</dataInputRefs></inputSet>'
        "<outputSet/></ioSpecification>"
        "<dataInputAssociation><sourceRef>there</sourceRef><targetRef>in</targetRef></dataInputAssociation>"
    )
    script = "<script>{}</script>"
    writes = f'<scriptTask id="x" camunda:resultVariable="rate">{to_store}{script.format("given * 2")}</scriptTask>'
    reads = f'<scriptTask id="x" camunda:resultVariable="got">{from_store}{script.format("current + 1")}</scriptTask>'
    reference = '<dataStoreReference id="there" name="there" dataStoreRef="store"/>'
    store = '<dataStore id="store" name="rates"/>'
    models.deploy_files(
        sancha,
        **{
            key: model(
                f'<startEvent id="s"/>{element}<userTask id="t"/><endEvent id="e"/>{reference}'
                + flow("s", "x")
                + flow("x", "t")
                + flow("t", "e"),
                root=store,
                process=f'id="{key}" isExecutable="true"',
            )
            for key, element in (("writes", writes), ("reads", reads))
        },
    )
    first = models.start(sancha, "writes", {"given": Decimal("1.25")})
    second = models.start(sancha, "reads")
    with sancha.work(SYSTEM, write=False) as work:
        assert read(work, "rates") == Decimal("2.50")
        assert instance_variables(work, second)["got"] == Decimal("3.50")
    models.start(sancha, "writes", {"given": 5})
    with sancha.store.transaction(write=False) as session:
        row = session.get_one(DataStore, "rates")
    assert (decode(row.value), row.root_id != first, row.updated_by) == (10, True, "system")
    oracle.check(sancha)
