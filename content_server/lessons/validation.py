"""Validation of editions beyond their schema: references, taps and media; problems have lines."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content_server.errors import AppError, Problem
from content_server.lessons.lesson import (
    MAX_VOICE_MS,
    Ask,
    EditionBody,
    IfWrong,
    Lesson,
    Picture,
    Practise,
    Show,
    Step,
    Translation,
    Watch,
    kind_of_step,
)
from content_server.lessons.media_references import clips_of, pictures_of, voices_of
from content_server.lessons.registries.registries import Registries
from content_server.lessons.source.yaml_source import ValuePath, YamlDocument
from content_server.locales import Folder
from content_server.media.video.captions import read_captions
from content_server.phrases import _

DurationOf = Callable[[Path], int | None]  # ms of a recording or clip; None when it has none
Problems = Iterator[Problem]


@dataclass(frozen=True)
class ValidationContext:
    """What the checks read: the document, the registries it may refer to, and its media."""

    document: YamlDocument
    registries: Registries
    media_dir: Path
    duration_ms: DurationOf


def check_lesson(lesson: Lesson, context: ValidationContext) -> Problems:
    """Yield every problem of a source edition, including its files under media/."""
    yield from check_lesson_content(lesson, context)
    yield from _check_media(lesson, context)


def check_lesson_content(lesson: Lesson, context: ValidationContext) -> Problems:
    """Yield every problem of a source edition except those of its media files."""
    if lesson.topic not in context.registries.topics:
        phrase = _("Không có nhóm bài nào tên {name}.", name=lesson.topic)
        yield context.document.problem(("topic",), phrase)
    if lesson.number and (owner := context.registries.numbers.get(lesson.number)):
        phrase = _(
            "Số {number} đã là của bài {name}. Chọn số khác.",
            number=lesson.number,
            name=owner,
        )
        yield context.document.problem(("number",), phrase)
    for index, contact in enumerate(lesson.help):
        if contact not in context.registries.contacts:
            phrase = _("Không có số gọi nào tên {name} trong contacts.yaml.", name=contact)
            yield context.document.problem(("help", index), phrase)
    duplicates = [name for name, count in Counter(s.id for s in lesson.steps).items() if count > 1]
    for index, step in enumerate(lesson.steps):
        path: ValuePath = ("steps", index)
        if step.id in duplicates:
            phrase = _("Có hai bước cùng tên {name}.", name=step.id)
            yield context.document.problem((*path, "id"), phrase)
        yield from _check_step(step, path, context)


def _check_step(step: Step, path: ValuePath, context: ValidationContext) -> Problems:
    match step:
        case Show() | IfWrong():
            yield from _check_picture(step, path, context, required=True)
            yield from _check_tap(step, step.tap, path, context)
        case Practise():
            for index, frame in enumerate(step.practise):
                picture = Picture(screen=frame.screen)
                yield from _check_tap(picture, frame.tap, (*path, "practise", index), context)
        case Ask():
            for index, answer in enumerate(step.answers):
                here = (*path, "answers", index, "picture")
                yield from _check_picture(answer.picture, here, context, required=True)
            if not any(answer.right for answer in step.answers):
                phrase = _("Câu hỏi chưa có câu trả lời nào ghi right: true.")
                yield context.document.problem((*path, "answers"), phrase)
        case Watch():
            pass


def _check_picture(
    picture: Picture, path: ValuePath, context: ValidationContext, *, required: bool
) -> Problems:
    count = sum(item is not None for item in (picture.screen, picture.scene, picture.photo))
    if count > 1:
        yield context.document.problem(path, _("Mỗi bước chỉ một hình: screen, scene hoặc photo."))
    if count == 0 and required:
        phrase = _("Bước này chưa có hình: thêm screen, scene hoặc photo.")
        yield context.document.problem(path, phrase)


def _check_tap(
    picture: Picture, tap: str | None, path: ValuePath, context: ValidationContext
) -> Problems:
    targets = picture.screen.target_ids() if picture.screen else frozenset[str]()
    if picture.scene:
        targets = picture.scene.target_ids()
    if tap and tap not in targets:
        phrase = _(
            "Chỗ bấm {name} không có trên màn hình. Có: {names}.",
            name=tap,
            names=", ".join(sorted(targets)) or "–",
        )
        yield context.document.problem((*path, "tap"), phrase)


def check_translation(
    translation: Translation, source: Lesson, context: ValidationContext
) -> Problems:
    """Yield every problem of a translation of `source`, including its files under media/."""
    yield from check_translation_content(translation, source, context)
    yield from _check_media(translation, context)


def check_translation_content(
    translation: Translation, source: Lesson, context: ValidationContext
) -> Problems:
    """Yield every problem of a translation except those of its media files."""
    steps = {step.id: step for step in source.steps}
    for name, words in translation.steps.items():
        path: ValuePath = ("steps", name)
        if name not in steps:
            phrase = _("Bài tiếng Việt không có bước nào tên {name}.", name=name)
            yield context.document.problem(path, phrase)
            continue
        kind = kind_of_step(steps[name])
        own = {"practise": "say", "watch": "say"}.get(str(kind), kind)
        for key in ("show", "if_wrong", "ask", "say"):
            if getattr(words, key) and key != own:
                phrase = _("Bước này trong bài tiếng Việt là {kind}, viết {kind}:", kind=own)
                yield context.document.problem((*path, key), phrase)
        yield from _check_counts(words, steps[name], path, context)
        yield from _check_picture(words, path, context, required=False)
        step = steps[name]
        if words.screen and isinstance(step, Show | IfWrong):
            yield from _check_tap(words, step.tap, path, context)


def _check_counts(words: Any, step: Step, path: ValuePath, context: ValidationContext) -> Problems:  # noqa: ANN401  # StepWords; asked for its fields by name
    for key, source_items in (
        ("practise", step.practise if isinstance(step, Practise) else ()),
        ("answers", step.answers if isinstance(step, Ask) else ()),
    ):
        items = getattr(words, key)
        if items is not None and len(items) != len(source_items):
            phrase = _(
                "Mục {name} có {count} dòng, bài tiếng Việt có {wanted}.",
                name=key,
                count=len(items),
                wanted=len(source_items),
            )
            yield context.document.problem((*path, key), phrase)


def check_language(folder: Folder, file: str, registries: Registries) -> Problems:
    """Yield a problem when `folder` is not a language of the registry."""
    if folder not in registries.locales:
        phrase = _("Thư mục {name} không phải tiếng nào trong languages.yaml.", name=folder)
        yield Problem(file, 0, phrase)


def _check_media(body: EditionBody, context: ValidationContext) -> Problems:
    for picture in pictures_of(body):
        if picture.photo:
            yield from _check_file(picture.photo.file, context)
    for clip in clips_of(body):
        yield from _check_file(clip.clip, context)
        if clip.captions:
            yield from _check_captions(clip.captions, context)
    for file in voices_of(body):
        yield from _check_voice(file, context)


def _check_file(file: str, context: ValidationContext) -> Problems:
    path = context.media_dir / file
    if not path.is_file() or path.is_symlink():
        yield _problem_at_text(
            context, file, _("Không thấy tệp {name} trong thư mục media.", name=file)
        )


def _check_captions(file: str, context: ValidationContext) -> Problems:
    missing = list(_check_file(file, context))
    yield from missing
    if missing:
        return
    try:
        read_captions(context.media_dir / file)
    except AppError as error:
        phrase = _("Phụ đề {name} không dùng được. {why}", name=file, why=error.phrase)
        yield _problem_at_text(context, file, phrase)


def _check_voice(file: str, context: ValidationContext) -> Problems:
    missing = list(_check_file(file, context))
    yield from missing
    if missing:
        return
    try:
        duration_ms = context.duration_ms(context.media_dir / file)
    except AppError as error:
        phrase = _("Lời đọc {name} không dùng được. {why}", name=file, why=error.phrase)
        yield _problem_at_text(context, file, phrase)
        return
    if duration_ms is not None and duration_ms > MAX_VOICE_MS:
        phrase = _(
            "Lời đọc {name} dài {seconds} giây, tối đa {most} giây. Đọc ngắn lại.",
            name=file,
            seconds=round(duration_ms / 1000),
            most=MAX_VOICE_MS // 1000,
        )
        yield _problem_at_text(context, file, phrase)


def _problem_at_text(context: ValidationContext, text: str, phrase: Any) -> Problem:  # noqa: ANN401  # a Phrase; passed through
    """Return a problem at the first line whose value is `text`."""
    path = next(_paths_of(context.document.value, text, ()), ())
    return context.document.problem(path, phrase)


def _paths_of(value: Any, text: str, path: ValuePath) -> Iterator[ValuePath]:  # noqa: ANN401  # any YAML value
    if value == text:
        yield path
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths_of(item, text, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _paths_of(item, text, (*path, key))
