"""The contexts of trainers' pages: slides, notes, session plan, answer cards, USB index."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from content_server.site.pages.contexts import ClipView, LessonCard, PageContext, VoiceView
from content_server.site.pages.figures import Figure


@dataclass(frozen=True)
class DeckLanguage:
    """A language of a deck; texts refer to it by its index."""

    tag: str
    endonym: str


@dataclass(frozen=True)
class SlideText:
    """The part of a slide in one language: a text, a recording, or both."""

    language_index: int  # in `deck_languages`; 0 is the language of the page
    text: str  # "" when there is only a recording
    tag: str  # language of the text
    voice: VoiceView | None


@dataclass(frozen=True)
class AnswerSlide:
    """A picture answer on a slide, and the feedback shown after the show of hands."""

    figure: Figure
    texts: tuple[SlideText, ...]
    because: tuple[SlideText, ...]
    right: bool


@dataclass(frozen=True)
class Slide:
    """One slide of a deck."""

    kind: str  # cover, safe, end, warn, home, or the kind of a panel
    anchor: str
    texts: tuple[SlideText, ...]
    number: int | None = None  # of the step, 1-based
    figure: Figure | None = None
    hints: tuple[SlideText, ...] = ()
    answers: tuple[AnswerSlide, ...] = ()
    clip: ClipView | None = None


@dataclass(frozen=True)
class DeckPage(PageContext):
    """A lesson for a projector."""

    template: ClassVar[str] = "deck.html"

    slug: str
    folder: str
    number: int | None  # of the lesson
    short_url: str  # absolute address in the QR code
    deck_languages: tuple[DeckLanguage, ...]
    is_bilingual: bool  # show two languages from the start
    slides: tuple[Slide, ...]
    total: int  # steps


@dataclass(frozen=True)
class NotesPage(PageContext):
    """The trainer notes of each slide."""

    template: ClassVar[str] = "notes.html"

    slides: tuple[Slide, ...]
    language_indexes: tuple[int, ...]  # of the deck languages shown here
    advice: Mapping[str, str]  # by the kind of slide
    why: tuple[str, str]  # (text, tag)
    teach_back: tuple[str, str] | None


@dataclass(frozen=True)
class SessionPlanLesson:
    """A lesson on the session plan."""

    number: int
    path: str  # of its deck
    title: str
    figure: Figure | None
    minutes: int
    has_question: bool
    safety: str
    warning: str
    teach_back: str


@dataclass(frozen=True)
class SessionPlanPage(PageContext):
    """The session plan: the lessons to choose from. The plan is kept in the URL fragment."""

    template: ClassVar[str] = "session_plan.html"

    lessons: tuple[SessionPlanLesson, ...]
    answer_cards: str  # address of the answer cards


@dataclass(frozen=True)
class UsbLanguage:
    """The lessons of one language on a USB pack."""

    tag: str
    endonym: str
    lessons: tuple[tuple[LessonCard, str], ...]  # (lesson, address of its deck)
    session_plan: str


@dataclass(frozen=True)
class UsbIndexPage(PageContext):
    """The index page of a USB pack: all languages with their lessons."""

    template: ClassVar[str] = "usb_index.html"

    usb_languages: tuple[UsbLanguage, ...]


@dataclass(frozen=True)
class AnswerCardsPage(PageContext):
    """The answer cards A, B, C, D to print."""

    template: ClassVar[str] = "answer_cards.html"
