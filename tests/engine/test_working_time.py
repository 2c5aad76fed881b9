from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine.business_calendar import HOURS, Calendar, CalendarError, load_calendars
from engine.working_time import DurationError, UnknownCalendar, WorkingTime

SHANGHAI = ZoneInfo("Asia/Shanghai")
YEAR = 2026


def at(month: int, day: int, hour: int = 0, minute: int = 0, *, year: int = YEAR) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("duration", "due"),
    [
        pytest.param("PT12H", at(10, 9, 10), id="75 % of 16 wh: the reminder"),
        pytest.param("PT16H", at(10, 9, 15), id="100 %: to the supervisor"),
        pytest.param("PT24H", at(10, 10, 15), id="150 %: to the head, on a make-up Saturday"),
    ],
)
def test_the_twice_escalated_review_over_national_day(working_time: WorkingTime, duration: str, due: datetime) -> None:
    reached = working_time.add(at(9, 30, 15), duration)

    assert reached == due
    assert reached.tzinfo is UTC


def test_the_twice_escalated_review_is_nine_and_a_half_hours_overdue(working_time: WorkingTime) -> None:
    assert working_time.between(at(10, 9, 15), at(10, 10, 16, 30)) == timedelta(hours=9.5)


def test_committee_within_24_working_hours_of_a_red_warning(working_time: WorkingTime) -> None:
    filed = at(8, 31, 10)

    assert working_time.add(filed, "PT4H") == at(8, 31, 15)
    assert working_time.add(filed, "PT24H") == at(9, 3, 10)


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        pytest.param(at(11, 6, 17), "PT1H", at(11, 6, 18), id="to the end of the day"),
        pytest.param(at(11, 6, 17), "PT2H", at(11, 9, 10), id="over a weekend"),
        pytest.param(at(11, 6, 11), "PT1H", at(11, 6, 12), id="to the begin of the break"),
        pytest.param(at(11, 6, 11), "PT90M", at(11, 6, 13, 30), id="over the break"),
        pytest.param(at(11, 7, 11), "PT8H", at(11, 9, 18), id="from a Saturday"),
        pytest.param(at(11, 6, 20), "PT8H", at(11, 9, 18), id="from the evening"),
        pytest.param(at(11, 6, 12, 30), "PT1H", at(11, 6, 14), id="from the break"),
        pytest.param(at(11, 7, 11), "PT0S", at(11, 7, 11), id="nothing"),
        pytest.param(at(11, 7, 11), "P0D", at(11, 7, 11), id="no day"),
        pytest.param(at(11, 6, 9), "PT0.5H", at(11, 6, 9, 30), id="a fraction"),
        pytest.param(at(11, 6, 9), "PT1H30M30S", at(11, 6, 10, 30) + timedelta(seconds=30), id="all units"),
        pytest.param(at(11, 6, 17), "P1D", at(11, 9, 17), id="a day keeps the clock"),
        pytest.param(at(11, 6, 12, 30), "P1D", at(11, 9, 12, 30), id="a day from the break"),
        pytest.param(at(11, 7, 11), "P1D", at(11, 9, 18), id="a day from a Saturday is Monday"),
        pytest.param(at(11, 6, 7), "P1D", at(11, 9, 9), id="a day from before opening"),
        pytest.param(at(11, 6, 22), "P1D", at(11, 9, 18), id="a day from after closing"),
        pytest.param(at(9, 30, 15), "P3D", at(10, 10, 15), id="days over holidays and a make-up Saturday"),
        pytest.param(at(11, 2, 10), "P1W", at(11, 9, 10), id="a week is five days of work"),
        pytest.param(at(11, 2, 10), "P1DT4H", at(11, 3, 15), id="days, then hours"),
        pytest.param(at(7, 17, 18), "-P5D", at(7, 10, 18), id="a visit's task opens five days earlier"),
        pytest.param(at(11, 9, 10), "-PT2H", at(11, 6, 17), id="hours back over a weekend"),
        pytest.param(at(11, 9, 18), "-PT8H", at(11, 9, 9), id="a whole day back"),
        pytest.param(at(11, 7, 11), "-P1D", at(11, 6, 9), id="a day back from a Saturday"),
        pytest.param(at(10, 10, 15), "-P3D", at(9, 30, 15), id="days back over holidays"),
        pytest.param(at(11, 6, 17), "+PT1H", at(11, 6, 18), id="a plus sign"),
    ],
)
def test_working_time_is_added(working_time: WorkingTime, start: datetime, duration: str, due: datetime) -> None:
    assert working_time.add(start, duration).astimezone(SHANGHAI) == due


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "16", "PT16", "16H", "P1M", "P1Y", "P1.5D", "PT-4H", "--P1D", "P1D ago", "PT1H1D", "p1d"]
)
def test_what_is_no_duration_is_named(working_time: WorkingTime, text: str) -> None:
    with pytest.raises(DurationError) as refused:
        working_time.add(at(11, 6, 9), text)

    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("text", ["PT9999999H", "P99999D", "P99999W", "-P99999D"])
