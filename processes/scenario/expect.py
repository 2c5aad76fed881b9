"""What an ``expect`` step compares, each difference in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol


class Task(Protocol):
    """What is looked at of an open task."""

    @property
    def element(self) -> str:
        """BPMN element id."""
        ...

    @property
    def due(self) -> datetime | None:
        """Due instant, aware."""
        ...


Facts = Mapping[str, Any]
Tasks = Sequence[Task]


def check(expected: Mapping[str, Any], facts: Facts, tasks: Tasks) -> list[str]:
    """The differences between ``expected`` and what is, as sentences; none when all holds."""
    problems: list[str] = []
    for name, wanted in expected.items():
        if name == "case":
            continue
        checker = _CHECKS.get(name)
        problems += checker(wanted, facts, tasks) if checker else [f"nothing is known about {name!r}"]
    return problems


def same(wanted: object, found: object) -> bool:
    """Whether two values mean the same: numbers by value, instants by instant, whatever their notation."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(key in found and same(value, found[key]) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list | tuple):
        return len(wanted) == len(found) and all(map(same, wanted, found))
    if isinstance(wanted, bool) or isinstance(found, bool) or wanted is None or found is None:
        return wanted is found
    if (left := _number(wanted)) is not None and (right := _number(found)) is not None:
        return left == right
    if (moment := _instant(wanted)) is not None and (other := _instant(found)) is not None:
        return moment == other
    if isinstance(found, date):
        return str(wanted) == found.isoformat()
    return str(wanted) == str(found)


def _number(value: object) -> Decimal | None:
    if isinstance(value, int | Decimal):
        return Decimal(value)
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _instant(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and "T" in value:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return moment if moment.tzinfo else None
    return None


def _status(wanted: Any, facts: Facts, _tasks: Tasks) -> list[str]:
    found = facts["status"]
    return [] if found == wanted else [f"the case is {found}, not {wanted}"]


def _open_tasks(wanted: Any, _facts: Facts, tasks: Tasks) -> list[str]:
    found = sorted(task.element for task in tasks)
    return [] if found == sorted(wanted) else [f"open are {found}, not {sorted(wanted)}"]


def _no_task(wanted: Any, _facts: Facts, tasks: Tasks) -> list[str]:
    names = wanted if isinstance(wanted, list) else [wanted]
    return [f"{name} is open" for name in names if any(task.element == name for task in tasks)]


def _values(what: str) -> Callable[[Any, Facts, Tasks], list[str]]:
    def compare(wanted: Any, facts: Facts, _tasks: Tasks) -> list[str]:
        problems = []
        for name, value in wanted.items():
            found = facts[what].get(name)
            if not same(value, found):
                problems.append(f"{name} is {found!r}, not {value!r}")
        return problems

    return compare


def _due(wanted: Any, _facts: Facts, tasks: Tasks) -> list[str]:
    problems = []
    for name, value in wanted.items():
        dues = [task.due for task in tasks if task.element == name]
        if not dues:
            problems.append(f"{name} is not open")
        # An SLA runs from the moment a step was played, seconds after the scenario's round time.
        elif not all(due is not None and _close(value, due) for due in dues):
            problems.append(f"{name} is due {[due and due.isoformat() for due in dues]}, not {value}")
    return problems


def _close(wanted: object, found: datetime) -> bool:
    moment = _instant(str(wanted))
    return moment is not None and abs(moment - found) < timedelta(minutes=2)


def _history(wanted: Any, facts: Facts, _tasks: Tasks) -> list[str]:
    counts: Mapping[str, int] = facts["history"]
    problems = []
    for name, times in wanted.items():
        if counts.get(name, 0) != times:
            problems.append(f"{name} was done {counts.get(name, 0)} times, not {times}")
    return problems


def _instances(wanted: Any, facts: Facts, _tasks: Tasks) -> list[str]:
    problems = []
    for key, statuses in wanted.items():
        found = sorted(facts["instances"].get(key, []))
        expected = sorted(statuses if isinstance(statuses, list) else [statuses])
        if found != expected:
            problems.append(f"instances of {key} are {found}, not {expected}")
    return problems


def _rows(wanted: Any, facts: Facts, _tasks: Tasks) -> list[str]:
    problems = []
    for table, expected in wanted.items():
        found = list(facts["rows"].get(table, []))
        for row in expected if isinstance(expected, list) else [expected]:
            match = next((item for item in found if same(row, item)), None)
            if match is None:
                problems.append(f"{table} has no row {row}; it has {found}")
            else:
                found.remove(match)
    return problems


_CHECKS: Mapping[str, Callable[[Any, Facts, Tasks], list[str]]] = {
    "status": _status,
    "open_tasks": _open_tasks,
    "no_task": _no_task,
    "variables": _values("variables"),
    "due": _due,
    "history": _history,
    "instances": _instances,
    "rows": _rows,
    "end_event": lambda wanted, facts, _: [] if facts["end_event"] == wanted else [f"ended at {facts['end_event']}"],
}
