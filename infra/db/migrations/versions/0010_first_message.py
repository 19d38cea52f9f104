"""A job's first message, so that a reply to any picture of a set finds the job."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BATCH = 500


def upgrade() -> None:
    op.add_column("jobs", sa.Column("first_message_id", sa.BigInteger))
    op.create_index("jobs_by_message", "jobs", ["first_message_id"])
    jobs = sa.table("jobs", sa.column("id"), sa.column("messages"), sa.column("first_message_id"))
    connection = op.get_bind()
    last = ""
    while rows := connection.execute(
        sa.select(jobs.c.id, jobs.c.messages).where(jobs.c.id > last).order_by(jobs.c.id).limit(_BATCH)
    ).all():
        for row in rows:
            if messages := json.loads(row.messages):
                first = jobs.update().where(jobs.c.id == row.id).values(first_message_id=messages[0]["id"])
                connection.execute(first)
        last = rows[-1].id


def downgrade() -> None:
    op.drop_index("jobs_by_message", "jobs")
    op.drop_column("jobs", "first_message_id")
