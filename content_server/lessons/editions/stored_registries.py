"""Registries in the database: the copy this server works with, edited or read from files."""

from typing import Any

from sqlmodel import Session, select

from content_server.lessons.editions.tables import Origin, RegistryRow
from content_server.lessons.registries.entries import CONTACTS, LANGUAGES, TOPICS
from content_server.lessons.registries.registries import Registries, make_registries


def load_registries(session: Session) -> Registries:
    """Return the registries as stored in the database now."""
    rows = {row.name: row.body for row in session.exec(select(RegistryRow).limit(10))}
    return make_registries(
        LANGUAGES.validate_python(rows.get("languages", {})),
        CONTACTS.validate_python(rows.get("contacts", {})),
        TOPICS.validate_python(rows.get("topics", {})),
    )


def write_registry(
    session: Session, name: str, body: dict[str, Any], digest: str, origin: Origin
) -> bool:
    """Write a registry; return False when nothing was written.

    Nothing is written when the stored one is the same, or when an editor changed it on this server
    and `origin` is FILE.
    """
    row = session.get(RegistryRow, name)
    if row and (row.digest == digest or origin is Origin.FILE is not row.origin):
        return False
    session.merge(RegistryRow(name=name, origin=origin, digest=digest, body=body))
    return True
