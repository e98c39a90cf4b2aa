"""Panels: a localized lesson split into screenfuls, each with its anchor and its links."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from content_server import urls
from content_server.lessons.lesson import (
    Ask,
    IfWrong,
    Picture,
    Practise,
    Show,
    VoiceKind,
    Watch,
    kind_of_step,
)
from content_server.lessons.localized import (
    LocalizedLesson,
    LocalizedStep,
    LocalizedText,
    LocalizedVoice,
)
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _, ui_language
from content_server.site.pages.clip_views import build_clip_view
from content_server.site.pages.contexts import AnswerView, Panel, Sentence, VoiceView
from content_server.site.pages.figures import make_figure, make_practice_figure
from content_server.site.tree.rendition_index import RenditionIndex

COVER, END = "0", "het"


@dataclass(frozen=True)
class PanelBuilder:
    """Builds the parts of panels from a lesson and its renditions."""

    lesson: LocalizedLesson
    renditions: RenditionIndex

    def build_sentence(self, text: LocalizedText) -> Sentence:
        """Return a sentence, with its language tag where it is not the main one of the page."""
        main = self.lesson.main_locale
        return Sentence(text.text, None if text.locale.folder == main.folder else text.locale.tag)

    def build_voice_view(self, voice: LocalizedVoice | None) -> VoiceView | None:
        """Return a recording with its two files; None without one or while it is not ready."""
        if voice is None:
            return None
        opus = self.renditions.of_type(voice.digest, "audio/ogg")
        m4a = self.renditions.of_type(voice.digest, "audio/mp4")
        if not opus or not m4a:
            return None
        return VoiceView(opus[0].path, m4a[0].path, self._voice_note(voice))

    def _voice_note(self, voice: LocalizedVoice) -> str:
        tag = self.lesson.locale.tag
        parts = []
        if voice.locale.folder != self.lesson.locale.folder:
            language = voice.locale.name_in_sentence
            parts.append(_("lời đọc {language}", language=language).translate(tag))
        if voice.kind is VoiceKind.MACHINE:
            parts.append(_("giọng máy").translate(tag))
        return " · ".join(parts)


def build_panels(builder: PanelBuilder) -> tuple[Panel, ...]:
    """Return the panels of all steps, each with the anchors before and after it."""
    panels = [
        panel
        for localized_step in builder.lesson.steps
        for panel in _panels_of_step(localized_step, builder)
    ]
    anchors = [COVER, *(panel.anchor for panel in panels), END]
    return tuple(
        replace(panel, previous_anchor=anchors[index], next_anchor=anchors[index + 2])
        for index, panel in enumerate(panels)
    )


def _panels_of_step(localized_step: LocalizedStep, builder: PanelBuilder) -> Iterator[Panel]:
    step = localized_step.step
    plain = Panel(
        kind=str(kind_of_step(step)),
        anchor=str(localized_step.number),
        previous_anchor="",
        next_anchor="",
        number=localized_step.number,
        sentence=builder.build_sentence(localized_step.sentence),
        voice=builder.build_voice_view(localized_step.voice),
    )
    match step:
        case Show() | IfWrong():
            figure = make_figure(
                localized_step.picture,
                step.tap,
                make_alt_text(localized_step.picture),
                builder.renditions,
                builder.lesson.media,
            )
            yield replace(plain, figure=figure)
        case Practise():
            yield from _practice_panels(plain, localized_step, step, builder)
        case Ask():
            yield replace(plain, answers=tuple(_answers(localized_step, step, builder)))
        case Watch():
            yield replace(plain, clip=build_clip_view(step, builder.lesson, builder.renditions))


def make_alt_text(picture: Picture) -> str:
    """Return the alternative text of a picture: its labels, at most 120 characters."""
    labels = picture.screen.labels() if picture.screen else ()
    if picture.scene:
        labels = picture.scene.labels()
    return ", ".join(labels)[:120]


def _practice_panels(
    plain: Panel, localized_step: LocalizedStep, step: Practise, builder: PanelBuilder
) -> Iterator[Panel]:
    count = len(step.practise)
    anchors = [plain.anchor, *(f"{plain.anchor}-{n}" for n in range(2, count + 1))]
    after = [*anchors[1:], f"{plain.anchor}-xong"]
    for index, frame in enumerate(step.practise):
        say, hint = localized_step.hints[index]
        sentence = builder.build_sentence(say) if say else plain.sentence
        if say and index == 0:  # the recording is of the invitation, so its text is shown too
            sentence = replace(sentence, text=f"{plain.sentence.text} {sentence.text}")
        yield replace(
            plain,
            anchor=anchors[index],
            sentence=sentence,
            voice=plain.voice if index == 0 else None,
            hint=builder.build_sentence(hint),
            figure=make_practice_figure(
                frame, sentence.text, f"#{after[index]}", f"#{anchors[index]}h"
            ),
        )
    yield replace(
        plain,
        kind="done",
        anchor=after[-1],
        sentence=_praise_sentence(builder),
        voice=None,
        retry_anchor=anchors[0],
    )


def _praise_sentence(builder: PanelBuilder) -> Sentence:
    tag = builder.lesson.locale.tag
    language, main = ui_language(tag), builder.lesson.main_locale.tag
    return Sentence(_("Bác làm được rồi!").translate(tag), None if language == main else language)


def _answers(
    localized_step: LocalizedStep, step: Ask, builder: PanelBuilder
) -> Iterator[AnswerView]:
    for index, answer in enumerate(step.answers):
        say, because = localized_step.answers[index]
        figure = make_figure(answer.picture, None, "", builder.renditions, builder.lesson.media)
        if figure is not None:
            yield AnswerView(
                anchor=f"{localized_step.number}{'abcd'[index]}",
                figure=figure,
                say=builder.build_sentence(say),
                because=builder.build_sentence(because),
                right=answer.right,
            )


def short_paths(folder: str, number: int | None) -> tuple[str, ...]:
    """Return the short address of a lesson, short enough to read aloud: /7, or /7-hmn."""
    if number is None:
        return ()
    if folder == SOURCE_FOLDER:
        return (urls.SHORT_LESSON.url(number=number),)
    return (urls.SHORT_TRANSLATION.url(number=number, folder=folder),)


def page_path(folder: str, slug: str = "") -> str:
    """Return the address of a lesson, or of the list of lessons of a language."""
    if slug:
        return urls.LESSON_PAGE.url(folder=folder, slug=slug)
    return urls.LESSON_LIST.url(folder=folder)


def downloads_path(folder: str, slug: str, kind: str = "") -> str:
    """Return the address of the downloads page of a lesson, or of one pack."""
    if kind:
        return urls.LESSON_PACK.url(kind=kind, folder=folder, slug=slug)
    return urls.LESSON_DOWNLOADS.url(folder=folder, slug=slug)
