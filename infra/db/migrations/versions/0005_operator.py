"""Values shared by all processes; requests for erasure; commands of single servers; an index of jobs by time."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shared_state",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("asked_at", sa.Double, nullable=False),
    )
    # The digests only save a request: without them, commands are synced once more.
    op.drop_table("synced_commands")
    op.create_table(
        "synced_commands",
        sa.Column("application_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.drop_index("jobs_by_state", "jobs")
    op.create_index("jobs_by_time", "jobs", ["created_at", "state"])


def downgrade() -> None:
    op.drop_index("jobs_by_time", "jobs")
    op.create_index("jobs_by_state", "jobs", ["state"])
    op.drop_table("synced_commands")
    op.create_table(
        "synced_commands",
        sa.Column("application_id", sa.BigInteger, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    for table in ("erasures", "shared_state"):
        op.drop_table(table)
