"""What Alembic runs for every command, on the connection and in the transaction it is given."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum
from sqlmodel import AutoString, SQLModel, UTCDateTime


def written_type(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write plain SQLAlchemy types into migrations: they must not change when our own types do."""
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
    render_item=written_type,
    user_module_prefix="sa.",
)
with context.begin_transaction():
    context.run_migrations()
