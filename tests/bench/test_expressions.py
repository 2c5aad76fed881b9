"""The benchmark of expressions: each case gives what its Python gives, and a row of its own."""

from __future__ import annotations

import pytest

from bench import expressions


def test_each_expression_gives_what_its_python_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "_ROUNDS", 1)
    monkeypatch.setattr(expressions, "_TURN_SECONDS", 0.0)
    rows = expressions.bench_expressions()
    assert len(rows) == len({row.what for row in rows}) == len(expressions.CASES) + 2
    assert all(row.part == "h" and row.ratio is not None and row.ratio > 0 for row in rows)
