"""Lines of the log as pages show them: what was done in words, lessons by title and language."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session

from content_server.accounts.audit_log import said
from content_server.accounts.tables import LogRow
from content_server.lessons.editions.catalog import load_registries, titles_of
from content_server.phrases import Phrase


def in_words(session: Session, lines: Iterable[LogRow]) -> list[tuple[LogRow, Phrase, str]]:
    """Return (line, what was done, about what) of each line."""
    lines = list(lines)
    titles = titles_of(session, (_slug_in(line.about) for line in lines))
    names = {str(each.folder): each.name_vi for each in load_registries(session).locales.values()}
    return [(line, said(line.what), _about(line.about, titles, names)) for line in lines]


def _slug_in(about: str) -> str:
    return about.partition(" ")[0].partition("/")[0]


def _about(about: str, titles: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Return "Trả tiền điện · Tiếng Mông · …" for "tra-tien/hmn …"; anything else as it is."""
    place, _space, more = about.partition(" ")
    slug, folder = _slug_in(about), place.partition("/")[2]
    if slug not in titles:
        return about
    return " · ".join(filter(None, (titles[slug], names.get(folder, ""), more)))
