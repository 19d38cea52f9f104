"""Limits, grants and settings of servers; the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limits",
        sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("who", sa.String(16), primary_key=True),
        sa.Column("target_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("amount", sa.Integer),
    )
    op.create_table(
        "resets",
        sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("who", sa.String(16), primary_key=True),
        sa.Column("target_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
        sa.Column("by_user_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_index("grants_by_member", "grants", ["server_id", "user_id"])
    op.create_table(
        "guild_settings",
        sa.Column("server_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("settings", sa.Text, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("by_user_id", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
    )
    op.create_index("audit_by_server", "audit", ["server_id", "id"])
    # A member's running charges, and those that used grants, however many charges there are.
    running, granted = (
        {"sqlite": sa.text("settled = 0"), "postgresql": sa.text("NOT settled")},
        sa.text("from_grants > 0"),
    )
    op.create_index(
        "charges_running",
        "charges",
        ["user_id", "server_id", "at"],
        sqlite_where=running["sqlite"],
        postgresql_where=running["postgresql"],
    )
    op.create_index(
        "charges_granted",
        "charges",
        ["user_id", "server_id", "at", "from_grants"],
        sqlite_where=granted,
        postgresql_where=granted,
    )


def downgrade() -> None:
    for name in ("charges_running", "charges_granted"):
        op.drop_index(name, "charges")
    for table in ("audit", "guild_settings", "grants", "resets", "limits"):
        op.drop_table(table)
