"""Names of grants, languages and units, for lists and for form choices."""

from collections.abc import Iterable

from sqlmodel import Session

from content_server.accounts.roles import Grant, Role, role_name
from content_server.accounts.units import Units, full_unit_name, list_within
from content_server.editorial.registry_edits import load_units
from content_server.lessons.editions.stored_registries import load_registries
from content_server.phrases import Phrase, _

FormChoice = tuple[str, str]  # what a form sends, what a person reads


def language_choices(session: Session) -> list[FormChoice]:
    return [(folder, locale.name_vi) for folder, locale in load_registries(session).locales.items()]


def unit_choices(session: Session, root: str | None = None) -> list[FormChoice]:
    """Return the units within `root` by full name, each after the unit that contains it."""
    units = load_units(session)
    return [(path, full_unit_name(units, path)) for path in list_within(units, root)]


def describe_grants(session: Session, grants: Iterable[Grant]) -> list[Phrase]:
    """Return each grant in words: Người đọc, tiếng Mông, xã Mường Kim."""
    names, units = dict(language_choices(session)), load_units(session)
    return [describe_grant(grant, names, units) for grant in grants]


def describe_grant(grant: Grant, languages: dict[str, str], units: Units) -> Phrase:
    role = role_name(grant.role)
    language = languages.get(grant.folder or "", grant.folder)
    unit = full_unit_name(units, grant.unit) if grant.unit else None
    if language and grant.role is not Role.AUTHOR:
        if unit:
            return _("{role} · {language} · {place}", role=role, language=language, place=unit)
        return _("{role} · {place}", role=role, place=language)
    return _("{role} · {place}", role=role, place=unit) if unit else role
