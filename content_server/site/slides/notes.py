"""The trainer notes: what to say and do at each slide."""

from content_server import urls
from content_server.lessons.localized import LocalizedLesson
from content_server.phrases import _
from content_server.site.pages.pages import Site
from content_server.site.slides.contexts import DeckPage, NotesPage

PLAY_TWICE_ADVICE = _("Cho nghe hai lần. Mời một người lên bấm, đừng bấm thay.")
ADVICE_BY_SLIDE_KIND = {  # by the kind of slide
    "cover": _("Mở thử bài và loa trước. Nói bài này giúp được gì."),
    "safe": _("Nói trước để ai cũng dám bấm."),
    "show": PLAY_TWICE_ADVICE,
    "if_wrong": PLAY_TWICE_ADVICE,
    "practise": _("Mời một người lên bấm. Sai thì nói: không sao, chưa mất gì."),
    "ask": _("Đọc câu hỏi, đọc từng câu trả lời, đếm tay. Câu đúng có dấu ✓."),
    "home": _("Đưa mã QR. Hỏi ai sẽ chỉ lại cho người nhà."),
}


def build_notes_page(deck: DeckPage, lesson: LocalizedLesson, site: Site) -> NotesPage:
    """Return the notes of the slides of `deck`, in the same order."""
    teach_back = lesson.teach_back
    return NotesPage(
        tag=deck.tag,
        address=site.address(urls.NOTES.url(folder=deck.folder, slug=deck.slug)),
        title=deck.title,
        languages=(),
        home=deck.home,
        slides=deck.slides,
        language_indexes=(0, 1) if deck.is_bilingual else (0,),
        advice={kind: phrase.translate(deck.tag) for kind, phrase in ADVICE_BY_SLIDE_KIND.items()},
        why=(lesson.why.text, lesson.why.locale.tag),
        teach_back=(teach_back.text, teach_back.locale.tag) if teach_back else None,
    )
