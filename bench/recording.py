"""The floor: exactly the statements that the engine sent, sent again without the engine, on the driver alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event

from engine.store import connect


@dataclass(frozen=True, slots=True)
class Call:
    """A statement with its parameters as the driver got them; ``sql`` None is a commit."""

    sql: str | None
    parameters: Any = None
    many: bool = False


COMMIT = Call(None)


class Recording:
    """Records what ``engine`` sends, one list of calls per `begin`. Raises ValueError at a rollback."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.parts: list[list[Call]] = []

    def __enter__(self) -> Recording:
        event.listen(self._engine, "before_cursor_execute", self._on_statement)
        event.listen(self._engine, "commit", self._on_commit)
        event.listen(self._engine, "rollback", self._on_rollback)
        return self

    def __exit__(self, *_exception: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._on_statement)
        event.remove(self._engine, "commit", self._on_commit)
        event.remove(self._engine, "rollback", self._on_rollback)

    def begin(self) -> None:
        """What comes now belongs to a new part."""
        self.parts.append([])

    def _on_statement(
        self, _connection: object, _cursor: object, sql: str, parameters: Any, _context: object, many: bool
    ) -> None:
        self.parts[-1].append(Call(sql, parameters, many))

    def _on_commit(self, _connection: object) -> None:
        self.parts[-1].append(COMMIT)

    def _on_rollback(self, _connection: object) -> None:
        raise ValueError("what was recorded was rolled back")


class Replay:
    """A raw connection of the driver, with the session settings of the product and nothing else of it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __call__(self, calls: Sequence[Call]) -> None:
        """Send ``calls`` and fetch whatever rows they give."""
        connection = self._connection
        for call in calls:
            if call.sql is None:
                connection.commit()
                continue
            cursor = connection.cursor()
            if call.many:
                cursor.executemany(call.sql, call.parameters)
            else:
                cursor.execute(call.sql, call.parameters)
                if cursor.description is not None:
                    cursor.fetchall()
            cursor.close()


@contextmanager
def replaying(url: str) -> Iterator[Replay]:
    """A replay on the database at ``url``."""
    engine = connect(url)
    pooled = engine.raw_connection()
    try:
        yield Replay(pooled.driver_connection)
    finally:
        pooled.close()
        engine.dispose()
