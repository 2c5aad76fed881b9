"""Everything that moves a case goes through here: kernel, rows, state and audit in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from engine.execution.fold import fold
from engine.execution.instance_rows import write_instances
from engine.execution.lock import Root
from engine.execution.record import record
from engine.execution.rows import write_rows
from engine.execution.task_rows import rename_client
from engine.execution.trace import trace
from engine.execution.writing import Writing
from engine.kernel import Outcome, advance
from engine.kernel.effects import CallStarted, Effect, VariablesWritten
from engine.kernel.errors import NoSuchScope
from engine.kernel.state import State
from engine.kernel.stimuli import SetVariables, Start, Stimulus
from engine.runtime import Work

CLIENT_PROPERTY, USUAL_CLIENT = "client", "clientId"
"""The process property that names the variable which says whose case it is, and that variable's usual name."""
NAME_PROPERTY, USUAL_NAME = "clientName", "clientName"
"""The same for the variable that holds the name of the client as people read it."""
_LONGEST = 255


def advance_root(
    work: Work,
    root: Root,
    stimulus: Stimulus,
    *,
    action: str,
    element: str | None,
    payload: Mapping[str, object],
    on_behalf_of: str | None = None,
) -> Outcome:
    """Move the locked ``root`` by ``stimulus`` and write all that follows: rows, state, one revision, one audit event.

    ``action`` is the audit tag (past tense, ``task:completed``), ``element`` the element it happened at; the effects
    join ``payload`` in the audit trail. Raises the kernel's `NotWaiting` for a token or wait that is gone.
    """
    definitions = work.sancha.definitions.for_work(work)
    state = State.new() if isinstance(stimulus, Start) else State.stored(root.scopes)
    root.scopes.prefetch(*_handles(stimulus))
    outcome = advance(definitions, state, stimulus, work.now)
    refs = _Refs(state, outcome.state, root, outcome.effects)
    writing = Writing(work, root, definitions, refs, on_behalf_of or work.on_behalf_of)
    _find_client(writing, outcome.effects)
    changes = fold(outcome.effects)
    write_rows(writing, changes)
    root.scopes.write(outcome.state.changed, outcome.state.removed)
    record(
        work,
        root,
        action=action,
        element=element,
        payload={**payload, "effects": trace(outcome.effects, writing)},
        definitions=refs.known,
        on_behalf_of=on_behalf_of,
    )
    write_instances(writing, changes)
    return outcome


class _Refs:
    """Definition refs of instance scopes: also of those that this step opened and ended again."""

    def __init__(self, before: State, after: State, root: Root, effects: tuple[Effect, ...]) -> None:
        row = root.row
        self._before, self._after = before, after
        self._found = {"1": f"{row.definition_key}:{row.definition_version}"}
        self._found.update({effect.scope: effect.definition for effect in effects if isinstance(effect, CallStarted)})

    def __call__(self, scope: str) -> str:
        if scope not in self._found:
            try:
                self._found[scope] = self._after.definition_of(scope)
            except NoSuchScope:
                self._found[scope] = self._before.definition_of(scope)
        return self._found[scope]

    @property
    def known(self) -> set[str]:
        """The refs asked for so far, and the root's."""
        return set(self._found.values())


def _handles(stimulus: Stimulus) -> list[str]:
    if isinstance(stimulus, SetVariables):
        return [stimulus.scope]
    token = getattr(stimulus, "token", None) or getattr(stimulus, "wait", None)
    return [token] if token else ([] if isinstance(stimulus, Start) else ["1"])


def _find_client(writing: Writing, effects: tuple[Effect, ...]) -> None:
    """Whose case it is: its audit payloads are encrypted with that client's key, lists show the name."""
    row = writing.root.row
    properties = writing.definition_at("1").properties
    of_id, of_name = properties.get(CLIENT_PROPERTY, USUAL_CLIENT), properties.get(NAME_PROPERTY, USUAL_NAME)
    former = row.client_name
    for effect in effects:
        if isinstance(effect, VariablesWritten) and effect.scope == "1":
            row.subject = _kept(effect.values.get(of_id)) or row.subject
            row.client_name = _kept(effect.values.get(of_name)) or row.client_name
    if row.client_name != former:
        rename_client(writing, former)


def _kept(value: object) -> str | None:
    """``value``, if it can be stored as a key's id and as a name; what a script computes may hold anything."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable() else None
