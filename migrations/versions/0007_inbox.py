"""What the inbox shows, sorts by and searches: the client's name, the priority's order, the searched text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = "status = 'open'"
_FREE = f"{_OPEN} AND assignee IS NULL"
_HELD = f"{_OPEN} AND assignee IS NOT NULL"
_DONE = "completed_by IS NOT NULL"
_OLD = ("group", "assignee", "due", "root", "completed_by", "token")
_NEW = (
    ("free", ["role", "unit", "due_sort", "id", "definition_key", "search"], _FREE),
    ("free_age", ["role", "unit", "id", "definition_key"], _FREE),
    ("free_priority", ["role", "unit", "priority_sort", "due_sort", "id", "definition_key"], _FREE),
    ("held", ["role", "unit", "due_sort", "id"], _HELD),
    ("assignee", ["assignee", "due_sort", "id"], _HELD),
    ("due", ["due_sort", "id"], _OPEN),
    ("completed_by", ["completed_by", "completed_at", "id"], _DONE),
    ("root", ["root_id", "element"], None),
    ("token", ["root_id", "token"], None),
)


def upgrade() -> None:
    with op.batch_alter_table("process_instance") as batch:
        batch.add_column(sa.Column("client_name", sa.String(length=255), nullable=True))
    # Every row is written anew below, and SQLite makes a new table: the indexes come afterwards.
    for name in _OLD:
        op.drop_index(f"ix_user_task_{name}", table_name="user_task")
    with op.batch_alter_table("user_task") as batch:
        batch.add_column(sa.Column("client_name", sa.String(length=255), nullable=True))
        batch.add_column(sa.Column("priority_sort", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("search", sa.Text(), nullable=True))
    _fill()
    with op.batch_alter_table("user_task") as batch:
        batch.alter_column("priority_sort", existing_type=sa.Integer(), nullable=False)
        batch.alter_column("search", existing_type=sa.Text(), nullable=False)
    for name, columns, where in _NEW:
        condition = None if where is None else sa.text(where)
        op.create_index(
            f"ix_user_task_{name}",
            "user_task",
            columns,
            unique=False,
            sqlite_where=condition,
            postgresql_where=condition,
        )

    _name_units()


def downgrade() -> None:
    raise RuntimeError("there is no way back: restore the backup that was made before the upgrade")


def _name_units() -> None:
    """Candidates get the unit of their task, within which a role counts."""
    op.drop_index("ix_task_candidate_who", table_name="task_candidate")
    with op.batch_alter_table("task_candidate") as batch:
        batch.add_column(sa.Column("unit", sa.String(length=255), nullable=True))
    op.execute(
        "UPDATE task_candidate SET unit = (SELECT unit FROM user_task WHERE user_task.id = task_candidate.task_id)"
    )
    with op.batch_alter_table("task_candidate") as batch:
        batch.alter_column("unit", existing_type=sa.String(length=255), nullable=False)
    op.create_index("ix_task_candidate_who", "task_candidate", ["kind", "who", "unit", "task_id"], unique=False)


def _fill() -> None:
    """Names from the registers, by case number; the searched text as `engine.execution.search_text` makes it."""
    op.execute(
        "UPDATE process_instance SET client_name = (SELECT client.name FROM financing JOIN client"
        " ON client.uscc = financing.uscc WHERE financing.case_no = process_instance.business_key)"
        " WHERE parent_id IS NULL"
    )
    op.execute(
        "UPDATE user_task SET priority_sort = -priority, client_name ="
        " (SELECT client_name FROM process_instance WHERE process_instance.id = user_task.root_id)"
    )
    names = ("client_name", "business_key", "name", "name_en")
    task = sa.table("user_task", sa.column("search", sa.Text), *(sa.column(name, sa.Text) for name in names))
    client, *rest = (_small(sa.func.coalesce(task.c[name], "")) for name in names)
    searched = client
    for part in rest:
        searched = searched + "\x1f" + part
    op.execute(sa.update(task).values(search=searched))


def _small(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The first 100 characters, of which A to Z become small: what SQLite's lower() and PostgreSQL's in C do."""
    beginning: sa.ColumnElement[str] = sa.func.substr(text, 1, 100, type_=sa.Text)
    on_postgres = op.get_bind().dialect.name == "postgresql"
    return sa.func.lower(sa.collate(beginning, "C") if on_postgres else beginning, type_=sa.Text)
