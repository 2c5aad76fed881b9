"""ISO 8601 timers: what is read, when they are due, month ends, clock changes, missed ticks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel.definition import TimerKind
from engine.kernel.timers import (
    ParsedTimer,
    Tick,
    TimerOutOfRange,
    TimerSyntaxError,
    first_due,
    next_due,
    parse_timer,
)

DATE, DURATION, CYCLE = TimerKind.DATE, TimerKind.DURATION, TimerKind.CYCLE
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 09:00 in Shanghai


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ticks(parsed: ParsedTimer, now: datetime, limit: int = 10, catch_up: str = "once") -> list[datetime]:
    """The instants at which the timer fires when each tick fires in time."""
    fired: list[datetime] = []
    tick: Tick | None = first_due(parsed, now)
    while tick is not None and len(fired) < limit:
        fired.append(tick.at)
        tick = next_due(parsed, tick, tick.at, catch_up)
    return fired


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("PT72H", "2026-03-05T01:00:00"),
        ("PT0S", "2026-03-02T01:00:00"),
        ("P10D", "2026-03-12T01:00:00"),
        ("P2W", "2026-03-16T01:00:00"),
        ("P1M", "2026-04-02T01:00:00"),
        ("P1Y2M3DT4H5M6S", "2027-05-05T05:05:06"),
        ("PT1.5S", "2026-03-02T01:00:01.500000"),
        ("PT0,25S", "2026-03-02T01:00:00.250000"),
    ],
)
def test_durations(text: str, due: str) -> None:
    parsed = parse_timer(DURATION, text)
    tick = first_due(parsed, NOW)
    assert tick.at == utc(due)
    assert next_due(parsed, tick, tick.at) is None


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2026-03-31T09:00:00Z", "2026-03-31T09:00:00"),
        ("2026-03-31T09:00:00+08:00", "2026-03-31T01:00:00"),
        ("2026-03-31T09:00", "2026-03-31T01:00:00"),  # no zone: the house's clock
        ("2026-03-31", "2026-03-30T16:00:00"),  # a day begins at midnight there
        ("2026-03-31T09:00:00@Europe/Berlin", "2026-03-31T07:00:00"),
        ("2026-03-31T09:00:00.123456789Z", "2026-03-31T09:00:00.123456"),
        ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00"),  # past: due at once
    ],
)
def test_dates(text: str, due: str) -> None:
    parsed = parse_timer(DATE, text)
    tick = first_due(parsed, NOW)
    assert tick.at == utc(due)
    assert next_due(parsed, tick, NOW) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (DURATION, ""),
        (DURATION, "P"),
        (DURATION, "PT"),
        (DURATION, "P1DT"),
        (DURATION, "-PT1H"),
        (DURATION, "72H"),
        (DURATION, '"PT72H"'),
        (DURATION, "P9999999Y"),
        (DURATION, "PT٣H"),
        (DATE, "2026-02-30"),
        (DATE, "2026-03-31T25:00:00Z"),
        (DATE, "2026-03-31T09:00:00@Mars/Olympus"),
        (DATE, "2026-03-31T09:00:00@../../etc/passwd"),
        (DATE, "tomorrow"),
        (DATE, "0001-01-01T00:00:00+14:00"),
        (CYCLE, "PT1H"),
        (CYCLE, "R0/PT1H"),
        (CYCLE, "R/PT0S"),
        (CYCLE, "0 0/5 * * * ?"),
        (CYCLE, "R/2026-01-01/2026-02-01/P1D"),
        (CYCLE, "R3/2026-02-01/2026-01-01"),
        (CYCLE, "R/" + "P1D" * 100),
    ],
)
def test_anything_else_is_refused(kind: TimerKind, text: str) -> None:
    with pytest.raises(TimerSyntaxError):
        parse_timer(kind, text)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(TimerSyntaxError, match="Moon"):
        parse_timer(DURATION, "PT1H", zone="Moon/Base")


def test_values_of_expressions() -> None:
    @dataclass
    class YearsAndMonths:
        months: int

    assert first_due(parse_timer(DATE, utc("2026-04-01T00:00:00")), NOW).at == utc("2026-04-01T00:00:00")
    assert first_due(parse_timer(DATE, date(2026, 4, 1)), NOW).at == utc("2026-03-31T16:00:00")
    assert first_due(parse_timer(DATE, datetime(2026, 4, 1, 9)), NOW).at == utc("2026-04-01T01:00:00")  # noqa: DTZ001 - FEEL has local times
    assert first_due(parse_timer(DURATION, timedelta(hours=2)), NOW).at == NOW + timedelta(hours=2)
    assert first_due(parse_timer(DURATION, YearsAndMonths(14)), NOW).at == utc("2027-05-02T01:00:00")
    for kind, value in [(DURATION, timedelta(-1)), (DURATION, 5), (DATE, timedelta(1)), (CYCLE, timedelta(1))]:
        with pytest.raises(TimerSyntaxError):
            parse_timer(kind, value)


def test_a_bounded_cycle_has_that_many_ticks() -> None:
    fired = ticks(parse_timer(CYCLE, "R3/PT10M"), NOW)
    assert fired == [NOW + timedelta(minutes=10 * n) for n in (1, 2, 3)]


def test_a_cycle_with_an_end() -> None:
    fired = ticks(parse_timer(CYCLE, "R/PT8H/2026-03-03T01:00:00Z"), NOW)
    assert fired == [NOW + timedelta(hours=n) for n in (8, 16, 24)]
    assert len(ticks(parse_timer(CYCLE, "R2/PT8H/2026-03-03T01:00:00Z"), NOW)) == 2


def test_a_cycle_that_ends_before_its_first_tick_still_fires_once() -> None:
    assert ticks(parse_timer(CYCLE, "R/P1D/2026-03-02T02:00:00Z"), NOW) == [NOW + timedelta(days=1)]


def test_a_cycle_between_two_instants() -> None:
    fired = ticks(parse_timer(CYCLE, "R3/2026-03-03T00:00:00Z/2026-03-03T06:00:00Z"), NOW)
    assert fired == [utc("2026-03-03T00:00:00"), utc("2026-03-03T06:00:00"), utc("2026-03-03T12:00:00")]


def test_a_cycle_with_a_start_in_the_past_takes_the_next_tick() -> None:
    parsed = parse_timer(CYCLE, "R4/2026-03-01T00:00:00Z/P1D")
    assert ticks(parsed, NOW) == [utc("2026-03-03T00:00:00"), utc("2026-03-04T00:00:00")]
    assert ticks(parsed, utc("2026-03-09T00:00:00")) == [utc("2026-03-04T00:00:00")], "all past: the last, at once"


def test_month_ends_come_back() -> None:
    fired = ticks(parse_timer(CYCLE, "R5/2026-01-31T09:00:00/P1M"), utc("2026-01-01T00:00:00"))
    assert [at.date() for at in fired] == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
    ]
    armed = utc("2027-12-31T01:00:00")
    assert [at.date() for at in ticks(parse_timer(CYCLE, "R4/P1M"), armed)] == [
        date(2028, 1, 31),
        date(2028, 2, 29),
        date(2028, 3, 31),
        date(2028, 4, 30),
    ]


def test_the_last_day_of_the_month_is_that_of_the_zone() -> None:
    armed = utc("2026-01-30T18:00:00")  # 31 January 02:00 in Shanghai
    assert first_due(parse_timer(DURATION, "P1M"), armed).at == utc("2026-02-27T18:00:00")
    assert first_due(parse_timer(DURATION, "P1M", zone="UTC"), armed).at == utc("2026-02-28T18:00:00")


def test_days_keep_the_clock_when_the_clock_changes() -> None:
    # Berlin goes from 02:00 to 03:00 on 29 March 2026 and back on 25 October.
    fired = ticks(parse_timer(CYCLE, "R3/2026-03-28T09:00:00/P1D", zone="Europe/Berlin"), NOW)
    assert fired == [utc("2026-03-28T08:00:00"), utc("2026-03-29T07:00:00"), utc("2026-03-30T07:00:00")]
    hours = ticks(parse_timer(CYCLE, "R3/2026-03-28T09:00:00/PT24H", zone="Europe/Berlin"), NOW)
    assert hours == [utc("2026-03-28T08:00:00"), utc("2026-03-29T08:00:00"), utc("2026-03-30T08:00:00")]


def test_a_skipped_clock_time_moves_forward_and_a_repeated_one_is_the_first() -> None:
    gap = ticks(parse_timer(CYCLE, "R3/2026-03-28T02:30:00/P1D", zone="Europe/Berlin"), NOW)
    assert gap == [utc("2026-03-28T01:30:00"), utc("2026-03-29T01:30:00"), utc("2026-03-30T00:30:00")]
    overlap = ticks(parse_timer(CYCLE, "R3/2026-10-24T02:30:00/P1D", zone="Europe/Berlin"), NOW)
    assert overlap == [utc("2026-10-24T00:30:00"), utc("2026-10-25T00:30:00"), utc("2026-10-26T01:30:00")]


def test_missed_ticks_fire_once_or_each() -> None:
    parsed = parse_timer(CYCLE, "R5/PT1H")
    first = first_due(parsed, NOW)
    late = NOW + timedelta(hours=3, minutes=30)
    once = next_due(parsed, first, late, "once")
    assert once is not None
    assert once.at == NOW + timedelta(hours=4)
    assert next_due(parsed, first, NOW + timedelta(hours=9), "once") is None, "the missed ones are spent"
    every = next_due(parsed, first, late, "all")
    assert every is not None
    assert every.at == NOW + timedelta(hours=2), "due at once"


def test_a_timer_of_one_second_that_slept_for_years_goes_on_at_once() -> None:
    parsed = parse_timer(CYCLE, "R/PT1S")
    later = NOW + timedelta(days=3650, milliseconds=500)
    tick = next_due(parsed, first_due(parsed, NOW), later)
    assert tick is not None
    assert tick.at == later + timedelta(milliseconds=500)


def test_beyond_the_calendar() -> None:
    with pytest.raises(TimerOutOfRange):
        first_due(parse_timer(DURATION, "P999999Y"), NOW)
    parsed = parse_timer(CYCLE, "R/P5000Y")
    assert next_due(parsed, first_due(parsed, NOW), NOW, "all") is None


@settings(derandomize=True, max_examples=150)
@given(
    months=st.integers(0, 30),
    days=st.integers(0, 40),
    minutes=st.integers(0, 5000),
    armed=st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    asleep=st.integers(0, 5_000_000),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]),
)
def test_a_late_cycle_goes_on_at_the_first_tick_still_to_come(
    months: int, days: int, minutes: int, armed: datetime, asleep: int, zone: str
) -> None:
    if not (months or days or minutes):
        minutes = 1
    parsed = parse_timer(CYCLE, f"R/P{months}M{days}DT{minutes}M", zone=zone)
    first = first_due(parsed, armed)
    assert Tick.from_json(first.to_json()) == first
    now = first.at + timedelta(minutes=min(asleep, 200 * (months * 43200 + days * 1440 + minutes)))
    expected: Tick | None = first
    while expected is not None and expected.at <= now:
        expected = next_due(parsed, expected, now, "all")
    assert next_due(parsed, first, now, "once") == expected
