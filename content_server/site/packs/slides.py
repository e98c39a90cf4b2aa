"""The PowerPoint pack: one slide for each frame, with editable text, notes and recording."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.util import Emu, Pt

from content_server.media.screens import render_png
from content_server.phrases import _
from content_server.site.packs import pack_audio
from content_server.site.packs.frames.pack_frames import LETTERS, FrameKind, PackFrame, build_frames
from content_server.site.packs.frames.pack_pictures import PackPicture
from content_server.site.packs.lesson_audio import MP3_RUNG
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.pack_makers import PackFile, PackJob
from content_server.site.packs.zips import write_reproducible_zip

PX = 9525  # EMU in a px of 1/96 inch
WIDTH, HEIGHT = 1280, 720  # 13.33 × 7.5 inches: PowerPoint's own 16:9
PICTURE_PX = 720  # of the picture's width: sharp on a 1080 p television
FONT = "Arial"  # installed on office computers, with all Vietnamese letters
INK, INDIGO, GREY, GREEN, PALE, PAPER = (
    RGBColor.from_string(colour)  # type: ignore[no-untyped-call]  # published without types
    for colour in ("161A2B", "1D2B64", "454B66", "17603C", "E9EDF6", "FFFDF7")
)
TITLE_ONLY = (
    5  # layout of python-pptx's default deck with a title placeholder, so every slide has a title
)
PixelBox = tuple[float, float, float, float]  # x, y, width, height in px


def make_slides(pack_lesson: PackLesson, folder: Path, job: PackJob) -> PackFile:
    """Write the PPTX. PowerPoint and LibreOffice bring the fonts, so glyphs are not checked."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Emu(WIDTH * PX), Emu(HEIGHT * PX)
    _set_properties(deck, pack_lesson)
    frames = build_frames(pack_lesson)
    for n, frame in enumerate(frames, start=1):
        slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
        _draw_frame(slide, frame)
        slide.notes_slide.notes_text_frame.text = _speaker_notes(pack_lesson, frame)
        file = pack_lesson.voice_rendition(frame.voice, MP3_RUNG.content_type)
        if file:
            mp3 = folder / f"{n}.mp3"
            pack_lesson.store.fetch_to(file.digest, mp3)
            pack_audio.embed_voice(
                slide, mp3, pack_lesson.translate(_("Nghe")), _emu_box((1184, 600, 64, 64))
            )
        job.on_progress(n / len(frames))
    path = folder / f"{pack_lesson.name}.pptx"
    pptx = BytesIO()
    deck.save(pptx)
    _write_reproducible(pptx, path)
    silent = not any(
        pack_lesson.voice_rendition(frame.voice, MP3_RUNG.content_type) for frame in frames
    )
    return PackFile(
        path, notes=(_("Bài chưa có lời đọc, nên trang không có tiếng."),) if silent else ()
    )


def _set_properties(deck: Any, pack_lesson: PackLesson) -> None:  # noqa: ANN401  # python-pptx has no types
    properties = deck.core_properties
    updated_at = pack_lesson.content_updated_at.replace(tzinfo=None, microsecond=0)
    properties.created = properties.modified = updated_at
    properties.title, properties.author = (
        pack_lesson.lesson.title.text,
        pack_lesson.translate(_("Bài học một phút")),
    )
    properties.last_modified_by, properties.language = "", pack_lesson.lesson.main_locale.tag
    properties.comments, properties.revision = pack_lesson.public_address, 1


def _draw_frame(slide: Any, frame: PackFrame) -> None:  # noqa: ANN401  # python-pptx has no types
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = PAPER
    band = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_emu_box((0, 0, WIDTH, 16)))
    _fill(band, INDIGO)
    if frame.kind in {FrameKind.ASK, FrameKind.ANSWER}:
        _draw_question(slide, frame)
    else:
        _draw_step(slide, frame)


def _draw_step(slide: Any, frame: PackFrame) -> None:  # noqa: ANN401  # python-pptx has no types
    x, width = 80, 1080
    if frame.pictures:
        x, width = 580, 600
        _picture(slide, frame.pictures[0], (40, 56, 500, 612), frame.sentence.text)
    if frame.kind is FrameKind.END:
        _write(slide, frame.sentence.text, (x, 80, width, 220), 48, frame)
        _write(slide, f"⚠ {frame.heading}", (x, 320, width, 160), 40, frame, INDIGO)
        _write(slide, frame.subtext, (x, 500, width, 90), 26, frame, GREY, bold=False)
        return
    _write(slide, frame.heading, (x, 56, width, 56), 26, frame, INDIGO)
    _write(slide, frame.sentence.text, (x, 120, width, 420), _size(frame), frame)
    if frame.subtext:
        _write(slide, frame.subtext, (x, 560, width, 108), 20, frame, GREY, bold=False)


