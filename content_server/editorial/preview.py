"""Preview: a draft rendered as the villagers' page, with placeholders for what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from content_server import urls
from content_server.editorial.edits import DraftBody, as_dict
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.errors import AppError
from content_server.lessons.bundle import media_of
from content_server.lessons.editions.catalog import (
    PublishedEdition,
    load_editions,
    published_revision_numbers_of,
)
from content_server.lessons.lesson import (
    MAX_SENTENCE_CHARACTERS,
    MAX_STEPS,
    MAX_TITLE_CHARACTERS,
    MIN_STEPS,
    Lesson,
    PracticeFrame,
    Show,
    Step,
    StepWords,
    Translation,
)
from content_server.lessons.localized import LocalizedLesson, localize_lesson
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER, Folder
from content_server.media.screens import Screen, draw_screen
from content_server.media.tables import Rendition
from content_server.site.pages.contexts import LessonPage
from content_server.site.pages.pages import build_lesson_page
from content_server.site.pages.render import render_page
from content_server.site.site_builder import SiteBuilder

GAP = "…"  # in place of every text the author has not written yet
STEP_ADAPTER: TypeAdapter[Step] = TypeAdapter(Step)
DATE_ADAPTER: TypeAdapter[date] = TypeAdapter(date)
PLACEHOLDER_DATE = "2026-01-01"
EDITOR_MEDIA_URL = urls.DRAFT_MEDIA.url(name="")  # unpublished media, for signed-in editors


def fill_lesson(body: DraftBody, registries: Registries) -> Lesson:
    """Return a draft's body as a source edition, with placeholders for invalid fields."""
    texts = {
        name: _truncate(body.get(name) or GAP, max_characters)
        for name, max_characters in (
            ("title", MAX_TITLE_CHARACTERS),
            ("why", MAX_SENTENCE_CHARACTERS),
            ("safety", MAX_SENTENCE_CHARACTERS),
            ("success", MAX_SENTENCE_CHARACTERS),
            ("warning", MAX_SENTENCE_CHARACTERS),
        )
    }
    steps = [_fill_step(as_dict(step), n) for n, step in enumerate(body.get("steps") or [], 1)]
    steps = steps[:MAX_STEPS]
    while len(steps) < MIN_STEPS:
        steps.append(_minimal_step({}, f"trong-{len(steps) + 1}"))
    topic = body.get("topic")
    contacts = [name for name in body.get("help") or [] if name in registries.contacts]
    return Lesson.model_validate(
        {
            **texts,
            "topic": topic if topic in registries.topics else next(iter(registries.topics), "khac"),
            "help": contacts or list(registries.contacts)[:1] or ["khac"],
            "sources": [{"what": GAP, "checked_on": PLACEHOLDER_DATE}],
            "checked_on": _date_or_placeholder(body.get("checked_on")),
            "voices": body.get("voices", "person"),
            "voice": body.get("voice"),
            "ending_voice": body.get("ending_voice"),
            "cover": body.get("cover"),
            "steps": steps,
        }
    )


def fill_translation(body: DraftBody) -> Translation:
    """Return a draft's body as a translation, without invalid steps."""
    words = {}
    for name, step in steps_of(body).items():
        try:
            words[name] = StepWords.model_validate(step)
        except ValidationError:
            continue
    try:
        return Translation.model_validate({**body, "steps": words})
    except ValidationError:
        return Translation(
            title=_truncate(str(body.get("title") or GAP), MAX_TITLE_CHARACTERS), steps=words
        )


def preview_lesson(
    session: Session,
    slug: str,
    folder: str,
    drafts: Mapping[str, tuple[DraftBody, Mapping[str, str]]],
    registries: Registries,
) -> tuple[LocalizedLesson, Mapping[Folder, PublishedEdition]]:
    """Localize a lesson from `drafts` (folder → body, media), other languages as published."""
    published = load_editions(session, slug, published_revision_numbers_of(session, slug))
    editions: dict[Folder, PublishedEdition] = dict(published)
    for name, (body, media) in drafts.items():
        model: Lesson | Translation
        visible = _without_unready_photos(body, media, _sources_with_renditions(session, media))
        is_source = name == SOURCE_FOLDER
        model = fill_lesson(visible, registries) if is_source else fill_translation(visible)
        sources = dict.fromkeys(media_of(model), "") | dict(media)
        editions[Folder(name)] = PublishedEdition(0, "", model, sources)
    complete = _drop_mismatched_words(editions)
    lesson = localize_lesson(slug, Folder(folder), complete, registries.locales)
    return lesson, editions


