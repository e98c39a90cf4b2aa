"""The preview: a draft as villagers would see it, by the press's own pages, gaps and all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from content_server.editorial.edits import Body, dict_of
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.errors import AppError
from content_server.lessons.bundle import media_of
from content_server.lessons.editions.catalog import PublishedEdition, shown_numbers, versions_of
from content_server.lessons.lesson import (
    MAX_STEPS,
    MIN_STEPS,
    SENTENCE_CHARACTERS,
    Frame,
    Lesson,
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
from content_server.site.pages.pages import lesson_page
from content_server.site.pages.render import render
from content_server.site.site_builder import SiteBuilder

GAP = "…"  # stands wherever the author has not written anything yet
STEP: TypeAdapter[Step] = TypeAdapter(Step)
DAY: TypeAdapter[date] = TypeAdapter(date)
SOME_DAY = "2026-01-01"
ROOMS_MEDIA = "/-/soan/tep/"  # where those who work on lessons hear and see them


def whole_lesson(body: Body, library: Registries) -> Lesson:
    """Return a source edition from a draft, every gap filled with three dots."""
    lines = {
        name: _cut(body.get(name) or GAP, most)
        for name, most in (("title", 48), ("why", 90), ("safety", 90), ("success", 90))
    }
    steps = [_whole_step(dict_of(step), n) for n, step in enumerate(body.get("steps") or [], 1)]
    steps = steps[:MAX_STEPS]
    while len(steps) < MIN_STEPS:
        steps.append(_bare_step({}, f"trong-{len(steps) + 1}"))
    topic = body.get("topic")
    contacts = [name for name in body.get("help") or [] if name in library.contacts]
    return Lesson.model_validate(
        {
            **lines,
            "warning": _cut(body.get("warning") or GAP, 90),
            "topic": topic if topic in library.topics else next(iter(library.topics), "khac"),
            "help": contacts or list(library.contacts)[:1] or ["khac"],
            "sources": [{"what": GAP, "checked_on": SOME_DAY}],
            "checked_on": _day(body.get("checked_on")),
            "voices": body.get("voices", "person"),
            "voice": body.get("voice"),
            "ending_voice": body.get("ending_voice"),
            "cover": body.get("cover"),
            "steps": steps,
        }
    )


def whole_translation(body: Body) -> Translation:
    """Return a translation from a draft, without what cannot be shown yet."""
    words = {}
    for name, step in steps_of(body).items():
        try:
            words[name] = StepWords.model_validate(step)
        except ValidationError:
            continue
    try:
        return Translation.model_validate({**body, "steps": words})
    except ValidationError:
        return Translation(title=_cut(str(body.get("title") or GAP), 48), steps=words)


def preview_telling(
    session: Session,
    slug: str,
    folder: str,
    drafts: Mapping[str, tuple[Body, Mapping[str, str]]],
    library: Registries,
) -> tuple[LocalizedLesson, Mapping[Folder, PublishedEdition]]:
    """Tell a lesson as `drafts` (folder → body, media) have it; other languages as published."""
    published = versions_of(session, slug, shown_numbers(session, slug))
    versions: dict[Folder, PublishedEdition] = dict(published)
    for name, (body, media) in drafts.items():
        model: Lesson | Translation
        shown = _made_only(body, media, _made(session, media))
        is_source = name == SOURCE_FOLDER
        model = whole_lesson(shown, library) if is_source else whole_translation(shown)
        known = dict.fromkeys(media_of(model), "") | dict(media)
        versions[Folder(name)] = PublishedEdition(0, "", model, known)
    telling = localize_lesson(slug, Folder(folder), _fitting(versions), library.locales)
    return telling, versions


def preview_page(
    session: Session,
    press: SiteBuilder,
    telling: LocalizedLesson,
    library: Registries,
    media: str = ROOMS_MEDIA,
) -> bytes:
    """Return the villager's page of a telling, its media not yet published at `media`."""
    page, at = render(preview_context(session, press, telling, library)), media.encode()
    return page.replace(b'="/m/', b'="' + at).replace(b" /m/", b" " + at)


