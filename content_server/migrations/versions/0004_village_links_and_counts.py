"""village links and counts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counted_once",
        sa.Column("digest", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_counted_once")),
    )
    with op.batch_alter_table("counted_once", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_counted_once_day"), ["day"], unique=False)

    op.create_table(
        "village_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("link", sa.String(length=4), nullable=False),
        sa.Column("lesson", sa.String(length=60), nullable=False),
        sa.Column("lang", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "link", "lesson", "lang", "what", name=op.f("pk_village_count")
        ),
    )
    op.create_table(
        "village_link",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=240), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_village_link")),
        sa.UniqueConstraint("key", name=op.f("uq_village_link_key")),
    )


def downgrade() -> None:
    op.drop_table("village_link")
    op.drop_table("village_count")
    with op.batch_alter_table("counted_once", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_counted_once_day"))

    op.drop_table("counted_once")