def test_what_takes_too_long_is_named(text: str) -> None:
    endless = WorkingTime({"default": Calendar(weekdays=frozenset({0}), holidays=None)})

    with pytest.raises(DurationError) as refused:
        endless.add(datetime(9990, 1, 1, tzinfo=UTC) if text.startswith("P") else datetime(5, 1, 1, tzinfo=UTC), text)

    assert repr(text) in str(refused.value)


def test_a_start_without_zone_is_refused(working_time: WorkingTime) -> None:
    naive = datetime(2026, 11, 6, 9)  # noqa: DTZ001 - the naive time is what the test is about
    with pytest.raises(ValueError, match="2026-11-06T09:00:00 has no time zone"):
        working_time.add(naive, "PT1H")


def test_an_unknown_calendar_is_named(working_time: WorkingTime) -> None:
    with pytest.raises(UnknownCalendar, match="'court'; there are: default"):
        working_time.add(at(11, 6, 9), "PT1H", "court")


@pytest.mark.parametrize("name", [None, "", "default"])
def test_the_default_calendar_has_no_name(working_time: WorkingTime, name: str | None) -> None:
    assert working_time.add(at(11, 6, 17), "PT1H", name) == at(11, 6, 18)


def test_the_next_working_day(working_time: WorkingTime) -> None:
    assert working_time.next_working_day(date(2026, 10, 1)) == date(2026, 10, 8)
    assert working_time.next_working_day(date(2026, 10, 8)) == date(2026, 10, 8)
    assert working_time.is_working_day(date(2026, 10, 10))
    assert not working_time.is_working_day(date(2026, 10, 11))


def test_the_built_in_calendar_knows_china_and_its_make_up_workdays() -> None:
    built_in = WorkingTime()

    assert built_in.is_working_day(date(2026, 2, 14)), "a Saturday worked for Spring Festival"
    assert not built_in.is_working_day(date(2026, 2, 20)), "the Friday swapped for it"
    assert built_in.is_working_day(date(2026, 9, 20)), "a Sunday worked for National Day"
    assert not built_in.is_working_day(date(2026, 10, 7))
    assert not built_in.is_working_day(date(2007, 1, 2)), "swapped for a Sunday of the year before"
    assert built_in.is_working_day(date(2006, 12, 31))


@pytest.mark.parametrize("year", [1, 1900, 2101, 9998])
def test_weekdays_decide_where_no_holidays_are_known(year: int) -> None:
    monday = next(day for day in (date(year, 7, number) for number in range(1, 8)) if day.weekday() == 0)

    assert WorkingTime().is_working_day(monday)
    assert WorkingTime().next_working_day(monday + timedelta(5)) == monday + timedelta(7)


