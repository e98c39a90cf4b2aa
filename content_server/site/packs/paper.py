"""The PDF packs: step cards, handout, poster, trainer notes, answer cards. Tagged PDF in black."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from content_server.errors import PackUnavailable
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
from content_server.site.packs.frames.font_coverage import check_text
from content_server.site.packs.frames.pack_frames import LETTERS, draw_cover, make_unreviewed_note
from content_server.site.packs.frames.pack_pictures import (
    PRINT_MARKER,
    PackPicture,
    draw_pack_picture,
)
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.pack_makers import PackFile, PackJob
from content_server.site.pages.pages import build_contact_view

TEMPLATES = Path(__file__).parent / "typst"
PDF_STANDARD: Literal["ua-1"] = (
    "ua-1"  # PDF/UA: readable by screen readers, every picture has an alternative text
)


def make_step_cards(pack_lesson: PackLesson, folder: Path, _job: PackJob) -> PackFile:
    """Write the step cards, two A5 on an A4. Raises PackUnavailable, as all makers here."""
    return _compile_pdf("cards", pack_lesson, folder)


def make_handout(pack_lesson: PackLesson, folder: Path, _job: PackJob) -> PackFile:
    """Write the handout, an A4."""
    return _compile_pdf("handout", pack_lesson, folder)


def make_poster(pack_lesson: PackLesson, folder: Path, _job: PackJob) -> PackFile:
    """Write the poster, an A3."""
    return _compile_pdf("poster", pack_lesson, folder)


def make_trainer_notes(pack_lesson: PackLesson, folder: Path, _job: PackJob) -> PackFile:
    """Write the trainer notes, an A4."""
    return _compile_pdf("notes", pack_lesson, folder)


def make_answer_cards(pack_lesson: PackLesson, folder: Path, _job: PackJob) -> PackFile:
    """Write the question to hang up and the cards A, B, C, D to hold up."""
    pack = _compile_pdf("answers", pack_lesson, folder)
    has_question = any(isinstance(each.step, Ask) for each in pack_lesson.lesson.steps)
    notes = () if has_question else (_("Bài này không có câu hỏi: chỉ có bốn thẻ."),)
    # These sheets carry no address, so the note about a missing QR code is left out.
    return PackFile(pack.path, notes=notes)


def _compile_pdf(template: str, pack_lesson: PackLesson, folder: Path) -> PackFile:
    """Compile a Typst template. The lesson is passed as data and is never read as Typst code.

    Raises PackUnavailable for missing glyphs and for what Typst cannot compile.
    """
    data = collect_paper_data(pack_lesson)
    check_text(_iter_texts(data))
    try:
        pdf = typst.compile(
            str(TEMPLATES / f"{template}.typ"),
            root=str(TEMPLATES),
            font_paths=[str(FONT_FILE.parent)],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=[PDF_STANDARD],
        )
    except typst.TypstError as error:
        raise PackUnavailable(
            _("Chưa xếp được bài lên giấy. Máy báo: {words}", words=str(error)[:200])
        ) from error
    path = folder / f"{pack_lesson.name}.{template}.pdf"
    path.write_bytes(pdf)
    notes = () if pack_lesson.public_address else (_("Tờ này không có mã QR và địa chỉ."),)
    return PackFile(path, notes=notes)


def collect_paper_data(pack_lesson: PackLesson) -> dict[str, Any]:
    """Return all a template may show as JSON: texts with their language, pictures as SVG."""
    lesson = pack_lesson.lesson
    source = lesson.source
    address = pack_lesson.public_address
    cover = draw_cover(pack_lesson, PRINT_MARKER)
    return {
        "lang": lesson.main_locale.tag,
        "title": _text_json(lesson.title),
        "why": _text_json(lesson.why),
        "safety": _text_json(lesson.safety),
        "success": _text_json(lesson.success),
        "warning": _text_json(lesson.warning),
        "teach_back": _text_json(lesson.teach_back) if lesson.teach_back else None,
        "draft": make_unreviewed_note(pack_lesson),
        "cover": _picture_json(cover, lesson.title.text),
        "steps": [
            step for each in pack_lesson.packable_steps() if (step := _step_json(pack_lesson, each))
        ],
        "total": pack_lesson.step_count,
        "question": _question_json(pack_lesson),
        "letters": LETTERS,
        "calls": _contacts_json(pack_lesson, source),
        "languages": [
            {"text": locale.endonym, "lang": locale.tag}
            for locale in pack_lesson.site.locales
            if locale.folder in pack_lesson.language_folders
        ],
        "address": address,
        "host": address.partition("://")[2],
        "qr": segno.make_qr(address, error="m").svg_inline(scale=4, border=4) if address else "",
        "checked": pack_lesson.translate(
            _("Kiểm tra ngày {day}.", day=f"{source.checked_on:%d/%m/%Y}")
        ),
        "labels": {name: pack_lesson.translate(phrase) for name, phrase in LABELS.items()},
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


def _text_json(text: LocalizedText) -> dict[str, str]:
    return {"text": text.text, "lang": text.locale.tag}


def _picture_json(picture: PackPicture | None, text: str) -> dict[str, str] | None:
    """Return a picture with its alternative text: its own, else `text`."""
    return {"svg": picture.svg, "alt": picture.alt or text} if picture else None


def _step_json(pack_lesson: PackLesson, localized_step: LocalizedStep) -> dict[str, Any] | None:
    """Return a step for a template; None for a question and for a clip."""
    step = localized_step.step
    picture, tap, band = localized_step.picture, None, ""
    hints: list[dict[str, str]] = []
    match step:
        case Ask():
            return None
        case Show() | IfWrong():
            tap = step.tap
            band = pack_lesson.translate(_("Nếu bấm nhầm")) if isinstance(step, IfWrong) else ""
        case Practise():
            picture = Picture(screen=step.practise[0].screen)
            band = pack_lesson.translate(_("LUYỆN TẬP"))
            hints = [_text_json(say or hint) for say, hint in localized_step.hints]
        case Watch():
            return None
    is_source = localized_step.sentence.locale.folder == SOURCE_FOLDER
    return {
        "number": localized_step.number,
        "sentence": _text_json(localized_step.sentence),
        "source": None if is_source else sentence_of(step),
        "band": band,
        "hints": hints,
        "picture": _picture_json(
            draw_pack_picture(picture, tap, pack_lesson, PRINT_MARKER), localized_step.sentence.text
        ),
    }


def _question_json(pack_lesson: PackLesson) -> dict[str, Any] | None:
    for localized_step in pack_lesson.lesson.steps:
        if isinstance(localized_step.step, Ask):
            return {
                "ask": _text_json(localized_step.sentence),
                "answers": [
                    {
                        "letter": LETTERS[n],
                        "say": _text_json(localized_step.answers[n][0]),
                        "because": _text_json(localized_step.answers[n][1]),
                        "right": answer.right,
                        "picture": _picture_json(
                            draw_pack_picture(answer.picture, None, pack_lesson, PRINT_MARKER),
                            localized_step.answers[n][0].text,
                        ),
                    }
                    for n, answer in enumerate(localized_step.step.answers)
                ],
            }
    return None


def _contacts_json(pack_lesson: PackLesson, source: Lesson) -> list[dict[str, str]]:
    views = [build_contact_view(pack_lesson.site.contacts[name]) for name in source.help]
    return [
        {"name": view.name, "number": view.formatted_tel or view.website or "", "note": view.note}
        for view in views
    ]


def _iter_texts(data: Any) -> Iterator[str]:  # noqa: ANN401  # any JSON
    """Yield all texts a template may show, without SVG and alternative texts."""
    if isinstance(data, dict):
        for name, part in data.items():
            if name not in {"svg", "qr", "alt"}:
                yield from _iter_texts(part)
    elif isinstance(data, list):
        for part in data:
            yield from _iter_texts(part)
    elif isinstance(data, str):
        yield data
