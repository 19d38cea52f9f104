"""An index that covers a server's report."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("charges_by_server", "charges")
    columns = ["server_id", "at", "price", "images", "from_grants", "user_id", "model"]
    op.create_index("charges_by_server", "charges", columns)


def downgrade() -> None:
    op.drop_index("charges_by_server", "charges")
    op.create_index("charges_by_server", "charges", ["server_id", "at", "price", "images"])