def preview_page(
    session: Session,
    builder: SiteBuilder,
    lesson: LocalizedLesson,
    registries: Registries,
    media_url: str = EDITOR_MEDIA_URL,
) -> bytes:
    """Return the villagers' page of a lesson, with the addresses of its media under `media_url`."""
    page = render_page(preview_page_context(session, builder, lesson, registries))
    url = media_url.encode()
    published = urls.MEDIA_PREFIX.encode()
    return page.replace(b'="' + published, b'="' + url).replace(b" " + published, b" " + url)


def preview_page_context(
    session: Session, builder: SiteBuilder, lesson: LocalizedLesson, registries: Registries
) -> LessonPage:
    """Return the page context of a lesson, with the media this server has."""
    edition = PublishedEdition(0, "", lesson.source, lesson.media)
    site = builder.load_site(session, [{SOURCE_FOLDER: edition}], registries)
    return build_lesson_page(lesson, [lesson.locale.folder], "/card", site)


def _sources_with_renditions(session: Session, media: Mapping[str, str]) -> frozenset[str]:
    """Return the digests among `media` that have renditions."""
    query = select(Rendition.source_digest).where(
        col(Rendition.source_digest).in_(list(media.values()))
    )
    return frozenset(session.exec(query.distinct()))


def _without_unready_photos(part: Any, media: Mapping[str, str], ready: frozenset[str]) -> Any:  # noqa: ANN401  # any JSON value
    """Return a body without photos that have no rendition yet."""
    if isinstance(part, list):
        return [_without_unready_photos(item, media, ready) for item in part]
    if not isinstance(part, dict):
        return part
    photo = as_dict(part.get("photo"))
    is_unready = photo and media.get(str(photo.get("file"))) not in ready
    return {
        key: _without_unready_photos(item, media, ready)
        for key, item in part.items()
        if not (key == "photo" and is_unready)
    }


def _drop_mismatched_words(
    editions: Mapping[Folder, PublishedEdition],
) -> dict[Folder, PublishedEdition]:
    """Drop a translation's practice and answer words where the source now has another number."""
    source = editions[SOURCE_FOLDER].body
    if not isinstance(source, Lesson):
        raise TypeError
    counts = {
        step.id: len(getattr(step, "practise", getattr(step, "answers", ())))
        for step in source.steps
    }
    return {folder: _drop_mismatched(edition, counts) for folder, edition in editions.items()}


def _drop_mismatched(edition: PublishedEdition, counts: Mapping[str, int]) -> PublishedEdition:
    if isinstance(edition.body, Lesson):
        return edition
    steps = {
        name: words.model_copy(
            update={
                key: None
                for key in ("practise", "answers")
                if len(getattr(words, key) or ()) != counts.get(name, 0)
            }
        )
        for name, words in edition.body.steps.items()
    }
    return replace(edition, body=edition.body.model_copy(update={"steps": steps}))


def _fill_step(step: DraftBody, number: int) -> Step:
    """Return a step as it is when it is valid, else its sentence and picture."""
    name = str(step.get("id") or f"buoc-{number}")
    try:
        complete = STEP_ADAPTER.validate_python(step)
    except ValidationError:
        return _minimal_step(step, name)
    return complete if _can_be_drawn(complete) else _minimal_step({**step, "screen": None}, name)


def _minimal_step(step: DraftBody, name: str) -> Show:
    minimal: DraftBody = {
        "id": name,
        "show": _truncate(sentence_in(step) or GAP, MAX_SENTENCE_CHARACTERS),
    }
    for picture in ("screen", "scene", "photo"):
        try:
            candidate = Show.model_validate({**minimal, picture: step.get(picture)})
        except ValidationError:
            continue
        if _can_be_drawn(candidate):
            minimal[picture] = step.get(picture)
    return Show.model_validate(minimal)


def _can_be_drawn(step: Step) -> bool:
    frames: Sequence[PracticeFrame] = getattr(step, "practise", ())
    screens: list[Screen | None] = [step.screen, *(frame.screen for frame in frames)]
    try:
        targets = [draw_screen(screen).targets for screen in screens if screen]
    except AppError:
        return False
    tapped = [frame.tap for frame in frames]
    return all(tap in each for tap, each in zip(tapped, targets[-len(tapped) :], strict=False))


def _truncate(text: str, max_characters: int) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= max_characters else text[: max_characters - 1] + GAP


def _date_or_placeholder(text: object) -> str:
    try:
        return str(DATE_ADAPTER.validate_python(text))
    except ValidationError:
        return PLACEHOLDER_DATE
