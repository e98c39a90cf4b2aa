"""PowerPoint: a slide a shot, with real words, notes and the voice inside, to edit and reuse."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.util import Emu, Pt

from content_server.media.screens import draw_pixels
from content_server.phrases import _
from content_server.site.packs import pack_audio
from content_server.site.packs.frames.pack_frames import LETTERS, Look, Shot, shots_of
from content_server.site.packs.frames.pack_pictures import Seen
from content_server.site.packs.lesson_audio import RUNG
from content_server.site.packs.pack_lesson import Pack, PackJob, PackLesson
from content_server.site.packs.zips import write_zip

PX = 9525  # EMU in a px of 1/96 inch
WIDTH, HEIGHT = 1280, 720  # 13.33 × 7.5 inches: PowerPoint's own 16:9
PICTURE_PX = 720  # of the picture's width: sharp on a 1080 p television
FONT = "Arial"  # on every commune's computer, with all Vietnamese letters
INK, INDIGO, QUIET, LEAF, MIST, PAPER = (
    RGBColor.from_string(colour)  # type: ignore[no-untyped-call]  # published without types
    for colour in ("161A2B", "1D2B64", "454B66", "17603C", "E9EDF6", "FFFDF7")
)
TITLE_ONLY = 5  # a layout of the deck python-pptx begins with: every slide has a name to find it by
Box = tuple[float, float, float, float]  # x, y, width, height in px


def make_slides(taught: PackLesson, folder: Path, work: PackJob) -> Pack:
    """Write the PPTX. PowerPoint and LibreOffice bring the fonts, so no letter is refused here."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Emu(WIDTH * PX), Emu(HEIGHT * PX)
    _describe(deck, taught)
    shots = shots_of(taught)
    for n, shot in enumerate(shots, start=1):
        slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
        _draw(slide, shot)
        slide.notes_slide.notes_text_frame.text = _notes(taught, shot)
        file = taught.recording(shot.voice, RUNG.content_type)
        if file:
            sound = folder / f"{n}.mp3"
            taught.store.fetch_to(file.digest, sound)
            pack_audio.add_voice(slide, sound, taught.said(_("Nghe")), _box((1184, 600, 64, 64)))
        work.on_progress(n / len(shots))
    path = folder / f"{taught.name}.pptx"
    made = BytesIO()
    deck.save(made)
    _same_every_time(made, path)
    silent = not any(taught.recording(shot.voice, RUNG.content_type) for shot in shots)
    return Pack(
        path, notes=(_("Bài chưa có lời đọc, nên trang không có tiếng."),) if silent else ()
    )


def _describe(deck: Any, taught: PackLesson) -> None:  # noqa: ANN401  # python-pptx has no types
    about = deck.core_properties
    dated = taught.dated.replace(tzinfo=None, microsecond=0)
    about.created = about.modified = dated
    about.title, about.author = taught.telling.title.text, taught.said(_("Bài học một phút"))
    about.last_modified_by, about.language = "", taught.telling.main_locale.tag
    about.comments, about.revision = taught.given_address, 1


def _draw(slide: Any, shot: Shot) -> None:  # noqa: ANN401  # python-pptx has no types
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = PAPER
    band = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_box((0, 0, WIDTH, 16)))
    _filled(band, INDIGO)
    if shot.look in {Look.ASK, Look.ANSWER}:
        _draw_question(slide, shot)
    else:
        _draw_step(slide, shot)


def _draw_step(slide: Any, shot: Shot) -> None:  # noqa: ANN401  # python-pptx has no types
    x, width = 80, 1080
    if shot.pictures:
        x, width = 580, 600
        _picture(slide, shot.pictures[0], (40, 56, 500, 612), shot.words.text)
    if shot.look is Look.END:
        _write(slide, shot.words.text, (x, 80, width, 220), 48, shot)
        _write(slide, f"⚠ {shot.band}", (x, 320, width, 160), 40, shot, INDIGO)
        _write(slide, shot.small, (x, 500, width, 90), 26, shot, QUIET, bold=False)
        return
    _write(slide, shot.band, (x, 56, width, 56), 26, shot, INDIGO)
    _write(slide, shot.words.text, (x, 120, width, 420), _size(shot), shot)
    if shot.small:
        _write(slide, shot.small, (x, 560, width, 108), 20, shot, QUIET, bold=False)


