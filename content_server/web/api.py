"""The API: lessons, editions, steps and renditions as JSON, for programs that fetch lessons."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from content_server.errors import LessonNotFound
from content_server.lessons.editions.catalog import (
    PublishedEditions,
    published_numbers,
    shown_numbers,
    versions_of,
)
from content_server.lessons.lesson import kind_of_step
from content_server.lessons.localized import (
    LocalizedLesson,
    LocalizedText,
    LocalizedVoice,
    localize_lesson,
)
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER, Folder
from content_server.phrases import _
from content_server.site.pages.panels import path_of
from content_server.site.tree.rendition_index import RenditionIndex, shelf_of
from content_server.web.dependencies import RegistriesDep, SessionDep
from content_server.web.permissions import anybody

router = APIRouter(prefix="/api/v1", dependencies=[anybody])
SlugPath = Annotated[str, Path(max_length=60)]


class LanguageOut(BaseModel):
    """A language of the registry."""

    folder: str
    tag: str
    endonym: str
    name_vi: str
    waiting: bool


class EditionOut(BaseModel):
    """One lesson in one language, as published."""

    folder: str
    tag: str
    path: str
    revision: int


class LessonOut(BaseModel):
    """A published lesson and the languages it is told in."""

    slug: str
    title: str
    topic: str
    checked_on: date
    editions: list[EditionOut]


class RenditionOut(BaseModel):
    """One file of a picture, a voice or a clip."""

    path: str
    content_type: str
    size_bytes: int
    width_px: int | None
    height_px: int | None
    duration_ms: int | None


class SaidOut(BaseModel):
    """A sentence, and the language it is really in."""

    text: str
    tag: str


class VoiceOut(BaseModel):
    """A recording, the language it is really in, and whether a machine speaks."""

    tag: str
    kind: str
    renditions: list[RenditionOut]


class StepOut(BaseModel):
    """One step as told in this language."""

    id: str
    number: int
    kind: str
    sentence: SaidOut
    voice: VoiceOut | None


class TellingOut(BaseModel):
    """A whole lesson in one language."""

    slug: str
    tag: str
    reviewed: bool
    title: SaidOut
    why: SaidOut
    safety: SaidOut
    success: SaidOut
    warning: SaidOut
    help: list[str]
    steps: list[StepOut]


@router.get("/languages")
def languages(library: RegistriesDep) -> list[LanguageOut]:
    """List the languages lessons may be made in."""
    return [
        LanguageOut(
            folder=each.folder,
            tag=each.tag,
            endonym=each.endonym,
            name_vi=each.name_vi,
            waiting=each.waiting,
        )
        for each in library.locales.values()
    ]


@router.get("/lessons")
def lessons(session: SessionDep, library: RegistriesDep) -> list[LessonOut]:
    """List the published lessons."""
    return [
        _lesson_out(slug, versions_of(session, slug, numbers), library)
        for slug, numbers in published_numbers(session).items()
    ]


@router.get("/lessons/{slug}/{folder}")
def lesson(slug: SlugPath, folder: str, session: SessionDep, library: RegistriesDep) -> TellingOut:
    """Tell one lesson in one language, every gap filled and named."""
    numbers = shown_numbers(session, slug)
    if folder not in numbers:
        raise LessonNotFound(
            _("Không có bài {slug} bằng tiếng {folder}.", slug=slug, folder=folder)
        )
    versions = versions_of(session, slug, numbers)
    telling = localize_lesson(slug, Folder(folder), versions, library.locales)
    return _telling_out(telling, shelf_of(session, [versions]))


def _lesson_out(slug: str, versions: PublishedEditions, library: Registries) -> LessonOut:
    telling = localize_lesson(slug, SOURCE_FOLDER, versions, library.locales)
    return LessonOut(
        slug=slug,
        title=telling.title.text,
        topic=telling.source.topic,
        checked_on=telling.source.checked_on,
        editions=[
            EditionOut(
                folder=folder,
                tag=library.locales[folder].tag,
                path=path_of(folder, slug),
                revision=version.number,
            )
            for folder, version in versions.items()
        ],
    )


def _telling_out(telling: LocalizedLesson, shelf: RenditionIndex) -> TellingOut:
    return TellingOut(
        slug=telling.slug,
        tag=telling.locale.tag,
        reviewed=telling.reviewed,
        title=_said_out(telling.title),
        why=_said_out(telling.why),
        safety=_said_out(telling.safety),
        success=_said_out(telling.success),
        warning=_said_out(telling.warning),
        help=list(telling.source.help),
        steps=[
            StepOut(
                id=told.step.id,
                number=told.number,
                kind=str(kind_of_step(told.step)),
                sentence=_said_out(told.sentence),
                voice=_voice_out(told.voice, shelf) if told.voice else None,
            )
            for told in telling.steps
        ],
    )


def _said_out(said: LocalizedText) -> SaidOut:
    return SaidOut(text=said.text, tag=said.locale.tag)


def _voice_out(spoken: LocalizedVoice, shelf: RenditionIndex) -> VoiceOut:
    renditions = [
        RenditionOut(
            path=each.path,
            content_type=each.content_type,
            size_bytes=each.size_bytes,
            width_px=each.width_px,
            height_px=each.height_px,
            duration_ms=each.duration_ms,
        )
        for each in shelf.renditions.get(spoken.digest, ())
    ]
    return VoiceOut(tag=spoken.locale.tag, kind=spoken.kind, renditions=renditions)
