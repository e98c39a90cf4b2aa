"""Paper: cards, handout, poster, trainer's sheet, answer cards: tagged PDF that prints black."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from content_server.errors import PackRefused
from content_server.lessons.lesson import (
    Ask,
    IfWrong,
    Lesson,
    Picture,
    Practise,
    Show,
    Watch,
    sentence_of,
)
from content_server.lessons.localized import LocalizedStep, LocalizedText
from content_server.locales import SOURCE_FOLDER
from content_server.media.screens.text_layout import FONT_FILE
from content_server.phrases import _
from content_server.site.packs.frames.font_coverage import check_words
from content_server.site.packs.frames.pack_frames import LETTERS, cover_seen, draft_note
from content_server.site.packs.frames.pack_pictures import ON_PAPER, Seen, seen_of
from content_server.site.packs.pack_lesson import Pack, PackJob, PackLesson
from content_server.site.pages.pages import contact_view

TEMPLATES = Path(__file__).parent / "typst"
UNIVERSAL: Literal["ua-1"] = "ua-1"  # PDF/UA: a screen reader can read it, every picture has words


def make_cards(taught: PackLesson, folder: Path, _work: PackJob) -> Pack:
    """Write the step cards, A5 two on an A4. Raises PackRefused, as all makers here."""
    return _written("cards", taught, folder)


def make_handout(taught: PackLesson, folder: Path, _work: PackJob) -> Pack:
    """Write the A4 to take home."""
    return _written("handout", taught, folder)


def make_poster(taught: PackLesson, folder: Path, _work: PackJob) -> Pack:
    """Write the A3 for market and village house."""
    return _written("poster", taught, folder)


def make_notes(taught: PackLesson, folder: Path, _work: PackJob) -> Pack:
    """Write the trainer's own sheet."""
    return _written("notes", taught, folder)


def make_answers(taught: PackLesson, folder: Path, _work: PackJob) -> Pack:
    """Write the question for the wall and cards A, B, C, D to raise."""
    pack = _written("answers", taught, folder)
    asks = any(isinstance(told.step, Ask) for told in taught.telling.steps)
    notes = () if asks else (_("Bài này không có câu hỏi: chỉ có bốn thẻ."),)
    return Pack(pack.path, notes=notes)  # no address stands on these


def _written(template: str, taught: PackLesson, folder: Path) -> Pack:
    """Set a template with the lesson as data: words are never part of what sets them."""
    data = paper_data(taught)
    check_words(_words_in(data))
    try:
        pdf = typst.compile(
            str(TEMPLATES / f"{template}.typ"),
            root=str(TEMPLATES),
            font_paths=[str(FONT_FILE.parent)],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=[UNIVERSAL],
        )
    except typst.TypstError as error:
        raise PackRefused(
            _("Chưa xếp được bài lên giấy. Máy báo: {words}", words=str(error)[:200])
        ) from error
    path = folder / f"{taught.name}.{template}.pdf"
    path.write_bytes(pdf)
    notes = () if taught.given_address else (_("Tờ này không có mã QR và địa chỉ."),)
    return Pack(path, notes=notes)


def paper_data(taught: PackLesson) -> dict[str, Any]:
    """Return all a sheet may show as JSON: sentences with their language, pictures as SVG."""
    telling = taught.telling
    lesson = telling.source
    given = taught.given_address
    cover = cover_seen(taught, ON_PAPER)
    return {
        "lang": telling.main_locale.tag,
        "title": _said(telling.title),
        "why": _said(telling.why),
        "safety": _said(telling.safety),
        "success": _said(telling.success),
        "warning": _said(telling.warning),
        "teach_back": _said(telling.teach_back) if telling.teach_back else None,
        "draft": draft_note(taught),
        "cover": _picture(cover, telling.title.text),
        "steps": [step for told in taught.steps() if (step := _step(taught, told))],
        "total": taught.total,
        "question": _question(taught),
        "letters": LETTERS,
        "calls": _calls(taught, lesson),
        "languages": [
            {"text": locale.endonym, "lang": locale.tag}
            for locale in taught.site.locales
            if locale.folder in taught.told_in
        ],
        "address": given,
        "host": given.partition("://")[2],
        "qr": segno.make_qr(given, error="m").svg_inline(scale=4, border=4) if given else "",
        "checked": taught.said(_("Kiểm tra ngày {day}.", day=f"{lesson.checked_on:%d/%m/%Y}")),
        "labels": {name: taught.said(phrase) for name, phrase in LABELS.items()},
    }


