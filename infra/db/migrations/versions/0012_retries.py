"""When a job's refused calls to Discord are retried, and whether only its token reaches its message."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("token_only", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("jobs", sa.Column("late", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("jobs", sa.Column("replaced", sa.Text, nullable=False, server_default="[]"))
    op.add_column("jobs", sa.Column("retry_at", sa.Double))
    op.create_index(
        "jobs_to_retry",
        "jobs",
        ["retry_at"],
        postgresql_where=sa.text("retry_at IS NOT NULL"),
        sqlite_where=sa.text("retry_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("jobs_to_retry", "jobs")
    for name in ("retry_at", "replaced", "late", "token_only"):
        op.drop_column("jobs", name)
