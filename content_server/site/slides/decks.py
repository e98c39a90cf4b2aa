"""Decks: a localized lesson as slides for a projector, in one language or in two."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from content_server import urls
from content_server.lessons.localized import LocalizedLesson, LocalizedText, LocalizedVoice
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _
from content_server.site.pages.contexts import Panel, Sentence, VoiceView
from content_server.site.pages.pages import Site, make_cover_figure
from content_server.site.pages.panels import (
    PanelBuilder,
    build_panels,
    page_path,
    short_paths,
)
from content_server.site.slides.contexts import (
    AnswerSlide,
    DeckLanguage,
    DeckPage,
    Slide,
    SlideText,
)

SAFETY_ANCHOR, WARNING_ANCHOR, TAKE_HOME_ANCHOR = (
    "an-toan",
    "can-than",
    "mang-ve",
)  # slides the lesson page has no panel for


def build_deck_page(
    lesson: LocalizedLesson, others: Sequence[LocalizedLesson], site: Site
) -> DeckPage:
    """Return the slides of a lesson; `others` is the same lesson in its other languages.

    The second language of a translation is Vietnamese. For Vietnamese the trainer chooses one.
    """
    second = [
        other
        for other in others
        if language_folder(other) != language_folder(lesson)
        and SOURCE_FOLDER in {language_folder(lesson), language_folder(other)}
    ]
    builders = [PanelBuilder(each, site.renditions) for each in (lesson, *second)]
    tag = lesson.locale.tag
    number, folder = lesson.source.number, language_folder(lesson)
    short = short_paths(folder, number) or (page_path(folder, lesson.slug),)
    return DeckPage(
        tag=tag,
        address=site.address(urls.DECK.url(folder=folder, slug=lesson.slug)),
        title=lesson.title.text,
        languages=(),
        home=page_path(folder, lesson.slug),
        slug=lesson.slug,
        folder=folder,
        number=number,
        short_url=site.address(short[0]),
        deck_languages=tuple(
            DeckLanguage(builder.lesson.locale.tag, builder.lesson.locale.endonym)
            for builder in builders
        ),
        is_bilingual=folder != SOURCE_FOLDER and bool(second),
        slides=tuple(_slides(builders, site)),
        total=len(lesson.steps),
    )


def language_folder(lesson: LocalizedLesson) -> str:
    return lesson.locale.folder


def _slides(builders: Sequence[PanelBuilder], site: Site) -> Iterator[Slide]:
    lessons = [builder.lesson for builder in builders]
    cover = make_cover_figure(lessons[0], site.renditions)
    titles = _localized_slide_texts(
        builders, [t.title for t in lessons], [t.voice for t in lessons]
    )
    yield Slide("cover", "0", titles, figure=cover)
    yield Slide(
        "safe", SAFETY_ANCHOR, _localized_slide_texts(builders, [t.safety for t in lessons])
    )
    for panels in zip(*(build_panels(builder) for builder in builders), strict=True):
        yield _panel_slide(panels, builders)
    yield Slide(
        "end",
        "het",
        _localized_slide_texts(
            builders, [t.success for t in lessons], [t.ending_voice for t in lessons]
        ),
    )
    yield Slide(
        "warn", WARNING_ANCHOR, _localized_slide_texts(builders, [t.warning for t in lessons])
    )
    yield Slide("home", TAKE_HOME_ANCHOR, (_take_home_text(builders[0]),))


def _panel_slide(panels: Sequence[Panel], builders: Sequence[PanelBuilder]) -> Slide:
    """Return the slide of one panel; `panels` is that panel in each language."""
    first = panels[0]
    return Slide(
        kind=first.kind,
        anchor=first.anchor,
        number=first.number,
        texts=_slide_texts(builders, [p.sentence for p in panels], [p.voice for p in panels]),
        figure=first.figure,
        hints=_slide_texts(builders, [p.hint for p in panels]),
        answers=tuple(
            AnswerSlide(
                answer.figure,
                _slide_texts(builders, [p.answers[index].say for p in panels]),
                _slide_texts(builders, [p.answers[index].because for p in panels]),
                right=answer.right,
            )
            for index, answer in enumerate(first.answers)
        ),
        clip=first.clip,
    )


def _localized_slide_texts(
    builders: Sequence[PanelBuilder],
    texts: Sequence[LocalizedText],
    voices: Sequence[LocalizedVoice | None] = (),
) -> tuple[SlideText, ...]:
    sentences = [
        builder.build_sentence(each) for builder, each in zip(builders, texts, strict=True)
    ]
    views = [
        builder.build_voice_view(each) for builder, each in zip(builders, voices, strict=False)
    ]
    return _slide_texts(builders, sentences, views)


def _slide_texts(
    builders: Sequence[PanelBuilder],
    sentences: Sequence[Sentence | None],
    voices: Sequence[VoiceView | None] = (),
) -> tuple[SlideText, ...]:
    """Return the texts of a slide. A second language leaves out what it takes from Vietnamese."""
    texts = [
        _slide_text(index, builder, sentences[index], voices[index] if voices else None)
        for index, builder in enumerate(builders)
    ]
    vietnamese = next(
        (text.voice for text, each in zip(texts, builders, strict=True) if _is_vietnamese(each)),
        None,
    )
    own_texts = [
        text
        if _is_vietnamese(builder)
        or text.voice is None
        or not _is_same_voice(text.voice, vietnamese)
        else replace(text, voice=None)  # a fallback: the Vietnamese text has this recording
        for text, builder in zip(texts, builders, strict=True)
    ]
    return tuple(text for text in own_texts if text.text or text.voice)


def _is_vietnamese(builder: PanelBuilder) -> bool:
    return language_folder(builder.lesson) == SOURCE_FOLDER


def _is_same_voice(voice: VoiceView, other: VoiceView | None) -> bool:
    return other is not None and voice.opus == other.opus


def _slide_text(
    index: int, builder: PanelBuilder, sentence: Sentence | None, voice: VoiceView | None
) -> SlideText:
    tag = builder.lesson.locale.tag
    slide_text = SlideText(index, "", tag, voice)
    if sentence is None:
        return slide_text
    text_tag = sentence.tag or builder.lesson.main_locale.tag
    if index and text_tag != tag:
        return slide_text if voice and not voice.note else replace(slide_text, voice=None)
    return replace(slide_text, text=sentence.text, tag=text_tag)


def _take_home_text(builder: PanelBuilder) -> SlideText:
    """Return the text of the last slide, on which phones scan the QR code."""
    tag = builder.lesson.locale.tag
    number = builder.lesson.source.number
    words = _("Bài số {number}", number=number) if number else _("Quét để mang bài về")
    return SlideText(0, words.translate(tag), tag, None)
