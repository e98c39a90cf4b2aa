"""Checks: what must hold in an edition beyond its shape, each one said at its line."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from content_server.errors import AppError, Problem
from content_server.lessons.lesson import (
    VOICE_MS,
    Ask,
    Body,
    IfWrong,
    Lesson,
    Picture,
    Practise,
    Show,
    Step,
    Translation,
    Watch,
    kind_of_step,
    sentence_of,
)
from content_server.lessons.media_references import clips_of, pictures_of, voices_of
from content_server.lessons.registries.registries import Registries
from content_server.lessons.source.yaml_source import Manuscript, Place
from content_server.locales import Folder
from content_server.media.video.captions import read_captions
from content_server.phrases import _

DurationOf = Callable[[Path], int | None]  # ms of a recording or clip; None when it has none
Problems = Iterator[Problem]


@dataclass(frozen=True)
class ValidationContext:
    """What a check needs at hand: the file being read, what it may refer to, and its media."""

    manuscript: Manuscript
    library: Registries
    media_dir: Path
    duration_ms: DurationOf


def check_lesson(lesson: Lesson, desk: ValidationContext) -> Problems:
    """Yield every problem of a source edition, its files under media/ included."""
    yield from check_lesson_itself(lesson, desk)
    yield from _check_media(lesson, desk)


def check_lesson_itself(lesson: Lesson, desk: ValidationContext) -> Problems:
    """Yield every problem of what a source edition says and shows."""
    if lesson.topic not in desk.library.topics:
        phrase = _("Không có nhóm bài nào tên {name}.", name=lesson.topic)
        yield desk.manuscript.problem(("topic",), phrase)
    if lesson.number and (owner := desk.library.numbers.get(lesson.number)):
        phrase = _(
            "Số {number} đã là của bài {name}. Chọn số khác.",
            number=lesson.number,
            name=owner,
        )
        yield desk.manuscript.problem(("number",), phrase)
    for index, contact in enumerate(lesson.help):
        if contact not in desk.library.contacts:
            phrase = _("Không có số gọi nào tên {name} trong contacts.yaml.", name=contact)
            yield desk.manuscript.problem(("help", index), phrase)
    twice = [name for name, count in Counter(s.id for s in lesson.steps).items() if count > 1]
    for index, step in enumerate(lesson.steps):
        place: Place = ("steps", index)
        if step.id in twice:
            phrase = _("Có hai bước cùng tên {name}.", name=step.id)
            yield desk.manuscript.problem((*place, "id"), phrase)
        yield from _check_step(step, place, desk)


def _check_step(step: Step, place: Place, desk: ValidationContext) -> Problems:
    match step:
        case Show() | IfWrong():
            yield from _check_picture(step, place, desk, wanted=True)
            yield from _check_tap(step, step.tap, place, desk)
        case Practise():
            for index, frame in enumerate(step.practise):
                picture = Picture(screen=frame.screen)
                yield from _check_tap(picture, frame.tap, (*place, "practise", index), desk)
        case Ask():
            for index, answer in enumerate(step.answers):
                here = (*place, "answers", index, "picture")
                yield from _check_picture(answer.picture, here, desk, wanted=True)
            if not any(answer.right for answer in step.answers):
                phrase = _("Câu hỏi chưa có câu trả lời nào ghi right: true.")
                yield desk.manuscript.problem((*place, "answers"), phrase)
        case Watch():
            pass


def _check_picture(
    picture: Picture, place: Place, desk: ValidationContext, *, wanted: bool
) -> Problems:
    count = sum(item is not None for item in (picture.screen, picture.scene, picture.photo))
    if count > 1:
        yield desk.manuscript.problem(place, _("Mỗi bước chỉ một hình: screen, scene hoặc photo."))
    if count == 0 and wanted:
        phrase = _("Bước này chưa có hình: thêm screen, scene hoặc photo.")
        yield desk.manuscript.problem(place, phrase)


def _check_tap(
    picture: Picture, tap: str | None, place: Place, desk: ValidationContext
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
        yield desk.manuscript.problem((*place, "tap"), phrase)


def check_translation(
    translation: Translation, source: Lesson, desk: ValidationContext
) -> Problems:
    """Yield every problem of a translation of `source`, its files under media/ included."""
    yield from check_translation_itself(translation, source, desk)
    yield from _check_media(translation, desk)


def check_translation_itself(
    translation: Translation, source: Lesson, desk: ValidationContext
) -> Problems:
    """Yield every problem of what a translation says."""
    steps = {step.id: step for step in source.steps}
    for name, words in translation.steps.items():
        place: Place = ("steps", name)
        if name not in steps:
            phrase = _("Bài tiếng Việt không có bước nào tên {name}.", name=name)
            yield desk.manuscript.problem(place, phrase)
            continue
        kind = kind_of_step(steps[name])
        own = {"practise": "say", "watch": "say"}.get(str(kind), kind)
        for key in ("show", "if_wrong", "ask", "say"):
            if getattr(words, key) and key != own:
                phrase = _("Bước này trong bài tiếng Việt là {kind}, viết {kind}:", kind=own)
                yield desk.manuscript.problem((*place, key), phrase)
        yield from _check_counts(words, steps[name], place, desk)
        yield from _check_picture(words, place, desk, wanted=False)
        step = steps[name]
        if words.screen and isinstance(step, Show | IfWrong):
            yield from _check_tap(words, step.tap, place, desk)


def _check_counts(words: Any, step: Step, place: Place, desk: ValidationContext) -> Problems:  # noqa: ANN401  # StepWords; asked for its fields by name
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
            yield desk.manuscript.problem((*place, key), phrase)


def check_language(folder: Folder, file: str, library: Registries) -> Problems:
    """Yield a problem when `folder` is no language of the registry."""
    if folder not in library.locales:
        phrase = _("Thư mục {name} không phải tiếng nào trong languages.yaml.", name=folder)
        yield Problem(file, 0, phrase)


def _check_media(body: Body, desk: ValidationContext) -> Problems:
    for picture in pictures_of(body):
        if picture.photo:
            yield from _check_file(picture.photo.file, desk)
    for clip in clips_of(body):
        yield from _check_file(clip.clip, desk)
        if clip.captions:
            yield from _check_captions(clip.captions, desk)
    for file in voices_of(body):
        yield from _check_voice(file, desk)


def _check_file(file: str, desk: ValidationContext) -> Problems:
    path = desk.media_dir / file
    if not path.is_file() or path.is_symlink():
        yield _at_text(desk, file, _("Không thấy tệp {name} trong thư mục media.", name=file))


def _check_captions(file: str, desk: ValidationContext) -> Problems:
    missing = list(_check_file(file, desk))
    yield from missing
    if missing:
        return
    try:
        read_captions(desk.media_dir / file)
    except AppError as refused:
        phrase = _("Phụ đề {name} không dùng được. {why}", name=file, why=refused.phrase)
        yield _at_text(desk, file, phrase)


def _check_voice(file: str, desk: ValidationContext) -> Problems:
    missing = list(_check_file(file, desk))
    yield from missing
    if missing:
        return
    try:
        duration_ms = desk.duration_ms(desk.media_dir / file)
    except AppError as refused:
        phrase = _("Lời đọc {name} không dùng được. {why}", name=file, why=refused.phrase)
        yield _at_text(desk, file, phrase)
        return
    if duration_ms is not None and duration_ms > VOICE_MS:
        phrase = _(
            "Lời đọc {name} dài {seconds} giây, tối đa {most} giây. Đọc ngắn lại.",
            name=file,
            seconds=round(duration_ms / 1000),
            most=VOICE_MS // 1000,
        )
        yield _at_text(desk, file, phrase)


def _at_text(desk: ValidationContext, text: str, phrase: Any) -> Problem:  # noqa: ANN401  # a Phrase; passed through
    """Return a problem at the line where the file says `text`."""
    place = next(_places_of(desk.manuscript.value, text, ()), ())
    return desk.manuscript.problem(place, phrase)


def _places_of(value: Any, text: str, place: Place) -> Iterator[Place]:  # noqa: ANN401  # any YAML value
    if value == text:
        yield place
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places_of(item, text, (*place, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _places_of(item, text, (*place, key))


def source_fingerprint(sentence: str) -> str:
    """Return the six hex digits a translation keeps of the sentence it was made from."""
    return sha256(sentence.encode()).hexdigest()[:6]


def stale_steps(translation: Translation, source: Lesson) -> list[str]:
    """Return the ids of steps whose source sentence has changed since they were translated."""
    stamps = {step.id: source_fingerprint(sentence_of(step)) for step in source.steps}
    return [
        name
        for name, words in translation.steps.items()
        if words.made_from and stamps.get(name) not in {None, words.made_from}
    ]
