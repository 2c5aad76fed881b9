"""Multi-instance activities: a body with counters, and one scope per item.

The body never lists its items: their ids follow from the first one and the index. So completing one of a thousand
items reads and writes its own scope, the body and the root, whatever their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.kernel.definition import MultiInstance
from engine.kernel.effects import StepLeft
from engine.kernel.errors import Code
from engine.kernel.machine import implicit
from engine.kernel.machine.cancel import child_scopes, end_below, end_scope
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.names import check_depth
from engine.kernel.machine.records import completed, put_away
from engine.kernel.machine.variables import condition, counted, counters, evaluate, put_here, write_encoded
from engine.kernel.machine.waits import disarm
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Items, Phase, Scope, ScopeKind, parent_of
from engine.kernel.values import Json, encode

MAX_ITEMS = 10_000
"""More items than this are refused with an incident."""


def open_items(work: Work, at: Visit) -> None:
    """Opens the body and begins all items, or the first one when they run one after the other."""
    check_depth(at.scope)
    loop = _loop(at)
    items = _collection(work, at, loop)
    total = _cardinality(work, at, loop) if items is None else len(items)
    if total > MAX_ITEMS:
        raise StepFailure(Code.LOOP_LIMIT, f"{total} items are more than the {MAX_ITEMS} allowed")
    if total == 0:
        if loop.output_collection is not None:
            write_encoded(work, at.scope, {loop.output_collection: []}, at.node.id)
        work.change(at, Phase.LEAVE)
        return
    number = work.next_number(1 + total)
    body = f"{at.scope}.{number}"
    work.create(body, Scope(ScopeKind.BODY, at.node.id, at.token.number, items=Items(number + 1, total, 0)))
    work.change(at, Phase.CHILD, child=number)
    if items is not None:
        for index, item in enumerate(items):
            _create_item(work, body, index, {} if loop.element_variable is None else {loop.element_variable: item})
    for _ in range(1 if loop.sequential else total):
        _start_next(work, body)


def item_done(work: Work, at: Visit) -> None:
    """An item's activity is done: its result is kept, the next item begins, or the body ends.

    Raises `StepFailure` when the output element or the completion condition fails; then nothing has changed.
    """
    loop = _loop(at)
    item, body = at.scope, parent_of(at.scope)
    before = work.scope(body).items
    assert before is not None  # noqa: S101 - a body has counters
    after = replace(before, done=before.done + 1)
    result: Json = None
    if loop.output_collection is not None and loop.output_element is not None:
        result = [encode(evaluate(work, item, loop.output_element, "output element"))]
    ends = after.done == after.total
    if not ends and loop.completion is not None:
        ends = condition(work, item, loop.completion, "completion condition", counters(after))
    thrown = implicit.due(work, at, loop, after)
    disarm(work, at)
    completed(work, at)
    work.emit(StepLeft(at.instance, at.token.step, at.node.id, "completed"))
    work.take(at)
    work.edit(body).items = after
    counted(work, body)
    implicit.throw_all(work, body, thrown)
    if work.find(body) is None:
        return  # an escalation that an item threw has interrupted what is around
    finished = work.scope(item)
    if finished.record:
        put_away(work, item)
        work.edit(item).result = result
    elif result is None:
        work.remove(item)
    else:
        kept = Scope(ScopeKind.ITEM, finished.element, finished.owner, index=finished.index, result=result)
        work.create(item, kept)
    if ends:
        _end_body(work, body, loop)
    elif loop.sequential:
        _start_next(work, body)


def _end_body(work: Work, body: str, loop: MultiInstance) -> None:
    """Gathers the results in item order, ends what is still open and lets the activity's token go on."""
    found = work.scope(body)
    owner = work.visit(parent_of(body), found.owner)
    assert owner is not None  # noqa: S101 - a scope ends together with its owner, never after it
    all_done = found.items is not None and found.items.done == found.items.total
    if loop.output_collection is None and all_done:
        put_away(work, body)
    else:
        ids = child_scopes(work, body, found)
        scopes = [work.find(id) for id in ids]
        gathered = [scope.result[0] for scope in scopes if scope is not None and isinstance(scope.result, list)]
        if found.record:
            for id, scope in zip(ids, scopes, strict=True):
                if scope is not None and not scope.kept:
                    end_scope(work, id)
                elif scope is not None and scope.result is not None:
                    work.edit(id).result = None
            put_away(work, body)
        else:
            end_below(work, owner)
        if loop.output_collection is not None:
            write_encoded(work, owner.scope, {loop.output_collection: gathered}, owner.node.id)
    work.change(owner, Phase.LEAVE)
    work.enqueue(owner.scope, owner.token.number)


def _start_next(work: Work, body: str) -> None:
    scope = work.edit(body)
    items = scope.items
    assert items is not None  # noqa: S101 - a body has counters
    index = items.started
    scope.items = replace(items, started=index + 1)
    counted(work, body)
    item = f"{body}.{items.first + index}"
    if work.find(item) is None:
        _create_item(work, body, index, {})
    work.begin(item, work.definition_of(body).nodes[scope.element], Phase.RUN)
    work.items += 1


def _create_item(work: Work, body: str, index: int, variables: dict[str, Json]) -> None:
    scope = work.scope(body)
    assert scope.items is not None  # noqa: S101 - a body has counters
    id = f"{body}.{scope.items.first + index}"
    work.create(id, Scope(ScopeKind.ITEM, scope.element, scope.owner, index=index))
    put_here(work, id, {"loopCounter": index, **variables}, scope.element)


def _collection(work: Work, at: Visit, loop: MultiInstance) -> Sequence[Json] | None:
    if loop.collection is None:
        return None
    value = encode(evaluate(work, at.scope, loop.collection, "collection"))
    if not isinstance(value, list):
        raise StepFailure(Code.BAD_VALUE, f"the collection '{loop.collection.text}' is no list")
    return value


def _cardinality(work: Work, at: Visit, loop: MultiInstance) -> int:
    if loop.cardinality is None:
        raise StepFailure(Code.BAD_VALUE, "the multi-instance activity has neither collection nor cardinality")
    value = evaluate(work, at.scope, loop.cardinality, "cardinality")
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value) or value < 0:
        raise StepFailure(Code.BAD_VALUE, f"the cardinality '{loop.cardinality.text}' is no whole number from 0")
    return int(value)


def _loop(at: Visit) -> MultiInstance:
    assert isinstance(at.node.loop, MultiInstance)  # noqa: S101 - only called for multi-instance activities
    return at.node.loop
