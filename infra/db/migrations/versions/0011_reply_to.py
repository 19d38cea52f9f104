"""The message that a job replies to, so that its placeholder is found again and never posted twice."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("reply_to", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("jobs", "reply_to")
