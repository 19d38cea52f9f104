"""Whether a result could not be delivered, so that its member can be told and fetch it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("undelivered", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index(
        "jobs_undelivered",
        "jobs",
        ["user_id"],
        postgresql_where=sa.text("undelivered"),
        sqlite_where=sa.text("undelivered = 1"),
    )


def downgrade() -> None:
    op.drop_index("jobs_undelivered", "jobs")
    op.drop_column("jobs", "undelivered")
