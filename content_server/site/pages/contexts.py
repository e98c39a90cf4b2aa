"""What each page is told: one frozen value a page, every field explained, and nothing else."""

from dataclasses import dataclass
from typing import ClassVar

from content_server.site.pages.figures import Figure


@dataclass(frozen=True)
class VoiceView:
    """A recording as a page plays it."""

    opus: str  # address of the small file
    m4a: str  # address of the file every phone plays
    note: str  # "lời đọc tiếng Việt · giọng máy"; empty when there is nothing to say


@dataclass(frozen=True)
class Line:
    """A sentence, with its language where it differs from the page's main one."""

    text: str
    tag: str | None = None


@dataclass(frozen=True)
class LanguageLink:
    """One language of the switcher."""

    path: str  # address without the step
    tag: str
    endonym: str
    current: bool


@dataclass(frozen=True)
class AnswerView:
    """A picture answer and what is said after it is chosen."""

    anchor: str
    figure: Figure
    say: Line
    because: Line
    right: bool


@dataclass(frozen=True)
class Player:
    """A film that can be played, and what that costs."""

    sources: tuple[tuple[str, str], ...]  # (address, content type with codecs), best first
    cost: str  # "0,8 MB · khoảng 16 giây với mạng yếu"


@dataclass(frozen=True)
class Sheet:
    """One picture in several formats: (content type, address), best first; the last is JPEG."""

    files: tuple[tuple[str, str], ...]
    width_px: int
    height_px: int


@dataclass(frozen=True)
class ClipView:
    """A clip with its cost, for a page that fetches nothing before it is asked."""

    first: Player  # pictures at rest with the voice; without those, the film itself
    moving: Player | None  # the film itself, where `first` is not
    poster: Sheet
    captions: str | None
    words: str  # all that is said in it; empty without captions
    strip: tuple[Sheet, ...]  # the pictures that tell most
    strip_cost: str


@dataclass(frozen=True)
class Panel:
    """One screenful of a lesson."""

    kind: str  # show, if_wrong, practise, done, ask, watch
    anchor: str
    previous: str
    following: str
    number: int  # of the step, 1-based
    sentence: Line
    voice: VoiceView | None = None
    figure: Figure | None = None
    hint: Line | None = None
    answers: tuple[AnswerView, ...] = ()
    clip: ClipView | None = None
    again: str = ""  # anchor of the first tap of a practice


@dataclass(frozen=True)
class ContactView:
    """A helpline as a villager sees it."""

    name: str
    tel: str | None
    spoken: str | None  # the number in groups
    site: str | None
    note: str  # "gọi mất phí · cả ngày đêm"


@dataclass(frozen=True)
class Page:
    """What every page has."""

    template: ClassVar[str]
    alone: ClassVar[bool] = False  # a file by itself, with no site around it

    tag: str  # <html lang>: the language of the page
    address: str  # absolute, canonical
    title: str
    languages: tuple[LanguageLink, ...]
    home: str  # address of the list of lessons


@dataclass(frozen=True)
class PacksPage(Page):
    """Files to take away, and what is being made of them."""

    list: str  # address of this page when nothing is waited for
    waits_for: str  # name of the file whose download begins by itself; empty: none
    again_s: int  # seconds until the page asks again how far it is; 0: nothing is being made


@dataclass(frozen=True)
class LessonPage(Page):
    """A whole lesson in one response."""

    template: ClassVar[str] = "lesson.html"

    main_tag: str  # <main lang>: the language most sentences are in
    description: str
    alternates: tuple[tuple[str, str], ...]  # (tag, absolute address)
    card: str  # absolute address of the link preview picture
    learning: str  # LRMI JSON-LD, safe inside <script>
    cover: Figure | None
    voice: VoiceView | None
    why: Line
    safety: Line
    weight: str  # "0,2 MB"
    seconds: int  # of the whole lesson on a weak signal
    unreviewed: str | None  # the ribbon's words, when no native speaker has signed
    panels: tuple[Panel, ...]
    total: int  # steps
    success: Line
    warning: Line
    ending_voice: VoiceView | None
    contacts: tuple[ContactView, ...]
    checked_on: str
    takeaway: str  # address of what can be taken away of this lesson
    deck: str  # address of the slides


@dataclass(frozen=True)
class LonePage(LessonPage):
    """A whole lesson in one file: addresses of voices and photos are their own bytes."""

    alone: ClassVar[bool] = True


@dataclass(frozen=True)
class LessonCard:
    """A lesson on the list."""

    path: str
    title: Line
    figure: Figure | None
    voice: VoiceView | None
    unreviewed: bool


@dataclass(frozen=True)
class Group:
    """The lessons of one topic, under its picture."""

    name: Line
    icon: str  # a path of 24 by 24
    lessons: tuple[LessonCard, ...]


@dataclass(frozen=True)
class HomePage(Page):
    """Every lesson in one language, in groups, all on one level."""

    template: ClassVar[str] = "home.html"

    groups: tuple[Group, ...]
    search: str  # address of the search page
    households: str  # address of the helper's sheet
    evening: str  # address of the page that plans an evening
    waiting: tuple[tuple[str, str], ...]  # (tag, endonym) of languages that have no lesson yet


@dataclass(frozen=True)
class HouseholdLesson:
    """A lesson on the sheet of a helper."""

    key: str  # its slug: the same tick in every language
    path: str
    title: Line


@dataclass(frozen=True)
class HouseholdPage(Page):
    """The sheet of a village helper: five houses without names, a tick for each lesson."""

    template: ClassVar[str] = "household.html"

    lessons: tuple[HouseholdLesson, ...]
    houses: tuple[int, ...]


@dataclass(frozen=True)
class SearchPage(Page):
    """The search form, and what was found."""

    template: ClassVar[str] = "search.html"

    action: str
    query: str
    lessons: tuple[LessonCard, ...]


@dataclass(frozen=True)
class NoticePage(Page):
    """A plain sentence that leads home: not found, withdrawn, trouble."""

    template: ClassVar[str] = "notice.html"

    sentence: str
    advice: str