def test_hours_across_a_change_of_the_clock_are_counted_as_they_pass() -> None:
    night = WorkingTime(
        {
            "default": Calendar(
                zone="Europe/Berlin", hours=((time(0), time(6)),), weekdays=frozenset(range(7)), holidays=None
            )
        }
    )
    berlin = ZoneInfo("Europe/Berlin")

    spring, autumn = datetime(2026, 3, 29, tzinfo=berlin), datetime(2026, 10, 25, tzinfo=berlin)
    assert night.add(spring, "PT4H") == datetime(2026, 3, 29, 5, tzinfo=berlin), "02:00 to 03:00 did not happen"
    assert night.add(autumn, "PT4H") == datetime(2026, 10, 25, 3, tzinfo=berlin), "02:00 to 03:00 happened twice"
    assert night.between(spring, spring + timedelta(hours=6)) == timedelta(hours=5)
    assert night.add(spring - timedelta(days=1, hours=-1), "P1D") == datetime(2026, 3, 29, 1, tzinfo=berlin)


FILE = """
zone = "Asia/Shanghai"
holidays = "none"
[days]
2026-10-01 = "holiday"
2026-10-10 = "workday"
[calendars.hotline]
hours = ["08:00-20:00"]
weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
[calendars.night]
hours = ["22:00-24:00"]
"""


def test_a_calendar_file(tmp_path: Path) -> None:
    file = tmp_path / "calendars.toml"
    file.write_text(FILE, encoding="utf-8")

    calendars = load_calendars(file)

    assert calendars["default"] == Calendar(
        holidays=None, overrides={date(2026, 10, 1): False, date(2026, 10, 10): True}
    )
    assert calendars["default"].hours == HOURS
    assert calendars["hotline"].hours == ((time(8), time(20)),)
    assert not calendars["hotline"].is_working_day(date(2026, 10, 1)), "inherited"
    times = WorkingTime(calendars)
    assert times.add(at(11, 7, 10), "PT11H", "hotline") == at(11, 8, 9)
    assert times.add(at(11, 6, 12), "PT3H", "night") == at(11, 9, 23)
    assert times.add(at(11, 6, 23, 30), "PT30M", "night") == at(11, 7)
    assert times.add(at(11, 7, 3), "P1D", "night") == at(11, 10), "hours that end at midnight"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("zone = 'Asia/Peking'", "Asia/Peking"),
        ("zone = 8", "zone cannot be 8"),
        ("hours = ['9-12']", "'9-12' is not a block of hours"),
        ("hours = ['25:00-26:00']", "25:00-26:00"),
        ("hours = ['13:00-18:00', '09:00-12:00']", "09:00-12:00 do not follow"),
        ("hours = ['12:00-09:00']", "12:00-09:00 do not follow"),
        ("hours = []", "at least one block"),
        ("weekdays = ['monday']", "'monday' is not one of mon"),
        ("weekdays = []", "weekdays must be some of"),
        ("holidays = 'XX'", "'XX'"),
        ("days = {2026-13-01 = 'holiday'}", "'2026-13-01' is not a date"),
        ("days = {2026-10-01 = 'off'}", "2026-10-01 is neither holiday nor workday but 'off'"),
        ("hour = []", "'hour' is not one of zone"),
        ("calendars.court = 1", "calendars.court cannot be 1"),
        ("calendars.default = {}", "described at the top"),
        ("calendars.court.zone = 'x'", "calendars.court: there is no time zone 'x'"),
        ("= 1", "Invalid"),
    ],
)
def test_a_mistake_in_a_calendar_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "calendars.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(CalendarError) as refused:
        load_calendars(file)

    assert named in str(refused.value)
    assert str(file) in str(refused.value)


def test_a_calendar_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="absent"):
        load_calendars(tmp_path / "absent.toml")


def test_a_calendar_without_any_working_day_is_refused_not_searched_for_ever() -> None:
    off = {date(2026, 1, 1) + timedelta(days): False for days in range(4_000)}
    never = WorkingTime({"default": Calendar(holidays=None, overrides=off)})

    with pytest.raises(DurationError, match="no working day within ten years"):
        never.add(at(1, 1, 9), "PT1H")


# The slow oracle: every minute of the span is asked whether people work in it.