LABELS = {
    "name": _("Bài học một phút"),
    "scan": _("Quét mã để xem và nghe"),
    "qr": _("Mã QR của bài học"),
    "no_qr": _("Chưa có mã QR: máy chủ chưa biết địa chỉ của mình."),
    "question": _("Câu hỏi"),
    "help": _("Cần hỏi thì gọi"),
    "teach": _("Bác dạy lại cho người nhà"),
    "done": _("Thế là xong"),
    "languages": _("Nghe được bằng"),
    "place": _("Nơi học:"),
    "time": _("Giờ:"),
    "notes": _("Tờ của người dạy – không chiếu lên"),
    "before": _("Trước buổi:"),
    "before_words": _("mở thử bài và loa, in thẻ bước, xem lại số điện thoại ở cuối tờ."),
    "during": _("Trong buổi:"),
    "during_words": _(
        "mỗi bước cho nghe hai lần, mời một người lên bấm, đừng bấm thay. "
        "Sai thì nói: không sao, chưa mất gì."
    ),
    "after": _("Sau buổi:"),
    "after_words": _("mời từng người làm lại, đưa mã QR, hỏi ai sẽ chỉ lại cho người nhà."),
    "steps": _("Từng bước"),
    "say": _("Nói"),
    "seen": _("Đã làm"),
    "hands": _("Giơ tay"),
    "first_time": _("Trước bài"),
    "second_time": _("Sau bài"),
}


def _said(said: LocalizedText) -> dict[str, str]:
    return {"text": said.text, "lang": said.locale.tag}


def _picture(seen: Seen | None, words: str) -> dict[str, str] | None:
    """Return a picture for paper; words of its own always stand for it when it is read aloud."""
    return {"svg": seen.svg, "alt": seen.alt or words} if seen else None


def _step(taught: PackLesson, told: LocalizedStep) -> dict[str, Any] | None:
    """Return a step as a sheet shows it; None for a question and a clip."""
    step = told.step
    picture, tap, band = told.picture, None, ""
    hints: list[dict[str, str]] = []
    match step:
        case Ask():
            return None
        case Show() | IfWrong():
            tap = step.tap
            band = taught.said(_("Nếu bấm nhầm")) if isinstance(step, IfWrong) else ""
        case Practise():
            picture = Picture(screen=step.practise[0].screen)
            band = taught.said(_("LUYỆN TẬP"))
            hints = [_said(say or hint) for say, hint in told.hints]
        case Watch():
            return None
    is_source = told.sentence.locale.folder == SOURCE_FOLDER
    return {
        "number": told.number,
        "sentence": _said(told.sentence),
        "source": None if is_source else sentence_of(step),
        "band": band,
        "hints": hints,
        "picture": _picture(seen_of(picture, tap, taught, ON_PAPER), told.sentence.text),
    }


def _question(taught: PackLesson) -> dict[str, Any] | None:
    for told in taught.telling.steps:
        if isinstance(told.step, Ask):
            return {
                "ask": _said(told.sentence),
                "answers": [
                    {
                        "letter": LETTERS[n],
                        "say": _said(told.answers[n][0]),
                        "because": _said(told.answers[n][1]),
                        "right": answer.right,
                        "picture": _picture(
                            seen_of(answer.picture, None, taught, ON_PAPER),
                            told.answers[n][0].text,
                        ),
                    }
                    for n, answer in enumerate(told.step.answers)
                ],
            }
    return None


def _calls(taught: PackLesson, lesson: Lesson) -> list[dict[str, str]]:
    views = [contact_view(taught.site.contacts[name]) for name in lesson.help]
    return [
        {"name": view.name, "number": view.spoken or view.site or "", "note": view.note}
        for view in views
    ]


def _words_in(data: Any) -> Iterator[str]:  # noqa: ANN401  # any JSON
    """Yield all words a sheet may show; pictures are drawn already."""
    if isinstance(data, dict):
        for name, part in data.items():
            if name not in {"svg", "qr", "alt"}:
                yield from _words_in(part)
    elif isinstance(data, list):
        for part in data:
            yield from _words_in(part)
    elif isinstance(data, str):
        yield data
