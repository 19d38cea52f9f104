"""When a member stopped a job that had been sent, and whether they are mentioned at the end of one that took long."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("dropped_at", sa.Double))
    op.add_column("jobs", sa.Column("mention", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("jobs", sa.Column("mentioned_at", sa.Double))
    op.add_column("preferences", sa.Column("mention", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("preferences", "mention")
    for name in ("mentioned_at", "mention", "dropped_at"):
        op.drop_column("jobs", name)