MINUTE = timedelta(minutes=1)
ZONES = {  # with the days around which their clocks change
    "Asia/Shanghai": date(2026, 10, 3),
    "Europe/Berlin": date(2026, 3, 28),
    "America/New_York": date(2026, 10, 31),
    "Australia/Lord_Howe": date(2026, 4, 3),
}
CALENDARS = [
    HOURS,
    ((time(0), time(6)),),
    ((time(20), time(0)),),
    ((time(0, 15), time(5, 30)), (time(5, 30), time(7)), (time(23), time(0))),
]


def works(calendar: Calendar, instant: datetime) -> bool:
    local = instant.astimezone(calendar.zone_info)
    return calendar.is_working_day(local.date()) and any(
        begin <= local.time() and (local.time() < end or end == time()) for begin, end in calendar.hours
    )


def slow_add(calendar: Calendar, instant: datetime, minutes: int) -> datetime:
    while minutes > 0:
        minutes -= works(calendar, instant)
        instant += MINUTE
    while minutes < 0:
        instant -= MINUTE
        minutes += works(calendar, instant)
    return instant


@st.composite
def cases(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    zone, around = draw(st.sampled_from(sorted(ZONES.items())))
    days = st.integers(0, 8).map(lambda number: around + timedelta(number))
    calendar = Calendar(
        zone=zone,
        hours=draw(st.sampled_from(CALENDARS)),
        weekdays=draw(st.sampled_from([frozenset(range(5)), frozenset(range(7)), frozenset({6, 0})])),
        holidays=None,
        overrides=draw(st.dictionaries(days, st.booleans(), max_size=4)),
    )
    start = datetime.combine(draw(days), time(), ZoneInfo(zone)) + draw(st.integers(0, 24 * 60)) * MINUTE
    return calendar, start.astimezone(UTC)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(cases(), st.integers(-1_500, 1_500))
def test_hours_agree_with_counting_minutes(case: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = case
    times = WorkingTime({"default": calendar})

    reached = times.add(start, f"{'-' if minutes < 0 else ''}PT{abs(minutes)}M")

    assert reached == slow_add(calendar, start, minutes)
    assert times.between(start, reached) == timedelta(minutes=minutes)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(cases(), st.integers(0, 9 * 24 * 60))
def test_the_time_between_agrees_with_counting_minutes(case: tuple[Calendar, datetime], span: int) -> None:
    calendar, start = case
    times = WorkingTime({"default": calendar})
    end = start + span * MINUTE

    counted = sum(works(calendar, start + number * MINUTE) for number in range(span))

    assert times.between(start, end) == counted * MINUTE
    assert times.between(end, start) == -counted * MINUTE


@settings(derandomize=True, max_examples=300, deadline=None)
@given(cases(), st.integers(1, 15))
@example((Calendar(holidays=None), at(11, 6, 17).astimezone(UTC)), 5)
def test_days_agree_with_counting_dates(case: tuple[Calendar, datetime], days: int) -> None:
    calendar, start = case
    day = start.astimezone(calendar.zone_info).date()
    times = WorkingTime({"default": calendar})

    worked = [day + timedelta(n) for n in range(1, 80) if calendar.is_working_day(day + timedelta(n))][days - 1]

    reached = times.add(start, f"P{days}D").astimezone(calendar.zone_info)
    midnight_ends_the_hours = calendar.hours[-1][1] == time() and reached.time() == time()
    assert reached.date() - timedelta(midnight_ends_the_hours and reached.date() != worked) == worked


@settings(derandomize=True, max_examples=200, deadline=None)
@given(cases(), st.integers(0, 2_000), st.sampled_from(["PT4H", "P2D", "-PT4H", "-P2D", "P1DT4H"]))
def test_who_starts_later_is_never_due_earlier(case: tuple[Calendar, datetime], later: int, duration: str) -> None:
    calendar, start = case
    times = WorkingTime({"default": calendar})
    # A clock time that happens twice means its first occurrence, so days may step back inside the repeated hour.
    assume("D" not in duration or calendar.zone == "Asia/Shanghai")

    assert times.add(start, duration) <= times.add(start + later * MINUTE, duration)
