"""The contexts of page templates: one frozen dataclass for each page."""

from dataclasses import dataclass
from typing import ClassVar

from content_server.site.pages.figures import Figure


@dataclass(frozen=True)
class VoiceView:
    """A recording with the addresses of its two files."""

    opus: str  # address of the Opus file, the smaller one
    m4a: str  # address of the M4A file, which every phone plays
    note: str  # "lời đọc tiếng Việt · giọng máy"; "" for none


@dataclass(frozen=True)
class Sentence:
    """A sentence, with its language tag where it differs from the main language of the page."""

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
    """A picture answer, and the feedback shown after it is chosen."""

    anchor: str
    figure: Figure
    say: Sentence
    because: Sentence
    right: bool


@dataclass(frozen=True)
class VideoPlayer:
    """The sources of a video element, and their size in words."""

    sources: tuple[tuple[str, str], ...]  # (address, content type with codecs), best first
    cost: str  # "0,8 MB · khoảng 16 giây với mạng yếu"


@dataclass(frozen=True)
class PictureFormats:
    """One picture in several formats: (content type, address), best first; the last is JPEG."""

    files: tuple[tuple[str, str], ...]
    width_px: int
    height_px: int


@dataclass(frozen=True)
class ClipView:
    """A clip with its sizes. The page fetches nothing before it is played."""

    default_player: VideoPlayer  # the stills rendition where there is one, else the video
    video_player: VideoPlayer | None  # the video, when `default_player` is the stills rendition
    poster: PictureFormats
    captions: str | None
    transcript: str  # from its captions; "" without captions
    strip: tuple[PictureFormats, ...]  # still pictures of the clip, in order
    strip_size: str


@dataclass(frozen=True)
class Panel:
    """One screenful of a lesson page."""

    kind: str  # show, if_wrong, practise, done, ask, watch
    anchor: str
    previous_anchor: str
    next_anchor: str
    number: int  # of the step, 1-based
    sentence: Sentence
    voice: VoiceView | None = None
    figure: Figure | None = None
    hint: Sentence | None = None
    answers: tuple[AnswerView, ...] = ()
    clip: ClipView | None = None
    retry_anchor: str = ""  # in the panel that ends a practice: anchor of its first tap


@dataclass(frozen=True)
class ContactView:
    """A helpline as the page shows it."""

    name: str
    tel: str | None
    formatted_tel: str | None  # with a space: 1900 6769
    website: str | None
    note: str  # "gọi mất phí · cả ngày đêm"


@dataclass(frozen=True)
class PageContext:
    """The fields every page has."""

    template: ClassVar[str]
    standalone: ClassVar[bool] = False  # a file outside the site: no links to other pages

    tag: str  # <html lang>: the language of the page
    address: str  # absolute, canonical
    title: str
    languages: tuple[LanguageLink, ...]
    home: str  # address of the list of lessons


@dataclass(frozen=True)
class DownloadListPage(PageContext):
    """A page that lists downloads, and reloads while one is built."""

    list_path: str  # address of this page without an awaited pack
    awaited_pack: str  # name of the pack whose download starts by itself; "" for none
    refresh_s: int  # seconds until the page asks for progress; 0: nothing is built


@dataclass(frozen=True)
class LessonPage(PageContext):
    """A whole lesson in one response."""

    template: ClassVar[str] = "lesson.html"

    main_tag: str  # <main lang>: the language most sentences are in
    description: str
    alternates: tuple[tuple[str, str], ...]  # (tag, absolute address)
    preview_image: str  # absolute address of the link preview picture
    json_ld: str  # LRMI JSON-LD, safe inside <script>
    cover: Figure | None
    voice: VoiceView | None
    why: Sentence
    safety: Sentence
    size: str  # "0,2 MB"
    download_s: int  # estimated for the whole lesson on a weak network
    unreviewed: str | None  # the notice, when no native speaker has approved
    panels: tuple[Panel, ...]
    total: int  # steps
    success: Sentence
    warning: Sentence
    ending_voice: VoiceView | None
    contacts: tuple[ContactView, ...]
    checked_on: str
    downloads: str  # address of its downloads page
    deck: str  # address of the slides


@dataclass(frozen=True)
class StandaloneLessonPage(LessonPage):
    """A whole lesson in one file: recordings and photos are data URLs."""

    standalone: ClassVar[bool] = True


@dataclass(frozen=True)
class LessonCard:
    """A lesson on the list."""

    path: str
    title: Sentence
    figure: Figure | None
    voice: VoiceView | None
    unreviewed: bool


@dataclass(frozen=True)
class TopicGroup:
    """The lessons of one topic, under its icon."""

    name: Sentence
    icon: str  # SVG path data, 24 × 24
    lessons: tuple[LessonCard, ...]


@dataclass(frozen=True)
class HomePage(PageContext):
    """The list of all lessons in one language, grouped by topic."""

    template: ClassVar[str] = "home.html"

    groups: tuple[TopicGroup, ...]
    search: str  # address of the search page
    household_sheet: str  # address of the household sheet
    session_plan: str  # address of the session plan
    podcast: str  # address of the podcast
    languages_without_lessons: tuple[tuple[str, str], ...]  # (tag, endonym)


@dataclass(frozen=True)
class HouseholdLesson:
    """A lesson on the household sheet."""

    key: str  # its slug: the same tick in every language
    path: str
    title: Sentence


@dataclass(frozen=True)
class HouseholdSheetPage(PageContext):
    """The household sheet of a village helper: numbered households, a tick for each lesson."""

    template: ClassVar[str] = "household_sheet.html"

    lessons: tuple[HouseholdLesson, ...]
    households: tuple[int, ...]


@dataclass(frozen=True)
class SearchPage(PageContext):
    """The search form with its results."""

    template: ClassVar[str] = "search.html"

    action: str
    query: str
    lessons: tuple[LessonCard, ...]


@dataclass(frozen=True)
class NoticePage(PageContext):
    """A notice with a link home: not found, withdrawn, server error."""

    template: ClassVar[str] = "notice.html"

    sentence: str
    advice: str