def _draw_question(slide: Any, frame: PackFrame) -> None:  # noqa: ANN401  # python-pptx has no types
    is_answer = frame.kind is FrameKind.ANSWER
    _write(slide, frame.sentence.text, (60, 30, 1160, 150), 38, frame, GREEN if is_answer else INK)
    count = max(1, len(frame.labels))
    width = (WIDTH - 80 - 24 * (count - 1)) / count
    for n, label in enumerate(frame.labels):
        x = 40 + n * (width + 24)
        ground = slide.shapes.add_shape(
            MSO_SHAPE.ROUNDED_RECTANGLE, *_emu_box((x, 190, width, 480))
        )
        ground.adjustments[0] = 0.05
        _fill(ground, PALE)
        if frame.right_answer == n:
            ground.line.color.rgb, ground.line.width = GREEN, Pt(7)
        if frame.pictures:
            _picture(slide, frame.pictures[n], (x + 16, 204, width - 32, 320), label)
        _write(slide, f"{LETTERS[n]}  {label}", (x + 16, 536, width - 32, 120), 28, frame)


def _size(frame: PackFrame) -> int:
    """Return the font size in pt: a tenth of the slide height, less for a long sentence."""
    length = len(frame.sentence.text)
    return 54 if length <= 36 else 46 if length <= 60 else 40  # noqa: PLR2004  # as measured


def _picture(slide: Any, picture: PackPicture, box: PixelBox, text: str) -> None:  # noqa: ANN401  # as above
    """Add a picture, fitted whole into the middle of a box, with an alternative text."""
    x, y, width, height = box
    scale = min(width / picture.width_px, height / picture.height_px)
    wide, high = picture.width_px * scale, picture.height_px * scale
    png = BytesIO(render_png(picture.svg, width_px=PICTURE_PX))
    place = _emu_box((x + (width - wide) / 2, y + (height - high) / 2, wide, high))
    shape = slide.shapes.add_picture(png, *place)
    shape.element.nvPicPr.cNvPr.set("descr", f"{text} {picture.alt}".strip())


def _write(  # noqa: PLR0913, PLR0917  # where, how large and how it looks
    slide: Any,  # noqa: ANN401  # python-pptx has no types
    text: str,
    box: PixelBox,
    size_pt: int,
    frame: PackFrame,
    colour: RGBColor = INK,
    *,
    bold: bool = True,
) -> None:
    if not text:
        return
    if text == frame.sentence.text:  # the title of the slide, for outlines and screen readers
        shape = slide.shapes.title
        shape.left, shape.top, shape.width, shape.height = _emu_box(box)
    else:
        shape = slide.shapes.add_textbox(*_emu_box(box))
    text_frame = shape.text_frame
    text_frame.word_wrap, text_frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    text_frame.auto_size = MSO_AUTO_SIZE.TEXT_TO_FIT_SHAPE
    text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    run = text_frame.paragraphs[0].add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.name = Pt(size_pt), bold, FONT
    run.font.color.rgb = colour
    run._r.get_or_add_rPr().set("lang", frame.sentence.locale.tag)  # noqa: SLF001  # no public way


def _fill(shape: Any, colour: RGBColor) -> None:  # noqa: ANN401  # python-pptx has no types
    shape.fill.solid()
    shape.fill.fore_color.rgb = colour
    shape.line.fill.background()
    shape.shadow.inherit = False


def _emu_box(box: PixelBox) -> tuple[Emu, Emu, Emu, Emu]:
    x, y, width, height = (Emu(round(part * PX)) for part in box)
    return x, y, width, height


def _speaker_notes(pack_lesson: PackLesson, frame: PackFrame) -> str:
    """Return the speaker notes of a slide: what the trainer says and does."""
    lines = [frame.sentence.text]
    match frame.kind:
        case FrameKind.TITLE:
            lines = [pack_lesson.lesson.why.text, pack_lesson.lesson.safety.text]
        case FrameKind.PRACTISE:
            lines.append(pack_lesson.translate(_("Mời một người lên bấm. Đừng bấm thay.")))
        case FrameKind.ASK:
            lines += [f"{LETTERS[n]}. {label}" for n, label in enumerate(frame.labels)]
            lines.append(pack_lesson.translate(_("Mời mọi người giơ tay rồi mới sang trang sau.")))
        case FrameKind.END:
            lines.append(pack_lesson.lesson.warning.text)
            if pack_lesson.lesson.teach_back:
                lines.append(pack_lesson.lesson.teach_back.text)
        case _:
            pass
    return "\n".join([*lines, pack_lesson.public_address]).rstrip()


def _write_reproducible(pptx: BytesIO, path: Path) -> None:
    """Write the parts of a PPTX again with a fixed date, in their order."""
    with zipfile.ZipFile(pptx) as parts:
        write_reproducible_zip(path, [(name, parts.read(name)) for name in parts.namelist()])
