"""The catalog: which lessons a reader may see, in which languages, and how to find one."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, or_, select

from content_server.db import utc_now
from content_server.lessons.editions.revisions import body_of
from content_server.lessons.editions.tables import (
    EditionRow,
    EditionState,
    RegistryRow,
    RevisionRow,
    SearchRow,
)
from content_server.lessons.lesson import Body, Lesson
from content_server.lessons.localized import LocalizedLesson
from content_server.lessons.registries.entries import CONTACTS, LANGUAGES, TOPICS
from content_server.lessons.registries.registries import Registries, make_registries
from content_server.locales import SOURCE_FOLDER, Folder

MOST_FOUND = 40


@dataclass(frozen=True)
class PublishedEdition:
    """One revision of an edition, read and ready to be told."""

    number: int
    digest: str
    body: Body
    media: Mapping[str, str]  # file → source digest
    created_at: datetime = field(default_factory=utc_now)  # a draft's: now


PublishedEditions = Mapping[Folder, PublishedEdition]


def load_registries(session: Session) -> Registries:
    """Return the registers as this server holds them now."""
    rows = {row.name: row.body for row in session.exec(select(RegistryRow).limit(10))}
    return make_registries(
        LANGUAGES.validate_python(rows.get("languages", {})),
        CONTACTS.validate_python(rows.get("contacts", {})),
        TOPICS.validate_python(rows.get("topics", {})),
    )


def versions_of(
    session: Session, slug: str, numbers: Mapping[str, int]
) -> dict[Folder, PublishedEdition]:
    """Return the revisions of `slug` with these numbers, by language folder."""
    query = (
        select(EditionRow.folder, RevisionRow)
        .join(RevisionRow, col(RevisionRow.edition_id) == EditionRow.id)
        .where(EditionRow.slug == slug)
    )
    return {
        Folder(folder): PublishedEdition(
            row.number, row.digest, body_of(row, folder), row.media, row.created_at
        )
        for folder, row in session.exec(query)
        if numbers.get(folder) == row.number
    }


def media_of_versions(session: Session, slug: str, numbers: Mapping[str, int]) -> set[str]:
    """Return the digests of all sources these revisions of `slug` show."""
    query = (
        select(EditionRow.folder, RevisionRow.number, RevisionRow.media)
        .join(RevisionRow, col(RevisionRow.edition_id) == EditionRow.id)
        .where(EditionRow.slug == slug)
    )
    found = session.exec(query)
    return {
        digest
        for folder, number, media in found
        if numbers.get(folder) == number
        for digest in media.values()
    }


def published_numbers(session: Session) -> dict[str, dict[str, int]]:
    """Return slug → folder → number of the published revision."""
    query = select(EditionRow).where(EditionRow.state == EditionState.PUBLISHED)
    numbers: dict[str, dict[str, int]] = {}
    for edition in session.exec(query.order_by(EditionRow.slug, col(EditionRow.id))):
        if edition.published_revision is not None:
            numbers.setdefault(edition.slug, {})[edition.folder] = edition.published_revision
    return {slug: folders for slug, folders in numbers.items() if SOURCE_FOLDER in folders}


def shown_numbers(session: Session, slug: str) -> dict[str, int]:
    """Return folder → number of the published revisions of one lesson; none without a source."""
    query = select(EditionRow).where(
        EditionRow.slug == slug, EditionRow.state == EditionState.PUBLISHED
    )
    numbers = {
        edition.folder: edition.published_revision
        for edition in session.exec(query.order_by(col(EditionRow.id)))
        if edition.published_revision is not None
    }
    return numbers if SOURCE_FOLDER in numbers else {}


def numbers_of(session: Session) -> dict[int, str]:
    """Return number → slug of every lesson that has a number, as its newest revision says it."""
    said = col(RevisionRow.body)["number"].as_integer()
    query = select(said, EditionRow.slug).join(
        RevisionRow, col(RevisionRow.edition_id) == EditionRow.id
    )
    query = query.where(EditionRow.folder == SOURCE_FOLDER).order_by(col(RevisionRow.number))
    newest = {slug: number for number, slug in session.exec(query)}
    return {number: slug for slug, number in newest.items() if number}


def titles_of(session: Session, slugs: Iterable[str]) -> dict[str, str]:
    """Return slug → title of the newest Vietnamese revision, of those lessons that have one."""
    title = col(RevisionRow.body)["title"].as_string()
    query = select(EditionRow.slug, title).join(
        RevisionRow, col(RevisionRow.edition_id) == EditionRow.id
    )
    query = query.where(EditionRow.folder == SOURCE_FOLDER, col(EditionRow.slug).in_(set(slugs)))
    return dict(session.exec(query.order_by(col(RevisionRow.number))).all())


def in_order(versions: Mapping[str, PublishedEditions], library: Registries) -> list[str]:
    """Return slugs in the order of the list: by topic, then by title."""

    def place(slug: str) -> tuple[int, str, str]:
        body = versions[slug][SOURCE_FOLDER].body
        if not isinstance(body, Lesson):
            return (0, "", slug)
        topic = library.topics.get(body.topic)
        return (topic.order if topic else 0, body.topic, fold(body.title))

    return sorted(versions, key=place)


def fold(text: str) -> str:
    """Return `text` as people type it in a hurry: no capitals, no marks, đ as d."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(c for c in plain if not unicodedata.combining(c))


def write_search(session: Session, telling: LocalizedLesson) -> None:
    """Write down the words of a published telling, to be found by."""
    said = [telling.title, telling.why, telling.success, telling.warning]
    words = " ".join([*(s.text for s in said), *(step.sentence.text for step in telling.steps)])
    words = f"{words} {telling.slug.replace('-', ' ')}"[:20_000]
    title = telling.title.text
    session.merge(
        SearchRow(
            slug=telling.slug,
            folder=telling.locale.folder,
            title=title,
            words=words,
            title_fold=fold(title),
            words_fold=fold(words),
        )
    )


Rank = tuple[bool, bool, bool]  # how much of a query is not where it should be: False is best


def find_lessons(session: Session, folder: str, query: str) -> dict[str, Rank]:
    """Return slug → rank of the lessons whose words hold every word of `query`.

    An exact match with marks comes before one without, a title before the text: mã, mạ and ma are
    different words.
    """
    words = [word for word in fold(query).split() if word][:8]
    if not words:
        return {}
    search = select(SearchRow).where(SearchRow.folder == folder)
    for word in words:
        search = search.where(
            or_(
                col(SearchRow.words_fold).contains(word, autoescape=True),
                col(SearchRow.title_fold).contains(word, autoescape=True),
            )
        )
    typed = " ".join(query.casefold().split())

    def rank(row: SearchRow) -> Rank:
        title, text = row.title.casefold(), row.words.casefold()
        return (typed not in title, fold(typed) not in row.title_fold, typed not in text)

    return {row.slug: rank(row) for row in session.exec(search.limit(MOST_FOUND))}
