"""The lesson and language that a page of the editors works on, with its draft."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

from fastapi import Depends, Path
from sqlmodel import Session, col, select

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.accounts.tables import PersonRow
from content_server.db import Database
from content_server.editorial.drafts.drafts import draft_of
from content_server.editorial.edits import DraftBody
from content_server.editorial.review.workflow import Actor, latest_source
from content_server.editorial.tables import DraftRow
from content_server.lessons.editions.revisions import find_edition
from content_server.lessons.editions.tables import EditionRef, EditionRow
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER, Locale
from content_server.phrases import Phrase
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep, find_locale
from content_server.web.permissions import WorkDep

VIETNAM_TIME = timezone(timedelta(hours=7))
Slug = Annotated[str, Path(max_length=60, pattern=r"^[a-z0-9-]+$")]
Folder = Annotated[str, Path(max_length=20, pattern=r"^[a-z0-9-]+$")]


@dataclass(frozen=True)
class EditionContext:
    """An edition (a lesson in one language) and its draft, as read for one request."""

    slug: str
    folder: str
    edition: EditionRow
    draft: DraftRow
    locale: Locale
    registries: Registries

    @property
    def is_source(self) -> bool:
        return self.folder == SOURCE_FOLDER

    @property
    def path(self) -> str:
        """Return the address of the page that edits it."""
        return self.url(urls.EDITION)

    def url(self, route: urls.Route, **parameters: Any) -> str:  # noqa: ANN401  # as of Route.url
        """Return the address of a route of this edition; see `Route.url`."""
        return route.url(slug=self.slug, folder=self.folder, **parameters)

    @property
    def ref(self) -> EditionRef:
        return EditionRef(self.slug, self.folder)

    @property
    def subject(self) -> str:
        """Return the edition as the audit log names it."""
        return str(self.ref)

    @property
    def title(self) -> str:
        return str(self.draft.body.get("title") or self.slug)

    @property
    def write_permission(self) -> Permission:
        """Return the permission needed to change this edition's words."""
        return Permission.WRITE if self.is_source else Permission.TRANSLATE


def load_edition_context(
    session: Session, ref: EditionRef, registries: Registries
) -> EditionContext:
    """Return an edition; a translation that was never saved has an empty draft and no edition id.

    Raises LessonNotFound for an unknown lesson or language.
    """
    source = find_edition(session, EditionRef(ref.slug, SOURCE_FOLDER))
    locale = find_locale(ref.folder, registries)
    query = select(EditionRow).where(EditionRow.slug == ref.slug, EditionRow.folder == ref.folder)
    edition = session.exec(query).first()
    if edition is None:
        edition = EditionRow(slug=source.slug, folder=ref.folder)
        empty: DraftBody = {"steps": {}}
        draft = DraftRow(edition_id=0, body=empty, media={}, field_versions={}, removed_steps=[])
    else:
        draft = draft_of(session, ref)
    return EditionContext(ref.slug, ref.folder, edition, draft, locale, registries)


def _edition_context(
    _person: WorkDep, slug: Slug, folder: Folder, session: SessionDep, registries: RegistriesDep
) -> EditionContext:
    return load_edition_context(session, EditionRef(slug, folder), registries)


EditionContextDep = Annotated[EditionContext, Depends(_edition_context)]


@dataclass(frozen=True)
class EditionWriter:
    """Opens transactions that change the edition a request names."""

    ref: EditionRef
    database: Database
    registries: Registries

    @contextmanager
    def transaction(self) -> Iterator[tuple[Session, EditionContext]]:
        """Open a write transaction, with the edition as it stands in it.

        Raises LessonNotFound, DatabaseBusy.
        """
        with self.database.write() as session:
            yield session, load_edition_context(session, self.ref, self.registries)


def _edition_writer(
    slug: Slug, folder: Folder, database: DatabaseDep, registries: RegistriesDep
) -> EditionWriter:
    return EditionWriter(EditionRef(slug, folder), database, registries)


EditionWriterDep = Annotated[EditionWriter, Depends(_edition_writer)]


def actor_of(person: Person) -> Actor:
    return Actor(person.id, person.name)


def person_names(session: Session, ids: set[int | None]) -> dict[int, str]:
    """Return person id → name; deleted accounts are left out."""
    known_ids = [each for each in ids if each is not None]
    query = select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(known_ids))
    return {person_id: name for person_id, name in session.exec(query) if person_id is not None}


def load_source_body(session: Session, slug: str) -> DraftBody:
    """Return the source that translators work from: the newest valid revision, else the draft."""
    lesson = latest_source(session, slug)
    if lesson:
        return lesson.model_dump(mode="json", exclude_defaults=True)
    return draft_of(session, EditionRef(slug, SOURCE_FOLDER)).body


def translate_for(person: Person, phrase: Phrase) -> str:
    """Return a phrase in a person's language, for text stored in their name."""
    return phrase.translate(person.locale_tag)


def format_time(moment: datetime) -> str:
    """Return a time of day in Vietnam, as 14:03."""
    return f"{moment.astimezone(VIETNAM_TIME):%H:%M}"


def format_day_time(moment: datetime) -> str:
    """Return day and time in Vietnam, as 24/11 14:03."""
    return f"{moment.astimezone(VIETNAM_TIME):%d/%m %H:%M}"
