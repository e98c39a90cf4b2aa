"""The public API: lessons, editions, steps and renditions as JSON."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from content_server import urls
from content_server.errors import LessonNotFound
from content_server.lessons.editions.catalog import (
    PublishedEditions,
    load_editions,
    published_revision_numbers,
    published_revision_numbers_of,
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
from content_server.site.pages.panels import page_path
from content_server.site.tree.rendition_index import RenditionIndex, load_rendition_index
from content_server.web.dependencies import RegistriesDep, SessionDep
from content_server.web.permissions import public

router = APIRouter(dependencies=[public])
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
    """A published lesson and the languages it is published in."""

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


class LocalizedTextOut(BaseModel):
    """A sentence, and the language it is in after fallbacks."""

    text: str
    tag: str


class VoiceOut(BaseModel):
    """A recording, the language it is in after fallbacks; `kind` says whether a machine speaks."""

    tag: str
    kind: str
    renditions: list[RenditionOut]


class StepOut(BaseModel):
    """One step in the requested language, gaps filled from its fallbacks."""

    id: str
    number: int
    kind: str
    sentence: LocalizedTextOut
    voice: VoiceOut | None


class LocalizedLessonOut(BaseModel):
    """A whole lesson in one language."""

    slug: str
    tag: str
    reviewed: bool
    title: LocalizedTextOut
    why: LocalizedTextOut
    safety: LocalizedTextOut
    success: LocalizedTextOut
    warning: LocalizedTextOut
    help: list[str]
    steps: list[StepOut]


@router.get(urls.API_LANGUAGES)
def languages(registries: RegistriesDep) -> list[LanguageOut]:
    """List the languages lessons may be made in."""
    return [
        LanguageOut(
            folder=each.folder,
            tag=each.tag,
            endonym=each.endonym,
            name_vi=each.name_vi,
            waiting=each.waiting,
        )
        for each in registries.locales.values()
    ]


@router.get(urls.API_LESSONS)
def lessons(session: SessionDep, registries: RegistriesDep) -> list[LessonOut]:
    """List the published lessons."""
    return [
        _lesson_out(slug, load_editions(session, slug, numbers), registries)
        for slug, numbers in published_revision_numbers(session).items()
    ]


@router.get(urls.API_LESSON)
def lesson(
    slug: SlugPath, folder: str, session: SessionDep, registries: RegistriesDep
) -> LocalizedLessonOut:
    """Return one lesson in one language; every text names the language it is in."""
    numbers = published_revision_numbers_of(session, slug)
    if folder not in numbers:
        raise LessonNotFound(
            _("Không có bài {slug} bằng tiếng {folder}.", slug=slug, folder=folder)
        )
    versions = load_editions(session, slug, numbers)
    localized = localize_lesson(slug, Folder(folder), versions, registries.locales)
    return _localized_lesson_out(localized, load_rendition_index(session, [versions]))


def _lesson_out(slug: str, versions: PublishedEditions, registries: Registries) -> LessonOut:
    localized = localize_lesson(slug, SOURCE_FOLDER, versions, registries.locales)
    return LessonOut(
        slug=slug,
        title=localized.title.text,
        topic=localized.source.topic,
        checked_on=localized.source.checked_on,
        editions=[
            EditionOut(
                folder=folder,
                tag=registries.locales[folder].tag,
                path=page_path(folder, slug),
                revision=version.number,
            )
            for folder, version in versions.items()
        ],
    )


def _localized_lesson_out(
    localized: LocalizedLesson, renditions: RenditionIndex
) -> LocalizedLessonOut:
    return LocalizedLessonOut(
        slug=localized.slug,
        tag=localized.locale.tag,
        reviewed=localized.reviewed,
        title=_localized_text_out(localized.title),
        why=_localized_text_out(localized.why),
        safety=_localized_text_out(localized.safety),
        success=_localized_text_out(localized.success),
        warning=_localized_text_out(localized.warning),
        help=list(localized.source.help),
        steps=[
            StepOut(
                id=step.step.id,
                number=step.number,
                kind=str(kind_of_step(step.step)),
                sentence=_localized_text_out(step.sentence),
                voice=_voice_out(step.voice, renditions) if step.voice else None,
            )
            for step in localized.steps
        ],
    )


def _localized_text_out(text: LocalizedText) -> LocalizedTextOut:
    return LocalizedTextOut(text=text.text, tag=text.locale.tag)


def _voice_out(voice: LocalizedVoice, renditions: RenditionIndex) -> VoiceOut:
    files = [
        RenditionOut(
            path=each.path,
            content_type=each.content_type,
            size_bytes=each.size_bytes,
            width_px=each.width_px,
            height_px=each.height_px,
            duration_ms=each.duration_ms,
        )
        for each in renditions.by_source.get(voice.digest, ())
    ]
    return VoiceOut(tag=voice.locale.tag, kind=voice.kind, renditions=files)
