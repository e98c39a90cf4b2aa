"""Panels: a told lesson cut into screenfuls, each with its anchor, its picture and its way on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

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
from content_server.phrases import _, tongue
from content_server.site.pages.clip_views import clip_of
from content_server.site.pages.contexts import AnswerView, Line, Panel, VoiceView
from content_server.site.pages.figures import figure_of, practice_figure
from content_server.site.tree.rendition_index import RenditionIndex

COVER, END = "0", "het"


@dataclass(frozen=True)
class Desk:
    """What building a page needs at hand."""

    telling: LocalizedLesson
    shelf: RenditionIndex

    def line(self, said: LocalizedText) -> Line:
        """Return a sentence for the page, with its language where it is not the main one."""
        main = self.telling.main_locale
        return Line(said.text, None if said.locale.folder == main.folder else said.locale.tag)

    def voice(self, spoken: LocalizedVoice | None) -> VoiceView | None:
        """Return a recording with its two files; None while it is not ready."""
        if spoken is None:
            return None
        opus = self.shelf.of_type(spoken.digest, "audio/ogg")
        m4a = self.shelf.of_type(spoken.digest, "audio/mp4")
        if not opus or not m4a:
            return None
        return VoiceView(opus[0].path, m4a[0].path, self._note(spoken))

    def _note(self, spoken: LocalizedVoice) -> str:
        tag = self.telling.locale.tag
        parts = []
        if spoken.locale.folder != self.telling.locale.folder:
            language = spoken.locale.spoken_name
            parts.append(_("lời đọc {language}", language=language).said_in(tag))
        if spoken.kind is VoiceKind.MACHINE:
            parts.append(_("giọng máy").said_in(tag))
        return " · ".join(parts)


def panels_of(desk: Desk) -> tuple[Panel, ...]:
    """Return the panels of all steps, chained: each knows the anchor before and after it."""
    panels = [panel for told in desk.telling.steps for panel in _panels_of_step(told, desk)]
    anchors = [COVER, *(panel.anchor for panel in panels), END]
    return tuple(
        replace(panel, previous=anchors[index], following=anchors[index + 2])
        for index, panel in enumerate(panels)
    )


def _panels_of_step(told: LocalizedStep, desk: Desk) -> Iterator[Panel]:
    step = told.step
    plain = Panel(
        kind=str(kind_of_step(step)),
        anchor=str(told.number),
        previous="",
        following="",
        number=told.number,
        sentence=desk.line(told.sentence),
        voice=desk.voice(told.voice),
    )
    match step:
        case Show() | IfWrong():
            figure = figure_of(
                told.picture, step.tap, alt_of(told.picture), desk.shelf, desk.telling.media
            )
            yield replace(plain, figure=figure)
        case Practise():
            yield from _practice_panels(plain, told, step, desk)
        case Ask():
            yield replace(plain, answers=tuple(_answers(told, step, desk)))
        case Watch():
            yield replace(plain, clip=clip_of(step, desk.telling, desk.shelf))


def alt_of(picture: Picture) -> str:
    """Return words for a picture that is heard, not seen: the labels on it are enough."""
    labels = picture.screen.labels() if picture.screen else ()
    if picture.scene:
        labels = picture.scene.labels()
    return ", ".join(labels)[:120]


def _practice_panels(
    plain: Panel, told: LocalizedStep, step: Practise, desk: Desk
) -> Iterator[Panel]:
    count = len(step.practise)
    anchors = [plain.anchor, *(f"{plain.anchor}-{n}" for n in range(2, count + 1))]
    after = [*anchors[1:], f"{plain.anchor}-xong"]
    for index, frame in enumerate(step.practise):
        say, hint = told.hints[index]
        sentence = desk.line(say) if say else plain.sentence
        if say and index == 0:  # the voice says the invitation: its words stand there too
            sentence = replace(sentence, text=f"{plain.sentence.text} {sentence.text}")
        yield replace(
            plain,
            anchor=anchors[index],
            sentence=sentence,
            voice=plain.voice if index == 0 else None,
            hint=desk.line(hint),
            figure=practice_figure(frame, sentence.text, f"#{after[index]}", f"#{anchors[index]}h"),
        )
    yield replace(
        plain, kind="done", anchor=after[-1], sentence=_praise(desk), voice=None, again=anchors[0]
    )


def _praise(desk: Desk) -> Line:
    tag = desk.telling.locale.tag
    spoken, main = tongue(tag), desk.telling.main_locale.tag
    return Line(_("Bác làm được rồi!").said_in(tag), None if spoken == main else spoken)


def _answers(told: LocalizedStep, step: Ask, desk: Desk) -> Iterator[AnswerView]:
    for index, answer in enumerate(step.answers):
        say, because = told.answers[index]
        figure = figure_of(answer.picture, None, "", desk.shelf, desk.telling.media)
        if figure is not None:
            yield AnswerView(
                anchor=f"{told.number}{'abcd'[index]}",
                figure=figure,
                say=desk.line(say),
                because=desk.line(because),
                right=answer.right,
            )


def short_paths(folder: str, number: int | None) -> tuple[str, ...]:
    """Return the short address of a lesson, to be scanned and said aloud: /7, or /7-hmn."""
    if number is None:
        return ()
    return (f"/{number}",) if folder == SOURCE_FOLDER else (f"/{number}-{quote(folder)}",)


def deck_path(folder: str, slug: str) -> str:
    """Return the address of the slides of a lesson."""
    return f"{path_of(folder, slug)}/chieu"


def path_of(folder: str, slug: str = "") -> str:
    """Return the address of a lesson, or of a language's list of lessons."""
    return f"/{quote(folder)}/{quote(slug)}" if slug else f"/{quote(folder)}"


def takeaway_path(folder: str, slug: str, kind: str = "") -> str:
    """Return the address of the page of a lesson's packs, or of one pack."""
    return f"/-/goi{f'/{kind}' if kind else ''}{path_of(folder, slug)}"
