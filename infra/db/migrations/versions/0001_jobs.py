"""Jobs, and digests of the synced commands."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("shown_version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("path", sa.String(12)),
        sa.Column("task_id", sa.Text),
        sa.Column("trace_id", sa.Text),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("upload_limit", sa.BigInteger, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("token_expires", sa.Double, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("images", sa.Text, nullable=False),
        sa.Column("messages", sa.Text, nullable=False),
        sa.Column("failure", sa.Text),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("reserved", sa.Integer, nullable=False),
        sa.Column("spent", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sa.Column("deleted_at", sa.Double),
    )
    op.create_index("jobs_by_state", "jobs", ["state"])
    op.create_index("jobs_by_user", "jobs", ["user_id", "created_at"])
    op.create_table(
        "synced_commands",
        sa.Column("application_id", sa.BigInteger, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("synced_commands")
    op.drop_table("jobs")
