"""What grants and places are called: languages and units by name, for lists and for choosing."""

from collections.abc import Iterable

from sqlmodel import Session

from content_server.accounts.roles import Grant, Role, role_name
from content_server.accounts.units import Units, below, full_name
from content_server.editorial.registry_edits import units_of
from content_server.lessons.editions.catalog import load_registries
from content_server.phrases import Phrase, _

Choice = tuple[str, str]  # what a form sends, what a person reads


def languages_to_choose(session: Session) -> list[Choice]:
    return [(folder, locale.name_vi) for folder, locale in load_registries(session).locales.items()]


def units_to_choose(session: Session, whole: str | None = None) -> list[Choice]:
    """Return units by their whole names, each after what it lies in."""
    units = units_of(session)
    return [(path, full_name(units, path)) for path in below(units, whole)]


def said_grants(session: Session, grants: Iterable[Grant]) -> list[Phrase]:
    """Return each grant in words: Người đọc, tiếng Mông, xã Mường Kim."""
    names, units = dict(languages_to_choose(session)), units_of(session)
    return [said_grant(grant, names, units) for grant in grants]


def said_grant(grant: Grant, languages: dict[str, str], units: Units) -> Phrase:
    role = role_name(grant.role)
    language = languages.get(grant.folder or "", grant.folder)
    place = full_name(units, grant.unit) if grant.unit else None
    if language and grant.role is not Role.AUTHOR:
        if place:
            return _("{role} · {language} · {place}", role=role, language=language, place=place)
        return _("{role} · {place}", role=role, place=language)
    return _("{role} · {place}", role=role, place=place) if place else role
