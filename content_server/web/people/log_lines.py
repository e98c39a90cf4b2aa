"""Lines of the log as pages show them: what was done in words, lessons by title and language."""

from collections.abc import Iterable, Mapping

from sqlmodel import Session

from content_server.lessons.catalog import library_of
from content_server.lessons.matrix import matrix_of
from content_server.locales import SOURCE_FOLDER
from content_server.people.log import said
from content_server.people.tables import LogRow
from content_server.phrases import Phrase


def in_words(session: Session, lines: Iterable[LogRow]) -> list[tuple[LogRow, Phrase, str]]:
    """Return (line, what was done, about what) of each line."""
    titles = {row.slug: row.title for row in matrix_of(session, folders=[SOURCE_FOLDER])}
    names = {str(each.folder): each.name_vi for each in library_of(session).locales.values()}
    return [(line, said(line.what), _about(line.about, titles, names)) for line in lines]


def _about(about: str, titles: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Return "Trả tiền điện · Tiếng Mông · …" for "tra-tien/hmn …"; anything else as it is."""
    place, _space, more = about.partition(" ")
    slug, _slash, folder = place.partition("/")
    if slug not in titles:
        return about
    return " · ".join(filter(None, (titles[slug], names.get(folder, ""), more)))
