"""A job's owner, costs and callbacks; the leases of processes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("owner", sa.String(64), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("settled", sa.Boolean, nullable=False, server_default=sa.false()))
    # Jobs from earlier versions: settled if they ended and are shown, as in `studio.jobs.job.Job.settled`.
    jobs = sa.table("jobs", *map(sa.column, ("settled", "state", "deleted_at", "shown_version", "version")))
    final = jobs.c.state.in_(["done", "failed", "cancelled"])
    shown = sa.or_(jobs.c.deleted_at.is_not(None), jobs.c.shown_version >= jobs.c.version)
    op.execute(jobs.update().where(final, shown).values(settled=sa.true()))
    # Per database, as its queries say it: a partial index is used only for the identical condition.
    op.create_index(
        "jobs_unsettled",
        "jobs",
        ["created_at"],
        postgresql_where=sa.text("NOT settled"),
        sqlite_where=sa.text("settled = 0"),
    )
    with_token = sa.text("token <> ''")
    op.create_index("jobs_with_token", "jobs", ["token_expires"], postgresql_where=with_token, sqlite_where=with_token)
    op.create_table(
        "charges",
        sa.Column("job_id", sa.String(24), primary_key=True),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("price", sa.Integer, nullable=False),
        sa.Column("images", sa.Integer, nullable=False),
        sa.Column("from_grants", sa.Integer, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
    )
    op.create_index("charges_by_server", "charges", ["server_id", "at", "price", "images"])
    op.create_index("charges_by_member", "charges", ["user_id", "server_id", "at", "price", "images", "from_grants"])
    op.create_index("charges_by_time", "charges", ["at", "price", "images"])
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("job_id", sa.String(24), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.Double, nullable=False),
    )
    op.create_index("callbacks_by_job", "callbacks", ["job_id"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("until", sa.Double, nullable=False),
    )


def downgrade() -> None:
    for table in ("leases", "callbacks", "charges"):
        op.drop_table(table)
    for name in ("jobs_with_token", "jobs_unsettled"):
        op.drop_index(name, "jobs")
    for name in ("settled", "owner"):
        op.drop_column("jobs", name)
