"""Alembic's environment: configures the given connection and runs the migrations on it."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum
from sqlmodel import AutoString, SQLModel, UTCDateTime


def render_type(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Render plain SQLAlchemy types in migrations, independent of later changes of our types."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    is_text = isinstance(item, AutoString) or (isinstance(item, Enum) and not item.native_enum)
    if kind == "type" and is_text:
        length = getattr(item, "length", None)
        return f"sa.String(length={length})" if length else "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=render_type,
    user_module_prefix="sa.",
)
with context.begin_transaction():
    context.run_migrations()
