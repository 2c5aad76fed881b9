"""Runs a term without tokens, by continuations: everything open is a name with a function to call when it happens.

It shares nothing with the machine but the term.
"""

from __future__ import annotations

from typing import Any

from tests.kernel.random.flows import Flows
from tests.kernel.random.regions import Env, Region, Then, in_turn, new_env
from tests.kernel.random.terms import Term


class Oracle(Flows):
    """Blocks with a scope of their own."""

    def _sub(self, id: str, term: Term, env: Env, region: Region, then: Then) -> None:
        inner = Region(then, region)
        self._run(term, env, inner, inner.leave)

    def _call(self, id: str, term: Term, env: Env, region: Region, then: Then) -> None:
        own = new_env()
        inner = Region(in_turn(lambda: env.update({f"a_{id}": own["a"]}), then), region, apart=True)
        self._run(term, own, inner, inner.leave)

    def _rounds(self, id: str, term: Term, times: int, before: bool, env: Env, region: Region, then: Then) -> None:
        self._loop(id, ("sub", id, term), times if before else max(times, 1), env, region, then)

    def _each(self, id: str, term: Term, number: int, sequential: bool, env: Env, region: Region, then: Then) -> None:
        if not number:
            then()
            return
        items = Region(then, region)
        items.live = number

        def begin(index: int) -> None:
            def done() -> None:
                if sequential and index + 1 < number:
                    begin(index + 1)
                items.leave()

            item = Region(done, items, item=index)
            self._run(term, env, item, item.leave)

        for index in range(1 if sequential else number):
            begin(index)

    def _event(
        self, id: str, term: Term, message: bool, interrupting: bool, env: Env, region: Region, then: Then
    ) -> None:
        outer = Region(then, region)
        self._ask(
            f"{id}_us",
            outer,
            lambda: self._handle(id, outer, interrupting),
            "" if message else f"S_{id}",
            repeats=not interrupting,
        )
        self._run(term, env, outer, outer.leave)

    def _handle(self, id: str, outer: Region, interrupting: bool) -> None:
        """An event subprocess begins in a region."""
        if interrupting:
            outer.interrupt()
        else:
            outer.live += 1
        inner = Region(outer.leave, outer)
        self._ask(f"{id}_h", inner, inner.leave)

    def _beside(self, id: str, term: Term, env: Env, inner: Region, happens: Then) -> None:
        inner.live = 2
        self._run(term, env, inner, inner.leave)
        self._ask(f"{id}_t", inner, happens)

    def _error(self, id: str, term: Term, where: str, env: Env, region: Region, then: Then) -> None:
        self._escalation(id, term, where, True, env, region, then)

    def _escalation(
        self, id: str, term: Term, where: str, interrupting: bool, env: Env, region: Region, then: Then
    ) -> None:
        inner = Region(then, region, apart=where == "call")

        def thrown() -> None:
            if where == "event":
                self._handle(id, inner, interrupting)
            elif interrupting:
                inner.end(completed=False)
                return
            else:
                region.live += 1
                self._ask(f"{id}_h", region, region.leave)
            if not interrupting:
                inner.leave()

        self._beside(id, term, new_env() if where == "call" else env, inner, thrown)

    def _terminate(self, id: str, term: Term, env: Env, region: Region, then: Then) -> None:
        inner = Region(then, region)
        self._beside(id, term, env, inner, inner.end)

    def _compensate(self, id: str, term: Term, waits: bool, env: Env, region: Region, then: Then) -> None:
        inner = Region(then, region)

        def go_on() -> None:
            self._ask(f"{id}_w", inner, inner.leave)

        def throw() -> None:
            records, inner.done = inner.done, []
            if waits:
                self._undo(records, inner, go_on)
            else:
                inner.live += 1
                self._undo(records, inner, inner.leave)
                go_on()

        self._run(term, env, inner, in_turn(lambda: self._ask(f"{id}_t", inner, throw)))

    def _undo(self, records: list[Any], region: Region, then: Then) -> None:
        """Undoes the last, then the others."""
        if not records:
            then()
            return
        *others, last = records
        if isinstance(last, list):
            self._undo(last, region, lambda: self._undo(others, region, then))
            return
        id, asks, env, path = last
        if asks:
            entry = self._ask(f"undo_{id}", region, lambda: self._undo(others, region, then))
            entry.name = f"undo_{id}" + "".join(f"/{index}" for index in path)
        else:
            env["log"] = [*env["log"], id]
            self._undo(others, region, then)

    def _transaction(self, id: str, term: Term, cancels: bool, env: Env, region: Region, then: Then) -> None:
        inner = Region(then, region)
        end = (lambda: self._cancel(inner)) if cancels else inner.leave
        self._run(term, env, inner, in_turn(lambda: self._ask(f"{id}_t", inner, end)))

    def _cancelled(self, id: str, term: Term, env: Env, region: Region, then: Then) -> None:
        inner = Region(then, region)
        self._beside(id, term, env, inner, lambda: self._cancel(inner))

    def _cancel(self, inner: Region) -> None:
        records = inner.undoable()
        inner.interrupt()
        self._undo(records, inner, lambda: inner.end(completed=False))

    def _adhoc(
        self,
        id: str,
        terms: list[Term],
        sequential: bool,
        needed: int,
        cancels: bool,
        env: Env,
        region: Region,
        then: Then,
    ) -> None:
        number = 0
        outer = Region(then, region)
        outer.live = 0
        left: list[int] = []
        complete = False

        def begin(index: int) -> None:
            outer.live += 1
            inner = Region(done, outer)
            name = f"{id}_{index}_i"
            self._ask(f"{name}_t", inner, lambda: self._run(terms[index], env, inner, count(inner)))

        def count(inner: Region) -> Then:
            def counted() -> None:
                nonlocal number
                number += 1
                inner.leave()

            return counted

        def begin_all() -> None:
            indexes = list(range(len(terms)))
            left[:] = indexes[1:] if sequential else []
            for index in indexes[:1] if sequential else indexes:
                begin(index)

        def done() -> None:
            nonlocal complete
            outer.live -= 1
            complete = complete or (needed > 0 and number >= needed)
            if complete:
                left.clear()
                if cancels:
                    outer.live = 0
            if outer.live:
                return
            if left:
                begin(left.pop(0))
            elif complete or not needed:
                outer.end()
            else:
                begin_all()

        begin_all()

    def _discriminator(self, id: str, terms: list[Term], env: Env, region: Region, then: Then) -> None:
        inner = Region(then, region)
        inner.live = len(terms)
        arrived = 0

        def arrive() -> None:
            nonlocal arrived
            arrived += 1
            if arrived == 1:
                inner.live += 1
                self._ask(f"{id}_t", inner, inner.leave)
            inner.leave()

        def way(index: int) -> Then:
            return lambda: self._run(terms[index], env, inner, arrive)

        for index in range(len(terms)):
            self._ask(f"{id}_{index}_y", inner, way(index))
