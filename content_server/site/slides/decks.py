"""Decks: a told lesson as slides for a projector, each said in one language or in two."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from content_server.lessons.localized import LocalizedLesson, LocalizedText, LocalizedVoice
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _
from content_server.site.pages.contexts import Line, Panel, VoiceView
from content_server.site.pages.pages import Site, cover_of
from content_server.site.pages.panels import Desk, deck_path, panels_of, path_of, short_paths
from content_server.site.slides.contexts import AnswerSlide, DeckPage, Saying, Slide, Tongue

SAFE, WARN, TAKE_HOME = "an-toan", "can-than", "mang-ve"  # anchors beside the lesson page's own


def deck_page(telling: LocalizedLesson, others: Sequence[LocalizedLesson], site: Site) -> DeckPage:
    """Return the slides of a lesson; `others` are its tellings in the languages to stand beside.

    A translation stands beside Vietnamese; Vietnamese beside any one language a trainer chooses.
    """
    beside = [
        other
        for other in others
        if folder_of(other) != folder_of(telling)
        and SOURCE_FOLDER in {folder_of(telling), folder_of(other)}
    ]
    desks = [Desk(each, site.shelf) for each in (telling, *beside)]
    tag = telling.locale.tag
    number, folder = telling.source.number, folder_of(telling)
    short = short_paths(folder, number) or (path_of(folder, telling.slug),)
    return DeckPage(
        tag=tag,
        address=site.address(deck_path(folder, telling.slug)),
        title=telling.title.text,
        languages=(),
        home=path_of(folder, telling.slug),
        slug=telling.slug,
        folder=folder,
        number=number,
        short=site.address(short[0]),
        tongues=tuple(
            Tongue(desk.telling.locale.tag, desk.telling.locale.endonym) for desk in desks
        ),
        two=folder != SOURCE_FOLDER and bool(beside),
        slides=tuple(_slides(desks, site)),
        total=len(telling.steps),
    )


def folder_of(telling: LocalizedLesson) -> str:
    return telling.locale.folder


def _slides(desks: Sequence[Desk], site: Site) -> Iterator[Slide]:
    tellings = [desk.telling for desk in desks]
    cover = cover_of(tellings[0], site.shelf)
    titles = _told(desks, [t.title for t in tellings], [t.voice for t in tellings])
    yield Slide("cover", "0", titles, figure=cover)
    yield Slide("safe", SAFE, _told(desks, [t.safety for t in tellings]))
    for panels in zip(*(panels_of(desk) for desk in desks), strict=True):
        yield _slide_of(panels, desks)
    yield Slide(
        "end",
        "het",
        _told(desks, [t.success for t in tellings], [t.ending_voice for t in tellings]),
    )
    yield Slide("warn", WARN, _told(desks, [t.warning for t in tellings]))
    yield Slide("home", TAKE_HOME, (_take_home(desks[0]),))


def _slide_of(panels: Sequence[Panel], desks: Sequence[Desk]) -> Slide:
    """Return the slide of one panel, given in every language."""
    own = panels[0]
    return Slide(
        kind=own.kind,
        anchor=own.anchor,
        number=own.number,
        sayings=_sayings(desks, [p.sentence for p in panels], [p.voice for p in panels]),
        figure=own.figure,
        hints=_sayings(desks, [p.hint for p in panels]),
        answers=tuple(
            AnswerSlide(
                answer.figure,
                _sayings(desks, [p.answers[index].say for p in panels]),
                _sayings(desks, [p.answers[index].because for p in panels]),
                right=answer.right,
            )
            for index, answer in enumerate(own.answers)
        ),
        clip=own.clip,
    )


def _told(
    desks: Sequence[Desk],
    said: Sequence[LocalizedText],
    spoken: Sequence[LocalizedVoice | None] = (),
) -> tuple[Saying, ...]:
    lines = [desk.line(each) for desk, each in zip(desks, said, strict=True)]
    voices = [desk.voice(each) for desk, each in zip(desks, spoken, strict=False)]
    return _sayings(desks, lines, voices)


def _sayings(
    desks: Sequence[Desk],
    lines: Sequence[Line | None],
    voices: Sequence[VoiceView | None] = (),
) -> tuple[Saying, ...]:
    """Return who says what. A second language says only what is its own: nothing stands twice."""
    every = [
        _saying(index, desk, lines[index], voices[index] if voices else None)
        for index, desk in enumerate(desks)
    ]
    vietnamese = next((s.voice for s, d in zip(every, desks, strict=True) if _is_source(d)), None)
    owned = [
        saying
        if _is_source(desk) or saying.voice is None or not _same(saying.voice, vietnamese)
        else replace(saying, voice=None)  # borrowed: it is spoken where it belongs
        for saying, desk in zip(every, desks, strict=True)
    ]
    return tuple(saying for saying in owned if saying.text or saying.voice)


def _is_source(desk: Desk) -> bool:
    return folder_of(desk.telling) == SOURCE_FOLDER


def _same(voice: VoiceView, other: VoiceView | None) -> bool:
    return other is not None and voice.opus == other.opus


def _saying(index: int, desk: Desk, line: Line | None, voice: VoiceView | None) -> Saying:
    tag = desk.telling.locale.tag
    saying = Saying(index, "", tag, voice)
    if line is None:
        return saying
    in_tag = line.tag or desk.telling.main_locale.tag
    if index and in_tag != tag:
        return saying if voice and not voice.note else replace(saying, voice=None)
    return replace(saying, text=line.text, tag=in_tag)


def _take_home(desk: Desk) -> Saying:
    """Return what is said while phones come to the front."""
    tag = desk.telling.locale.tag
    number = desk.telling.source.number
    words = _("Bài số {number}", number=number) if number else _("Quét để mang bài về")
    return Saying(0, words.said_in(tag), tag, None)
