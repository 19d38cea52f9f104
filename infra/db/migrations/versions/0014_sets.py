"""Sets: jobs whose messages also show other jobs' pictures, in versions. And hints for a job's message."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TEXTS = {"children": "[]", "chosen": "[]", "title": "", "label": "", "hints": "{}"}


def upgrade() -> None:
    op.add_column("jobs", sa.Column("set_slot", sa.Text))
    op.add_column("jobs", sa.Column("kept_until", sa.Double))
    for name, default in _TEXTS.items():
        op.add_column("jobs", sa.Column(name, sa.Text, nullable=False, server_default=default))


def downgrade() -> None:
    for name in ("set_slot", "kept_until", *_TEXTS):
        op.drop_column("jobs", name)
