"""Writes the table of BPMN support into its page: ``python -m tests.kernel.support.write``."""

from __future__ import annotations

from pathlib import Path

from tests.kernel.support.rows import Row
from tests.kernel.support.table import ROWS

PAGE = Path(__file__).parents[3] / "docs" / "bpmn-support.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


def table() -> str:
    """The table as Markdown, between its marks."""
    head = "| Element | Meaning | BPMN 2.0.2 | Tests | SpiffWorkflow |\n|---|---|---|---|---|"
    return "\n".join((BEGIN, head, *(_line(row) for row in ROWS), END))


def _line(row: Row) -> str:
    names, _, case = row.element.partition(" (")
    element = ", ".join(f"`{name}`" if " " not in name else name for name in names.split(", "))
    if case:
        element = f"{element} ({case}"
    return (
        f"| {element} | {row.semantics} | {row.section} | `{row.tests.removeprefix('tests/kernel/')}` | {row.spiff} |"
    )


def main() -> None:
    """Replaces the table in the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + table() + after, encoding="utf-8")


if __name__ == "__main__":
    main()
