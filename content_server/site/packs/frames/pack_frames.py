"""Shots: a lesson cut into the pictures of a film, a row of slides or a book, with their voices."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from content_server.lessons.lesson import Ask, IfWrong, Picture, Practise, Show, VoiceKind
from content_server.lessons.localized import LocalizedStep, LocalizedText, LocalizedVoice
from content_server.phrases import _
from content_server.site.packs.frames.pack_pictures import ON_GLASS, Ring, Seen, seen_of
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.pages.pages import cover_picture

LETTERS = "ABCD"


class Look(StrEnum):
    """What kind of slide a shot is."""

    TITLE = "title"
    STEP = "step"
    IF_WRONG = "if_wrong"
    PRACTISE = "practise"
    ASK = "ask"
    ANSWER = "answer"
    END = "end"


@dataclass(frozen=True)
class Shot:
    """One picture with one sentence and one voice. `band` is the small line above the sentence."""

    look: Look
    words: LocalizedText
    band: str = ""
    small: str = ""  # a line below: safety, whom to call, who speaks
    pictures: tuple[Seen, ...] = ()
    labels: tuple[str, ...] = ()  # of a question's pictures
    right: int | None = None  # which of them, once it is told
    voice: LocalizedVoice | None = None


def shots_of(taught: PackLesson, ring: Ring = ON_GLASS) -> list[Shot]:
    """Return the whole lesson: title, every step that is no clip, the question told, the end."""
    return [_title(taught, ring), *_steps(taught, ring), _end(taught)]


def cover_seen(taught: PackLesson, ring: Ring) -> Seen | None:
    picture = cover_picture(taught.telling.source)
    return seen_of(picture, None, taught, ring) if picture else None


def voice_note(taught: PackLesson, voice: LocalizedVoice | None) -> str:
    """Return what must be said of a voice: another language, a machine; nothing for a person."""
    if voice is None:
        return ""
    notes = []
    if voice.locale.folder != taught.telling.locale.folder:
        notes.append(taught.said(_("lời đọc {language}", language=voice.locale.spoken_name)))
    if voice.kind is VoiceKind.MACHINE:
        notes.append(taught.said(_("giọng máy")))
    return " · ".join(notes)


def draft_note(taught: PackLesson) -> str:
    """Return the words every unreviewed lesson carries; nothing for a reviewed one."""
    if taught.telling.reviewed:
        return ""
    language = taught.telling.locale.spoken_name
    return taught.said(_("Bản nháp: chưa có người nói {language} xem lại.", language=language))


def _title(taught: PackLesson, ring: Ring) -> Shot:
    telling = taught.telling
    cover = cover_seen(taught, ring)
    notes = (draft_note(taught), voice_note(taught, telling.voice))
    return Shot(
        Look.TITLE,
        telling.title,
        band=taught.said(_("Bài học một phút")),
        small=" · ".join(note for note in notes if note) or telling.safety.text,
        pictures=(cover,) if cover else (),
        voice=telling.voice,
    )


def _steps(taught: PackLesson, ring: Ring) -> Iterator[Shot]:
    for told in taught.steps():
        band = f"{told.number}/{taught.total}"
        match told.step:
            case Show() | IfWrong():
                yield _one(taught, told, ring, told.picture, told.step.tap, band)
            case Practise():
                picture = Picture(
                    screen=told.step.practise[0].screen
                )  # without a ring: now they try themselves
                yield _one(taught, told, ring, picture, None, band)
            case Ask():
                yield from _question(taught, told, told.step, ring, band)
            case _:
                pass


def _one(  # noqa: PLR0913, PLR0917  # what is told, and what is seen with it
    taught: PackLesson,
    told: LocalizedStep,
    ring: Ring,
    picture: Picture,
    tap: str | None,
    band: str,
) -> Shot:
    seen = seen_of(picture, tap, taught, ring)
    look, words = Look.STEP, band
    if isinstance(told.step, IfWrong):
        look, words = Look.IF_WRONG, f"{band}  {taught.said(_('Nếu bấm nhầm'))}"
    elif isinstance(told.step, Practise):
        look, words = Look.PRACTISE, f"{band}  {taught.said(_('LUYỆN TẬP'))}"
    return Shot(
        look,
        told.sentence,
        band=words,
        pictures=(seen,) if seen else (),
        voice=told.voice,
    )


def _question(
    taught: PackLesson, told: LocalizedStep, step: Ask, ring: Ring, band: str
) -> Iterator[Shot]:
    seen = [seen_of(answer.picture, None, taught, ring) for answer in step.answers]
    pictures = tuple(each for each in seen if each)
    if len(pictures) != len(step.answers):
        pictures = ()
    labels = tuple(say.text for say, _because in told.answers)
    ask = Shot(Look.ASK, told.sentence, band, "", pictures, labels, voice=told.voice)
    right = next((n for n, answer in enumerate(step.answers) if answer.right), None)
    yield ask
    if right is not None:
        because = told.answers[right][1]
        yield Shot(Look.ANSWER, because, band, "", pictures, labels, right=right)


def _end(taught: PackLesson) -> Shot:
    telling = taught.telling
    calls = [taught.site.contacts[name] for name in telling.source.help]
    numbers = " · ".join(f"{each.name} {each.tel}" for each in calls if each.tel)
    return Shot(
        Look.END,
        telling.success,
        band=telling.warning.text,
        small=numbers,
        voice=telling.ending_voice,
    )