def _draw_question(slide: Any, shot: Shot) -> None:  # noqa: ANN401  # python-pptx has no types
    told = shot.look is Look.ANSWER
    _write(slide, shot.words.text, (60, 30, 1160, 150), 38, shot, LEAF if told else INK)
    count = max(1, len(shot.labels))
    width = (WIDTH - 80 - 24 * (count - 1)) / count
    for n, label in enumerate(shot.labels):
        x = 40 + n * (width + 24)
        ground = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *_box((x, 190, width, 480)))
        ground.adjustments[0] = 0.05
        _filled(ground, MIST)
        if shot.right == n:
            ground.line.color.rgb, ground.line.width = LEAF, Pt(7)
        if shot.pictures:
            _picture(slide, shot.pictures[n], (x + 16, 204, width - 32, 320), label)
        _write(slide, f"{LETTERS[n]}  {label}", (x + 16, 536, width - 32, 120), 28, shot)


def _size(shot: Shot) -> int:
    """Return the size in pt: a tenth of the height, less where the sentence is long."""
    length = len(shot.words.text)
    return 54 if length <= 36 else 46 if length <= 60 else 40  # noqa: PLR2004  # as measured


def _picture(slide: Any, seen: Seen, box: Box, words: str) -> None:  # noqa: ANN401  # as above
    """Put a picture whole into the middle of a box, with words for who does not see it."""
    x, y, width, height = box
    scale = min(width / seen.width_px, height / seen.height_px)
    wide, high = seen.width_px * scale, seen.height_px * scale
    png = BytesIO(draw_pixels(seen.svg, width_px=PICTURE_PX))
    place = _box((x + (width - wide) / 2, y + (height - high) / 2, wide, high))
    shape = slide.shapes.add_picture(png, *place)
    shape.element.nvPicPr.cNvPr.set("descr", f"{words} {seen.alt}".strip())


def _write(  # noqa: PLR0913, PLR0917  # where, how large and how it looks
    slide: Any,  # noqa: ANN401  # python-pptx has no types
    text: str,
    box: Box,
    size_pt: int,
    shot: Shot,
    colour: RGBColor = INK,
    *,
    bold: bool = True,
) -> None:
    if not text:
        return
    if text == shot.words.text:  # the sentence is the slide's title: outlines and readers find it
        shape = slide.shapes.title
        shape.left, shape.top, shape.width, shape.height = _box(box)
    else:
        shape = slide.shapes.add_textbox(*_box(box))
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    frame.auto_size = MSO_AUTO_SIZE.TEXT_TO_FIT_SHAPE
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    run = frame.paragraphs[0].add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.name = Pt(size_pt), bold, FONT
    run.font.color.rgb = colour
    run._r.get_or_add_rPr().set("lang", shot.words.locale.tag)  # noqa: SLF001  # no public way


def _filled(shape: Any, colour: RGBColor) -> None:  # noqa: ANN401  # python-pptx has no types
    shape.fill.solid()
    shape.fill.fore_color.rgb = colour
    shape.line.fill.background()
    shape.shadow.inherit = False


def _box(box: Box) -> tuple[Emu, Emu, Emu, Emu]:
    x, y, width, height = (Emu(round(part * PX)) for part in box)
    return x, y, width, height


def _notes(taught: PackLesson, shot: Shot) -> str:
    """Return what the trainer reads under a slide: what to say and do, never more than is there."""
    lines = [shot.words.text]
    match shot.look:
        case Look.TITLE:
            lines = [taught.telling.why.text, taught.telling.safety.text]
        case Look.PRACTISE:
            lines.append(taught.said(_("Mời một người lên bấm. Đừng bấm thay.")))
        case Look.ASK:
            lines += [f"{LETTERS[n]}. {label}" for n, label in enumerate(shot.labels)]
            lines.append(taught.said(_("Mời mọi người giơ tay rồi mới sang trang sau.")))
        case Look.END:
            lines.append(taught.telling.warning.text)
            if taught.telling.teach_back:
                lines.append(taught.telling.teach_back.text)
        case _:
            pass
    return "\n".join([*lines, taught.given_address]).rstrip()


def _same_every_time(made: BytesIO, path: Path) -> None:
    """Write the parts again with one date for all, in the order they came."""
    with zipfile.ZipFile(made) as parts:
        write_zip(path, [(name, parts.read(name)) for name in parts.namelist()])
