"""The desk: what every page of a lesson in the making knows, and who may change what."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select

from content_server.accounts.roles import Act, Person
from content_server.accounts.tables import PersonRow
from content_server.editorial.drafts.drafts import draft_of
from content_server.editorial.edits import Body
from content_server.editorial.review.workflow import Actor, source_of
from content_server.editorial.tables import DraftRow
from content_server.errors import LessonNotFound
from content_server.lessons.editions.revisions import find_edition
from content_server.lessons.editions.tables import EditionRow
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER, Locale
from content_server.locales import Folder as Name
from content_server.phrases import Phrase, _
from content_server.pipeline.pipeline import Pipeline
from content_server.web.dependencies import RegistriesDep, SessionDep
from content_server.web.permissions import WorkDep
from content_server.web.rendering import tag_of

VIETNAM = timezone(timedelta(hours=7))
Slug = Annotated[str, Path(max_length=60, pattern=r"^[a-z0-9-]+$")]
Folder = Annotated[str, Path(max_length=20, pattern=r"^[a-z0-9-]+$")]


@dataclass(frozen=True)
class EditionContext:
    """A lesson in one language, and its draft as it stands now."""

    slug: str
    folder: str
    edition: EditionRow
    draft: DraftRow
    locale: Locale
    library: Registries

    @property
    def is_source(self) -> bool:
        return self.folder == SOURCE_FOLDER

    @property
    def path(self) -> str:
        return f"/-/soan/bai/{self.slug}/{self.folder}"

    @property
    def title(self) -> str:
        return str(self.draft.body.get("title") or self.slug)

    @property
    def writing(self) -> Act:
        """Return the act that changing this edition's words is."""
        return Act.WRITE if self.is_source else Act.TRANSLATE


def place_of(session: Session, slug: str, folder: str, library: Registries) -> EditionContext:
    """Return a lesson in one language; a translation not yet begun is an empty draft.

    Raises LessonNotFound for a lesson or a language that is not there.
    """
    source = find_edition(session, slug, SOURCE_FOLDER)
    locale = locale_of(folder, library)
    query = select(EditionRow).where(EditionRow.slug == slug, EditionRow.folder == folder)
    edition = session.exec(query).first()
    if edition is None:
        edition = EditionRow(slug=source.slug, folder=folder)
        empty: Body = {"steps": {}}
        draft = DraftRow(edition_id=0, body=empty, media={}, stamps={}, removed=[])
    else:
        draft = draft_of(session, slug, folder)
    return EditionContext(slug, folder, edition, draft, locale, library)


def _place(
    _person: WorkDep, slug: Slug, folder: Folder, session: SessionDep, library: RegistriesDep
) -> EditionContext:
    return place_of(session, slug, folder, library)


EditionContextDep = Annotated[EditionContext, Depends(_place)]


def locale_of(folder: str, library: Registries) -> Locale:
    """Return a language of the registry. Raises LessonNotFound."""
    if folder in library.locales:
        return library.locales[Name(folder)]
    raise LessonNotFound(_("Không có tiếng nào tên {name}.", name=folder[:40]))


def _road(request: Request) -> Pipeline:
    road: Pipeline = request.app.state.road
    return road


RoadDep = Annotated[Pipeline, Depends(_road)]


def actor_of(person: Person) -> Actor:
    return Actor(person.id, person.name)


def names_of(session: Session, ids: set[int | None]) -> dict[int, str]:
    """Return the names of people by number; who has left has none."""
    wanted = [each for each in ids if each is not None]
    query = select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(wanted))
    return {number: name for number, name in session.exec(query) if number is not None}


def source_body(session: Session, slug: str) -> Body:
    """Return what translators work from: the newest whole source, else its draft."""
    lesson = source_of(session, slug)
    if lesson:
        return lesson.model_dump(mode="json", exclude_defaults=True)
    return draft_of(session, slug, SOURCE_FOLDER).body


def said(request: Request, person: Person, phrase: Phrase) -> str:
    """Return a phrase in the language of whoever asks."""
    return phrase.said_in(tag_of(request, person))


def said_by(person: Person, phrase: Phrase) -> str:
    """Return a phrase in a person's own language, to be written down as theirs."""
    return phrase.said_in(person.tag)


def see_other(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def clock(moment: datetime) -> str:
    """Return an hour as people here read it: 14:03, in Vietnam's time."""
    return f"{moment.astimezone(VIETNAM):%H:%M}"


def day(moment: datetime) -> str:
    """Return a day and hour as people here read it: 24/11 14:03."""
    return f"{moment.astimezone(VIETNAM):%d/%m %H:%M}"
