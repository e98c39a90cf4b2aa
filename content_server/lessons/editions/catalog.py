"""The catalog: which lessons are published, in which languages, and in which order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.lessons.editions.revisions import revision_body
from content_server.lessons.editions.search import fold_for_search
from content_server.lessons.editions.tables import (
    EditionRow,
    EditionState,
    RevisionRow,
)
from content_server.lessons.lesson import EditionBody, Lesson
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER, Folder


@dataclass(frozen=True)
class PublishedEdition:
    """One revision of an edition with its parsed body, ready to be localized."""

    number: int
    digest: str
    body: EditionBody
    media: Mapping[str, str]  # file → source digest
    created_at: datetime = field(default_factory=utc_now)  # a preview has no revision: now


PublishedEditions = Mapping[Folder, PublishedEdition]


def load_editions(
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
            row.number, row.digest, revision_body(row, folder), row.media, row.created_at
        )
        for folder, row in session.exec(query)
        if numbers.get(folder) == row.number
    }


def source_digests_of(session: Session, slug: str, numbers: Mapping[str, int]) -> set[str]:
    """Return the digests of all media sources these revisions of `slug` use."""
    query = (
        select(EditionRow.folder, RevisionRow.number, RevisionRow.media)
        .join(RevisionRow, col(RevisionRow.edition_id) == EditionRow.id)
        .where(EditionRow.slug == slug)
    )
    return {
        digest
        for folder, number, media in session.exec(query)
        if numbers.get(folder) == number
        for digest in media.values()
    }


def published_revision_numbers(session: Session) -> dict[str, dict[str, int]]:
    """Return slug → folder → published revision's number, of lessons with a published source."""
    query = select(EditionRow).where(EditionRow.state == EditionState.PUBLISHED)
    numbers: dict[str, dict[str, int]] = {}
    for edition in session.exec(query.order_by(EditionRow.slug, col(EditionRow.id))):
        if edition.published_revision is not None:
            numbers.setdefault(edition.slug, {})[edition.folder] = edition.published_revision
    return {slug: folders for slug, folders in numbers.items() if SOURCE_FOLDER in folders}


def published_revision_numbers_of(session: Session, slug: str) -> dict[str, int]:
    """Return folder → number of one lesson's published revisions; empty without a source."""
    query = select(EditionRow).where(
        EditionRow.slug == slug, EditionRow.state == EditionState.PUBLISHED
    )
    numbers = {
        edition.folder: edition.published_revision
        for edition in session.exec(query.order_by(col(EditionRow.id)))
        if edition.published_revision is not None
    }
    return numbers if SOURCE_FOLDER in numbers else {}


def lesson_numbers(session: Session) -> dict[int, str]:
    """Return lesson number → slug, by each numbered lesson's newest Vietnamese revision."""
    number_column = col(RevisionRow.body)["number"].as_integer()
    query = select(number_column, EditionRow.slug).join(
        RevisionRow, col(RevisionRow.edition_id) == EditionRow.id
    )
    query = query.where(EditionRow.folder == SOURCE_FOLDER).order_by(col(RevisionRow.number))
    newest = {slug: number for number, slug in session.exec(query)}
    return {number: slug for slug, number in newest.items() if number}


def lesson_titles(session: Session, slugs: Iterable[str]) -> dict[str, str]:
    """Return slug → title of the newest Vietnamese revision, of the lessons that have one."""
    title = col(RevisionRow.body)["title"].as_string()
    query = select(EditionRow.slug, title).join(
        RevisionRow, col(RevisionRow.edition_id) == EditionRow.id
    )
    query = query.where(EditionRow.folder == SOURCE_FOLDER, col(EditionRow.slug).in_(set(slugs)))
    return dict(session.exec(query.order_by(col(RevisionRow.number))).all())


def sort_lessons(editions: Mapping[str, PublishedEditions], registries: Registries) -> list[str]:
    """Return slugs in the order of the lesson list: by topic, then by title."""

    def sort_key(slug: str) -> tuple[int, str, str]:
        body = editions[slug][SOURCE_FOLDER].body
        if not isinstance(body, Lesson):
            return (0, "", slug)
        topic = registries.topics.get(body.topic)
        return (topic.order if topic else 0, body.topic, fold_for_search(body.title))

    return sorted(editions, key=sort_key)
