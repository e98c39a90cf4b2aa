"""A telling: one lesson as one language tells it, every gap filled along the fallback chain.

Nothing is filled in silently: each sentence and each voice says which language it is in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from content_server.lessons.lesson import (
    Ask,
    Body,
    Lesson,
    Picture,
    Practise,
    Review,
    Step,
    StepWords,
    Translation,
    VoiceKind,
    sentence_of,
)
from content_server.locales import SOURCE_FOLDER, Folder, Locale, Locales, fallback_chain


class EditionContent(Protocol):
    """One edition's published words, and the source digest of each file it uses."""

    @property
    def body(self) -> Body: ...
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
    """One step as this language tells it."""

    number: int  # 1-based: the anchor of the step in the page
    step: Step  # the source's step
    picture: Picture  # the translation's own, where it brings one
    sentence: LocalizedText
    voice: LocalizedVoice | None
    hints: tuple[
        tuple[LocalizedText | None, LocalizedText], ...
    ] = ()  # practice: (say, hint) of each frame
    answers: tuple[
        tuple[LocalizedText, LocalizedText], ...
    ] = ()  # question: (say, because) of each answer


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
    teach_back: LocalizedText | None  # what one is asked to show at the end
    voice: LocalizedVoice | None
    ending_voice: LocalizedVoice | None
    steps: tuple[LocalizedStep, ...]
    reviewed: bool
    media: Mapping[str, str]  # file → source digest, of all languages

    @property
    def main_locale(self) -> Locale:
        """Return the language most of the sentences are in: what <main lang> says."""
        counted = [step.sentence.locale for step in self.steps]
        return max(dict.fromkeys(counted), key=counted.count)


def localize_lesson(
    slug: str, folder: Folder, versions: Mapping[Folder, EditionContent], locales: Locales
) -> LocalizedLesson:
    """Tell lesson `slug` in `folder`'s language. `versions` holds its published editions."""
    chain = [locale for locale in fallback_chain(locales, folder) if locale.folder in versions]
    return _Localizer(slug, locales[folder], chain, versions).telling()


class _Localizer:
    def __init__(
        self,
        slug: str,
        locale: Locale,
        chain: list[Locale],
        versions: Mapping[Folder, EditionContent],
    ) -> None:
        self.slug, self.locale, self.chain, self.versions = slug, locale, chain, versions
        source = versions[SOURCE_FOLDER].body
        if not isinstance(source, Lesson):
            raise TypeError(slug)
        self.source = source

    def telling(self) -> LocalizedLesson:
        own = self.versions[self.locale.folder].body
        return LocalizedLesson(
            slug=self.slug,
            locale=self.locale,
            source=self.source,
            title=self.said(lambda body: body.title),
            why=self.said(lambda body: body.why),
            safety=self.said(lambda body: body.safety),
            success=self.said(lambda body: body.success),
            warning=self.said(lambda body: body.warning),
            teach_back=self.said(lambda b: b.teach_back) if self.source.teach_back else None,
            voice=self.spoken(lambda body: body.voice),
            ending_voice=self.spoken(lambda body: body.ending_voice),
            steps=tuple(self.told(i, step) for i, step in enumerate(self.source.steps, start=1)),
            reviewed=isinstance(own, Lesson) or own.review is Review.REVIEWED,
            media={k: v for version in self.versions.values() for k, v in version.media.items()},
        )

    def told(self, number: int, step: Step) -> LocalizedStep:
        own = self.words(step.id, self.locale)
        brings = own and (own.screen or own.scene or own.photo)
        return LocalizedStep(
            number=number,
            step=step,
            picture=own if own and brings else step,
            sentence=self.said(lambda body: self.sentence(body, step)),
            voice=self.spoken(lambda body: self.voice(body, step)),
            hints=self.hints(step) if isinstance(step, Practise) else (),
            answers=self.answers(step) if isinstance(step, Ask) else (),
        )

    def hints(self, step: Practise) -> tuple[tuple[LocalizedText | None, LocalizedText], ...]:
        def told(body: Body, index: int, part: str) -> str | None:
            words = step if isinstance(body, Lesson) else body.steps.get(step.id)
            frames = words.practise if words else None
            text: str | None = getattr(frames[index], part) if frames else None
            return text

        return tuple(
            (
                self.said(told, index, "say") if frame.say else None,
                self.said(told, index, "hint"),
            )
            for index, frame in enumerate(step.practise)
        )

    def answers(self, step: Ask) -> tuple[tuple[LocalizedText, LocalizedText], ...]:
        def told(body: Body, index: int, part: str) -> str | None:
            words = step if isinstance(body, Lesson) else body.steps.get(step.id)
            answers = words.answers if words else None
            text: str | None = getattr(answers[index], part) if answers else None
            return text

        return tuple(
            (self.said(told, index, "say"), self.said(told, index, "because"))
            for index in range(len(step.answers))
        )

    def words(self, step_id: str, locale: Locale) -> StepWords | None:
        body = self.versions[locale.folder].body
        return body.steps.get(step_id) if isinstance(body, Translation) else None

    def sentence(self, body: Body, step: Step) -> str | None:
        if isinstance(body, Lesson):
            return sentence_of(step)
        words = body.steps.get(step.id)
        return words.sentence if words else None

    def voice(self, body: Body, step: Step) -> str | None:
        words = step if isinstance(body, Lesson) else body.steps.get(step.id)
        return words.voice if words else None

    def said(self, find: Callable[..., str | None], *where: object) -> LocalizedText:
        """Return the first sentence along the chain; the source always has one."""
        for locale in self.chain:
            if text := find(self.versions[locale.folder].body, *where):
                return LocalizedText(text, locale)
        raise LookupError(self.slug)

    def spoken(self, find: Callable[[Body], str | None]) -> LocalizedVoice | None:
        """Return the first recording along the chain."""
        for locale in self.chain:
            version = self.versions[locale.folder]
            file = find(version.body)
            if file and file in version.media:
                return LocalizedVoice(version.media[file], locale, version.body.voices)
        return None
