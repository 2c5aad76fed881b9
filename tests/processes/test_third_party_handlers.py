"""What is asked of third parties, what they answer, and that money is never sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from engine.jobs.outgoing import OutgoingFailed
from engine.services import OutgoingRefused
from processes.services import third_parties
from processes.services.counterparties import STAND_INS, Counterparties, configure, counterparties
from tests.processes.calls import NOW, Out, call

ORDER = {
    "instructionId": "PF-2026-0001-T1-P1",
    "attempt": Decimal(1),
    "amount": Decimal(96_000_000),
    "payeeName": "金风设备有限公司",
    "account": "6222000011112222",
    "bank": "工商银行",
    "method": "ENTRUSTED",
}
REFERENCE = "PF-2026-0001-T1-P1-A1"


@pytest.fixture(autouse=True)
def addresses() -> Iterator[None]:
    configure(Counterparties("https://rating.example", "https://bureau.example", "https://pay.example"))
    yield
    configure(None)


def test_addresses_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(None)
    monkeypatch.delenv("SANCHA_RATING_URL", raising=False)
    monkeypatch.setenv("SANCHA_PAYMENT_URL", "https://pay.bank.example/api/")
    found = counterparties()
    assert (found.rating_url, found.payment_url) == (STAND_INS, "https://pay.bank.example/api")


def test_a_rating_is_asked_for_and_reminded_of_under_one_id() -> None:
    out = Out()
    told = call(ratingRequestId="PF-2026-0001-RT1", caseNo="PF-2026-0001", uscc="91350100M000100Y43")
    assert third_parties.request_rating(told, out) == {"ratingRequestId": "PF-2026-0001-RT1", "remindedAt": NOW}
    third_parties.request_rating(told, out)
    assert out.sent[0] == out.sent[1]
    url, key, body = out.sent[0]
    assert (url, key) == ("https://rating.example/rating/requests", "PF-2026-0001-RT1")
    assert body == {
        "requestId": "PF-2026-0001-RT1",
        "caseNo": "PF-2026-0001",
        "uscc": "91350100M000100Y43",
        "callbackUrl": "https://sancha.example/RATING/PF-2026-0001-RT1",
    }


def test_the_bureau_is_asked() -> None:
    out = Out()
    third_parties.query_bureau(call(queryId="PF-2026-0001-BQ1-1", uscc="91350100M000100Y43"), out)
    assert out.sent == [
        (
            "https://bureau.example/bureau/queries",
            "PF-2026-0001-BQ1-1",
            {
                "queryId": "PF-2026-0001-BQ1-1",
                "uscc": "91350100M000100Y43",
                "callbackUrl": "https://sancha.example/BUREAU/PF-2026-0001-BQ1-1",
            },
        )
    ]


def test_a_payment_is_sent_exactly() -> None:
    out = Out()
    assert third_parties.send_payment(call(instruction=ORDER), out) == {"sentAt": NOW, "sendProblem": None}
    ((url, key, body),) = out.sent
    assert (url, key) == ("https://pay.example/payments", REFERENCE)
    assert body == {
        "instructionId": "PF-2026-0001-T1-P1",
        "attempt": 1,
        "amount": "96000000.00",
        "payee": {"name": "金风设备有限公司", "account": "6222000011112222", "bank": "工商银行"},
        "callbackUrl": f"https://sancha.example/PAYMENT/{REFERENCE}",
    }


def test_a_payment_is_not_sent_again_after_an_attempt_that_may_have_got_out() -> None:
    out = Out()
    result = third_parties.send_payment(call(attempt=2, instruction=ORDER), out)
    assert out.sent == []
    assert result["sentAt"] is None


def test_a_payment_whose_sending_failed_counts_as_maybe_sent() -> None:
    result = third_parties.send_payment(call(instruction=ORDER), Out(OutgoingFailed("did not answer in time")))
    assert result == {"sentAt": None, "sendProblem": "did not answer in time"}


def test_a_payment_that_may_not_leave_the_house_is_a_failure() -> None:
    with pytest.raises(OutgoingRefused):
        third_parties.send_payment(call(instruction=ORDER), Out(OutgoingRefused("not on the list")))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"status": "SUCCESS", "reason": None, "valueDate": "2026-06-02"}, ("SUCCESS", None, date(2026, 6, 2))),
        ({"status": "FAILED", "reason": "ACCT_NAME_MISMATCH"}, ("FAILED", "ACCT_NAME_MISMATCH", None)),
        ({"status": "PENDING", "reason": ""}, ("PENDING", None, None)),
        ({"status": "WHATEVER"}, ("UNKNOWN", None, None)),
        ({}, ("UNKNOWN", None, None)),
    ],
)
def test_the_status_of_a_payment(answer: dict[str, object], expected: tuple[object, ...]) -> None:
    out = Out(answer)
    found = third_parties.query_payment(call(instruction=ORDER), out)
    assert (found["status"], found["reason"], found["valueDate"]) == expected
    assert out.sent[0][0] == f"https://pay.example/payments/{REFERENCE}"


def test_a_payment_the_bank_never_heard_of_is_unknown() -> None:
    found = third_parties.query_payment(call(instruction=ORDER), Out(OutgoingFailed("answered 404", 404)))
    assert found["status"] == "UNKNOWN"


def test_a_bank_that_cannot_be_reached_is_asked_again_and_then_people_are() -> None:
    out = Out(OutgoingFailed("cannot be reached"))
    for attempt in (1, 2, 3):
        with pytest.raises(OutgoingFailed):
            third_parties.query_payment(call(attempt=attempt, instruction=ORDER), out)
    found = third_parties.query_payment(call(attempt=4, instruction=ORDER), out)
    assert (found["status"], found["reason"]) == ("UNKNOWN", "cannot be reached")
