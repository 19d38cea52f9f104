"""A job's source pictures; members' last choices."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("parent", sa.Text))
    op.add_column("jobs", sa.Column("sources", sa.Text, nullable=False, server_default="[]"))
    op.add_column("jobs", sa.Column("note", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "preferences",
        sa.Column("user_id", sa.BigInteger, primary_key=True),
        sa.Column("model", sa.String(64)),
        sa.Column("size", sa.String(32)),
        sa.Column("ratio", sa.String(16)),
    )


def downgrade() -> None:
    op.drop_table("preferences")
    for name in ("note", "sources", "parent"):
        op.drop_column("jobs", name)
