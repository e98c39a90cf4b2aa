"""Frames: a lesson as a sequence of pictures with text and recording, for video, slides, EPUB."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from content_server.lessons.lesson import Ask, IfWrong, Picture, Practise, Show, VoiceKind
from content_server.lessons.localized import LocalizedStep, LocalizedText, LocalizedVoice
from content_server.phrases import _
from content_server.site.packs.frames.pack_pictures import (
    SCREEN_MARKER,
    PackPicture,
    TapMarker,
    draw_pack_picture,
)
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.pages.pages import find_cover_picture

LETTERS = "ABCD"


class FrameKind(StrEnum):
    """What a frame shows, which decides its layout."""

    TITLE = "title"
    STEP = "step"
    IF_WRONG = "if_wrong"
    PRACTISE = "practise"
    ASK = "ask"
    ANSWER = "answer"
    END = "end"


@dataclass(frozen=True)
class PackFrame:
    """One picture with one sentence and one recording. `heading` is the small line above it."""

    kind: FrameKind
    sentence: LocalizedText
    heading: str = ""
    subtext: str = ""  # a line below: safety, whom to call, who speaks
    pictures: tuple[PackPicture, ...] = ()
    labels: tuple[str, ...] = ()  # of a question's pictures
    right_answer: int | None = None  # index of the right one, in the frame that gives the answer
    voice: LocalizedVoice | None = None


def build_frames(pack_lesson: PackLesson, marker: TapMarker = SCREEN_MARKER) -> list[PackFrame]:
    """Return the frames of the whole lesson: title, every step without a clip, the end.

    A question gives two frames: one that asks and one that shows the right answer.
    """
    return [
        _title_frame(pack_lesson, marker),
        *_step_frames(pack_lesson, marker),
        _end_frame(pack_lesson),
    ]


def draw_cover(pack_lesson: PackLesson, marker: TapMarker) -> PackPicture | None:
    picture = find_cover_picture(pack_lesson.lesson.source)
    return draw_pack_picture(picture, None, pack_lesson, marker) if picture else None


def make_voice_note(pack_lesson: PackLesson, voice: LocalizedVoice | None) -> str:
    """Return the note beside a recording: another language, machine voice; "" when neither."""
    if voice is None:
        return ""
    notes = []
    if voice.locale.folder != pack_lesson.lesson.locale.folder:
        notes.append(
            pack_lesson.translate(_("lời đọc {language}", language=voice.locale.name_in_sentence))
        )
    if voice.kind is VoiceKind.MACHINE:
        notes.append(pack_lesson.translate(_("giọng máy")))
    return " · ".join(notes)


def make_unreviewed_note(pack_lesson: PackLesson) -> str:
    """Return the notice of an unreviewed lesson; "" for a reviewed one."""
    if pack_lesson.lesson.reviewed:
        return ""
    language = pack_lesson.lesson.locale.name_in_sentence
    return pack_lesson.translate(
        _("Bản nháp: chưa có người nói {language} xem lại.", language=language)
    )


def _title_frame(pack_lesson: PackLesson, marker: TapMarker) -> PackFrame:
    lesson = pack_lesson.lesson
    cover = draw_cover(pack_lesson, marker)
    notes = (make_unreviewed_note(pack_lesson), make_voice_note(pack_lesson, lesson.voice))
    return PackFrame(
        FrameKind.TITLE,
        lesson.title,
        heading=pack_lesson.translate(_("Bài học một phút")),
        subtext=" · ".join(note for note in notes if note) or lesson.safety.text,
        pictures=(cover,) if cover else (),
        voice=lesson.voice,
    )


def _step_frames(pack_lesson: PackLesson, marker: TapMarker) -> Iterator[PackFrame]:
    for localized_step in pack_lesson.packable_steps():
        heading = f"{localized_step.number}/{pack_lesson.step_count}"
        match localized_step.step:
            case Show() | IfWrong():
                yield _step_frame(
                    pack_lesson,
                    localized_step,
                    marker,
                    localized_step.picture,
                    localized_step.step.tap,
                    heading,
                )
            case Practise():
                picture = Picture(
                    screen=localized_step.step.practise[0].screen
                )  # without a ring: now they try themselves
                yield _step_frame(pack_lesson, localized_step, marker, picture, None, heading)
            case Ask():
                yield from _question_frames(
                    pack_lesson, localized_step, localized_step.step, marker, heading
                )
            case _:
                pass


def _step_frame(  # noqa: PLR0913, PLR0917  # the step, its picture and how it is marked
    pack_lesson: PackLesson,
    localized_step: LocalizedStep,
    marker: TapMarker,
    picture: Picture,
    tap: str | None,
    heading: str,
) -> PackFrame:
    drawn = draw_pack_picture(picture, tap, pack_lesson, marker)
    kind, text = FrameKind.STEP, heading
    if isinstance(localized_step.step, IfWrong):
        kind, text = FrameKind.IF_WRONG, f"{heading}  {pack_lesson.translate(_('Nếu bấm nhầm'))}"
    elif isinstance(localized_step.step, Practise):
        kind, text = FrameKind.PRACTISE, f"{heading}  {pack_lesson.translate(_('LUYỆN TẬP'))}"
    return PackFrame(
        kind,
        localized_step.sentence,
        heading=text,
        pictures=(drawn,) if drawn else (),
        voice=localized_step.voice,
    )


def _question_frames(
    pack_lesson: PackLesson,
    localized_step: LocalizedStep,
    step: Ask,
    marker: TapMarker,
    heading: str,
) -> Iterator[PackFrame]:
    drawn = [
        draw_pack_picture(answer.picture, None, pack_lesson, marker) for answer in step.answers
    ]
    pictures = tuple(each for each in drawn if each)
    if len(pictures) != len(step.answers):
        pictures = ()
    labels = tuple(say.text for say, _because in localized_step.answers)
    ask = PackFrame(
        FrameKind.ASK,
        localized_step.sentence,
        heading,
        "",
        pictures,
        labels,
        voice=localized_step.voice,
    )
    right = next((n for n, answer in enumerate(step.answers) if answer.right), None)
    yield ask
    if right is not None:
        because = localized_step.answers[right][1]
        yield PackFrame(
            FrameKind.ANSWER, because, heading, "", pictures, labels, right_answer=right
        )


def _end_frame(pack_lesson: PackLesson) -> PackFrame:
    lesson = pack_lesson.lesson
    contacts = [pack_lesson.site.contacts[name] for name in lesson.source.help]
    numbers = " · ".join(f"{each.name} {each.tel}" for each in contacts if each.tel)
    return PackFrame(
        FrameKind.END,
        lesson.success,
        heading=lesson.warning.text,
        subtext=numbers,
        voice=lesson.ending_voice,
    )