def preview_context(
    session: Session, press: SiteBuilder, telling: LocalizedLesson, library: Registries
) -> LessonPage:
    """Return the context of a telling's page, with the media this server has."""
    version = PublishedEdition(0, "", telling.source, telling.media)
    site = press.site(session, [{SOURCE_FOLDER: version}], library)
    return lesson_page(telling, [telling.locale.folder], "/card", site)


def _made(session: Session, media: Mapping[str, str]) -> frozenset[str]:
    """Return the sources among `media` that have renditions by now."""
    query = select(Rendition.source_digest).where(
        col(Rendition.source_digest).in_(list(media.values()))
    )
    return frozenset(session.exec(query.distinct()))


def _made_only(part: Any, media: Mapping[str, str], made: frozenset[str]) -> Any:  # noqa: ANN401  # any JSON value
    """Return a body without photos that are still being made."""
    if isinstance(part, list):
        return [_made_only(item, media, made) for item in part]
    if not isinstance(part, dict):
        return part
    photo = dict_of(part.get("photo"))
    waits = photo and media.get(str(photo.get("file"))) not in made
    return {
        key: _made_only(item, media, made)
        for key, item in part.items()
        if not (key == "photo" and waits)
    }


def _fitting(versions: Mapping[Folder, PublishedEdition]) -> dict[Folder, PublishedEdition]:
    """Leave out words of a practice or question that has more or fewer taps by now."""
    source = versions[SOURCE_FOLDER].body
    if not isinstance(source, Lesson):
        raise TypeError
    counts = {
        step.id: len(getattr(step, "practise", getattr(step, "answers", ())))
        for step in source.steps
    }
    return {folder: _fitted(version, counts) for folder, version in versions.items()}


def _fitted(version: PublishedEdition, counts: Mapping[str, int]) -> PublishedEdition:
    if isinstance(version.body, Lesson):
        return version
    steps = {
        name: words.model_copy(
            update={
                key: None
                for key in ("practise", "answers")
                if len(getattr(words, key) or ()) != counts.get(name, 0)
            }
        )
        for name, words in version.body.steps.items()
    }
    return replace(version, body=version.body.model_copy(update={"steps": steps}))


def _whole_step(step: Body, number: int) -> Step:
    """Return a step as it is, or what of it can be shown."""
    name = str(step.get("id") or f"buoc-{number}")
    try:
        whole = STEP.validate_python(step)
    except ValidationError:
        return _bare_step(step, name)
    return whole if _can_be_drawn(whole) else _bare_step({**step, "screen": None}, name)


def _bare_step(step: Body, name: str) -> Show:
    bare: Body = {"id": name, "show": _cut(sentence_in(step) or GAP, SENTENCE_CHARACTERS)}
    for picture in ("screen", "scene", "photo"):
        try:
            tried = Show.model_validate({**bare, picture: step.get(picture)})
        except ValidationError:
            continue
        if _can_be_drawn(tried):
            bare[picture] = step.get(picture)
    return Show.model_validate(bare)


def _can_be_drawn(step: Step) -> bool:
    frames: Sequence[Frame] = getattr(step, "practise", ())
    screens: list[Screen | None] = [step.screen, *(frame.screen for frame in frames)]
    try:
        targets = [draw_screen(screen).targets for screen in screens if screen]
    except AppError:
        return False
    tapped = [frame.tap for frame in frames]
    return all(tap in each for tap, each in zip(tapped, targets[-len(tapped) :], strict=False))


def _cut(text: str, most: int) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= most else text[: most - 1] + GAP


def _day(text: object) -> str:
    try:
        return str(DAY.validate_python(text))
    except ValidationError:
        return SOME_DAY
