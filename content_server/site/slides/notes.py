"""Notes: what a trainer says and does at each slide, for the eyes of the trainer alone."""

from content_server.lessons.localized import LocalizedLesson
from content_server.phrases import _
from content_server.site.pages.panels import path_of
from content_server.site.slides.contexts import DeckPage, NotesPage

SHOW_TWICE = _("Cho nghe hai lần. Mời một người lên bấm, đừng bấm thay.")
ADVICE = {  # by the kind of a slide
    "cover": _("Mở thử bài và loa trước. Nói bài này giúp được gì."),
    "safe": _("Nói trước để ai cũng dám bấm."),
    "show": SHOW_TWICE,
    "if_wrong": SHOW_TWICE,
    "practise": _("Mời một người lên bấm. Sai thì nói: không sao, chưa mất gì."),
    "ask": _("Đọc câu hỏi, đọc từng câu trả lời, đếm tay. Câu đúng có dấu ✓."),
    "home": _("Đưa mã QR. Hỏi ai sẽ chỉ lại cho người nhà."),
}


def notes_path(folder: str, slug: str) -> str:
    """Return the address of a lesson's notes."""
    return f"{path_of(folder, slug)}/ghi-chu"


def notes_page(deck: DeckPage, telling: LocalizedLesson) -> NotesPage:
    """Return the notes beside the slides of `deck`, in the same order."""
    teach_back = telling.teach_back
    return NotesPage(
        tag=deck.tag,
        address=deck.address.removesuffix("/chieu") + "/ghi-chu",
        title=deck.title,
        languages=(),
        home=deck.home,
        slides=deck.slides,
        tongues=(0, 1) if deck.two else (0,),
        advice={kind: phrase.said_in(deck.tag) for kind, phrase in ADVICE.items()},
        why=(telling.why.text, telling.why.locale.tag),
        teach_back=(teach_back.text, teach_back.locale.tag) if teach_back else None,
    )
