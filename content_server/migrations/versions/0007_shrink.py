"""what was found out about sources."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "finding",
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_digest"],
            ["source.digest"],
            name=op.f("fk_finding_source_digest_source"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_digest", "name", name=op.f("pk_finding")),
    )
    # The one ladder for all clips is gone; what it made is no rung of any ladder now.
    op.execute("DELETE FROM rendition WHERE recipe LIKE 'clip-%'")


def downgrade() -> None:
    op.drop_table("finding")
