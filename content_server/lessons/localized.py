"""Localized lessons: one lesson in one language, with gaps filled along the fallback chain.

Each sentence and each recording carries the language it is in, so that pages can label fallbacks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from content_server.lessons.lesson import (
    Ask,
    EditionBody,
    Lesson,
    Picture,
    Practise,
    ReviewState,
    Step,
    StepWords,
    Translation,
    VoiceKind,
    sentence_of,
)
from content_server.locales import SOURCE_FOLDER, Folder, Locale, Locales, fallback_chain


class EditionContent(Protocol):
    """The body of one edition, and the source digest of each media file it uses."""

    @property
    def body(self) -> EditionBody: ...
    @property
    def media(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class LocalizedText:
    """A sentence and the language it is in."""

    text: str
    locale: Locale


@dataclass(frozen=True)
class LocalizedVoice:
    """A recording: the digest of its source, its language, and who speaks."""

    digest: str
    locale: Locale
    kind: VoiceKind


@dataclass(frozen=True)
class LocalizedStep:
    """One step of a localized lesson."""

    number: int  # 1-based: the anchor of the step in the page
    step: Step  # the source's step
    picture: Picture  # the translation's own where it has one, else the source's
    sentence: LocalizedText
    voice: LocalizedVoice | None
    # Practice: (say, hint) of each frame. Question: (say, because) of each answer.
    hints: tuple[tuple[LocalizedText | None, LocalizedText], ...] = ()
    answers: tuple[tuple[LocalizedText, LocalizedText], ...] = ()


@dataclass(frozen=True)
class LocalizedLesson:
    """A whole lesson in one language."""

    slug: str
    locale: Locale
    source: Lesson
    title: LocalizedText
    why: LocalizedText
    safety: LocalizedText
    success: LocalizedText
    warning: LocalizedText
    teach_back: LocalizedText | None  # the task the learner shows back at the end
    voice: LocalizedVoice | None
    ending_voice: LocalizedVoice | None
    steps: tuple[LocalizedStep, ...]
    reviewed: bool
    media: Mapping[str, str]  # file → source digest, of all languages

    @property
    def main_locale(self) -> Locale:
        """Return the language of most steps' sentences, for the `lang` of <main>."""
        locales = [step.sentence.locale for step in self.steps]
        return max(dict.fromkeys(locales), key=locales.count)


def localize_lesson(
    slug: str, folder: Folder, editions: Mapping[Folder, EditionContent], locales: Locales
) -> LocalizedLesson:
    """Resolve lesson `slug` for the language `folder`; `editions` holds its published editions."""
    chain = [locale for locale in fallback_chain(locales, folder) if locale.folder in editions]
    return _Localizer(slug, locales[folder], chain, editions).localize()


class _Localizer:
    def __init__(
        self,
        slug: str,
        locale: Locale,
        chain: list[Locale],
        editions: Mapping[Folder, EditionContent],
    ) -> None:
        self.slug, self.locale, self.chain, self.editions = slug, locale, chain, editions
        source = editions[SOURCE_FOLDER].body
        if not isinstance(source, Lesson):
            raise TypeError(slug)
        self.source = source

    def localize(self) -> LocalizedLesson:
        own = self.editions[self.locale.folder].body
        return LocalizedLesson(
            slug=self.slug,
            locale=self.locale,
            source=self.source,
            title=self.find_text(lambda body: body.title),
            why=self.find_text(lambda body: body.why),
            safety=self.find_text(lambda body: body.safety),
            success=self.find_text(lambda body: body.success),
            warning=self.find_text(lambda body: body.warning),
            teach_back=self.find_text(lambda b: b.teach_back) if self.source.teach_back else None,
            voice=self.find_voice(lambda body: body.voice),
            ending_voice=self.find_voice(lambda body: body.ending_voice),
            steps=tuple(
                self.localize_step(i, step) for i, step in enumerate(self.source.steps, start=1)
            ),
            reviewed=isinstance(own, Lesson) or own.review is ReviewState.REVIEWED,
            media={k: v for edition in self.editions.values() for k, v in edition.media.items()},
        )

    def localize_step(self, number: int, step: Step) -> LocalizedStep:
        own = self.translated_step(step.id, self.locale)
        has_picture = own and (own.screen or own.scene or own.photo)
        return LocalizedStep(
            number=number,
            step=step,
            picture=own if own and has_picture else step,
            sentence=self.find_text(lambda body: self.sentence_in(body, step)),
            voice=self.find_voice(lambda body: self.voice_in(body, step)),
            hints=self.localize_hints(step) if isinstance(step, Practise) else (),
            answers=self.localize_answers(step) if isinstance(step, Ask) else (),
        )

    def localize_hints(
        self, step: Practise
    ) -> tuple[tuple[LocalizedText | None, LocalizedText], ...]:
        def text_in(body: EditionBody, index: int, key: str) -> str | None:
            words = step if isinstance(body, Lesson) else body.steps.get(step.id)
            frames = words.practise if words else None
            text: str | None = getattr(frames[index], key) if frames else None
            return text

        return tuple(
            (
                self.find_text(text_in, index, "say") if frame.say else None,
                self.find_text(text_in, index, "hint"),
            )
            for index, frame in enumerate(step.practise)
        )

    def localize_answers(self, step: Ask) -> tuple[tuple[LocalizedText, LocalizedText], ...]:
        def text_in(body: EditionBody, index: int, key: str) -> str | None:
            words = step if isinstance(body, Lesson) else body.steps.get(step.id)
            answers = words.answers if words else None
            text: str | None = getattr(answers[index], key) if answers else None
            return text

        return tuple(
            (self.find_text(text_in, index, "say"), self.find_text(text_in, index, "because"))
            for index in range(len(step.answers))
        )

    def translated_step(self, step_id: str, locale: Locale) -> StepWords | None:
        body = self.editions[locale.folder].body
        return body.steps.get(step_id) if isinstance(body, Translation) else None

    def sentence_in(self, body: EditionBody, step: Step) -> str | None:
        if isinstance(body, Lesson):
            return sentence_of(step)
        words = body.steps.get(step.id)
        return words.sentence if words else None

    def voice_in(self, body: EditionBody, step: Step) -> str | None:
        words = step if isinstance(body, Lesson) else body.steps.get(step.id)
        return words.voice if words else None

    def find_text(self, find: Callable[..., str | None], *where: object) -> LocalizedText:
        """Return the first text along the fallback chain; the source always has one."""
        for locale in self.chain:
            if text := find(self.editions[locale.folder].body, *where):
                return LocalizedText(text, locale)
        raise LookupError(self.slug)

    def find_voice(self, find: Callable[[EditionBody], str | None]) -> LocalizedVoice | None:
        """Return the first recording along the fallback chain; None when no edition has one."""
        for locale in self.chain:
            edition = self.editions[locale.folder]
            file = find(edition.body)
            if file and file in edition.media:
                return LocalizedVoice(edition.media[file], locale, edition.body.voices)
        return None
