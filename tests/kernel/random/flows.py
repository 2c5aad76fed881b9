"""The oracle's leaves, and the blocks along flows that have no scope of their own."""

from __future__ import annotations

from tests.kernel.random.regions import Entry, Env, Join, Region, Then, in_turn, new_env
from tests.kernel.random.terms import Term


class Flows:
    """``names`` is what is open, ``env`` the variables of the process, ``ended`` whether it has ended."""

    def __init__(self, term: Term) -> None:
        self._open: list[Entry] = []
        self.env: Env = new_env()
        self.ended = False
        self._run(term, self.env, region := Region(self._end), region.leave)

    def _end(self) -> None:
        self.ended = True

    @property
    def names(self) -> list[str]:
        self._open = [one for one in self._open if one.counts()]
        return sorted(one.name for one in self._open)

    def happen(self, name: str) -> None:
        found = next(one for one in self._open if one.counts() and one.name == name)
        if found.signal:
            self._signal(found.signal)
        else:
            self._take(found)

    def _take(self, entry: Entry) -> None:
        if not entry.repeats:
            self._open.remove(entry)
        entry.then()

    def _signal(self, name: str) -> None:
        for entry in [one for one in self._open if one.signal == name]:
            if entry.counts():
                self._take(entry)

    def _ask(self, id: str, region: Region, then: Then, signal: str = "", *, repeats: bool = False) -> Entry:
        entry = Entry(id + "".join(f"/{index}" for index in region.path), region, then, signal, repeats)
        self._open.append(entry)
        return entry

    def _run(self, term: Term, env: Env, region: Region, then: Then) -> None:
        kind, id, *rest = term
        getattr(self, f"_{kind}")(id, *rest, env, region, then)

    # Leaves

    def _task(self, id: str, env: Env, region: Region, then: Then) -> None:
        self._ask(id, region, then)

    def _add(self, id: str, variable: str, number: int, env: Env, region: Region, then: Then) -> None:
        env[variable] += number
        then()

    def _either(self, one: str, other: str, region: Region, then: Then) -> None:
        first = self._ask(one, region, in_turn(lambda: self._open.remove(second), then))
        second = self._ask(other, region, in_turn(lambda: self._open.remove(first), then))

    def _timed(self, id: str, env: Env, region: Region, then: Then) -> None:
        self._either(id, f"{id}_b", region, then)

    def _first(self, id: str, env: Env, region: Region, then: Then) -> None:
        self._either(f"{id}_t", f"{id}_c", region, then)

    def _reminded(self, id: str, env: Env, region: Region, then: Then) -> None:
        def remind() -> None:
            region.live += 1
            self._ask(f"{id}_r", region, region.leave)

        def done() -> None:
            if timer in self._open:
                self._open.remove(timer)
            then()

        self._ask(id, region, done)
        timer = self._ask(f"{id}_b", region, remind)

    def _items(self, id: str, number: int, sequential: bool, env: Env, region: Region, then: Then) -> None:
        self._run(("each", id, ("task", id), number, sequential), env, region, then)

    def _signals(self, id: str, number: int, env: Env, region: Region, then: Then) -> None:
        join = Join(number + 1, then)

        def throw() -> None:
            self._signal(f"S_{id}")
            join.arrive()

        self._ask(f"{id}_t", region, throw)
        for index in range(number):
            self._ask(f"{id}_{index}", region, join.arrive, f"S_{id}")

    def _condition(self, id: str, env: Env, region: Region, then: Then) -> None:
        join = Join(2, then)
        self._ask(f"{id}_t", region, in_turn(join.arrive, join.arrive))

    def _quantity(self, id: str, number: int, env: Env, region: Region, then: Then) -> None:
        join = Join(number, then)

        def done() -> None:
            for _ in range(number):
                self._ask(f"{id}_q", region, join.arrive)

        self._ask(id, region, done)

    def _async(self, id: str, when: str, env: Env, region: Region, then: Then) -> None:
        self._ask(id, region, in_turn(lambda: self._ask(id, region, then)))

    def _logged(self, id: str, asks: bool, env: Env, region: Region, then: Then) -> None:
        def done() -> None:
            region.done.append((id, asks, env, region.path))
            then()

        self._ask(id, region, done)

    # Blocks along flows

    def _seq(self, id: str, terms: list[Term], env: Env, region: Region, then: Then) -> None:
        if terms:
            first, *rest = terms
            self._run(first, env, region, lambda: self._seq(id, rest, env, region, then))
        else:
            then()

    def _par(self, id: str, terms: list[Term], env: Env, region: Region, then: Then) -> None:
        join = Join(len(terms), then)
        for term in terms:
            self._run(term, env, region, join.arrive)

    def _xor(self, id: str, terms: list[Term], choice: int, env: Env, region: Region, then: Then) -> None:
        self._run(terms[choice] if choice < len(terms) else terms[0], env, region, then)

    def _inclusive(
        self, id: str, terms: list[Term], mask: int, activity: bool, env: Env, region: Region, then: Then
    ) -> None:
        chosen = [term for index, term in enumerate(terms) if index and mask >> index & 1]
        self._par(id, chosen or terms[:1], env, region, then)

    def _loop(self, id: str, term: Term, times: int, env: Env, region: Region, then: Then) -> None:
        if times:
            self._run(term, env, region, lambda: self._loop(id, term, times - 1, env, region, then))
        else:
            then()

    def _link(self, id: str, term: Term, env: Env, region: Region, then: Then) -> None:
        self._run(term, env, region, then)
