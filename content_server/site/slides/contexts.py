"""What trainers' pages are told: slides for a wall, an evening's plan, cards, a memory stick."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from content_server.site.pages.contexts import ClipView, LessonCard, Page, VoiceView
from content_server.site.pages.figures import Figure


@dataclass(frozen=True)
class Tongue:
    """A language a deck can speak, by its place in the deck."""

    tag: str
    endonym: str


@dataclass(frozen=True)
class Saying:
    """What one language of a deck says on a slide: words, a voice, or both."""

    tongue: int  # place among the deck's languages; 0 is its own
    text: str  # empty: there is only the voice
    tag: str  # of the words
    voice: VoiceView | None


@dataclass(frozen=True)
class AnswerSlide:
    """A picture answer on a slide, and what is said after hands were counted."""

    figure: Figure
    sayings: tuple[Saying, ...]
    because: tuple[Saying, ...]
    right: bool


@dataclass(frozen=True)
class Slide:
    """One slide of a deck."""

    kind: str  # cover, safe, end, warn, home, or the kind of a panel
    anchor: str
    sayings: tuple[Saying, ...]
    number: int | None = None  # of the step, 1-based
    figure: Figure | None = None
    hints: tuple[Saying, ...] = ()
    answers: tuple[AnswerSlide, ...] = ()
    clip: ClipView | None = None


@dataclass(frozen=True)
class DeckPage(Page):
    """A lesson for a projector."""

    template: ClassVar[str] = "deck.html"

    slug: str
    folder: str
    number: int | None  # of the lesson
    short: str  # absolute address a phone scans
    tongues: tuple[Tongue, ...]
    two: bool  # two languages from the start
    slides: tuple[Slide, ...]
    total: int  # steps


@dataclass(frozen=True)
class NotesPage(Page):
    """What a trainer says at each slide: read on a phone, never on a wall."""

    template: ClassVar[str] = "notes.html"

    slides: tuple[Slide, ...]
    tongues: tuple[int, ...]  # of the deck, those whose words stand here
    advice: Mapping[str, str]  # kind of slide → what to do
    why: tuple[str, str]  # words, tag
    teach_back: tuple[str, str] | None


@dataclass(frozen=True)
class PlanLesson:
    """A lesson as an evening's plan knows it."""

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
class PlanPage(Page):
    """An evening's plan: the lessons one can choose from. The plan itself is the fragment."""

    template: ClassVar[str] = "plan.html"

    lessons: tuple[PlanLesson, ...]
    cards: str  # address of the cards to print


@dataclass(frozen=True)
class StickLanguage:
    """What a memory stick holds in one language."""

    tag: str
    endonym: str
    lessons: tuple[tuple[LessonCard, str], ...]  # a lesson, and the address of its deck
    evening: str


@dataclass(frozen=True)
class StickPage(Page):
    """The first page of a memory stick: every language with its lessons."""

    template: ClassVar[str] = "stick.html"

    folders: tuple[StickLanguage, ...]


@dataclass(frozen=True)
class CardsPage(Page):
    """Cards A, B, C, D to hold up instead of a hand."""

    template: ClassVar[str] = "cards.html"
