"""kept versions and guests."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft_guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("whom", sa.String(length=80), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["edition.id"],
            name=op.f("fk_draft_guest_edition_id_edition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_guest")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_draft_guest_token_hash")),
    )
    with op.batch_alter_table("draft_guest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_guest_edition_id"), ["edition_id"], unique=False)

    op.create_table(
        "draft_kept",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["draft.id"],
            name=op.f("fk_draft_kept_draft_id_draft"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_kept")),
    )
    with op.batch_alter_table("draft_kept", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_kept_draft_id"), ["draft_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("draft_kept", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_kept_draft_id"))

    op.drop_table("draft_kept")
    with op.batch_alter_table("draft_guest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_guest_edition_id"))

    op.drop_table("draft_guest")
