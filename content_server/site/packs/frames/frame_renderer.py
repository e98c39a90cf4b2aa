"""Renders one frame of a lesson as an SVG of 1280 × 720, for videos and picture packs."""

from markupsafe import escape

from content_server.media.screens.text_layout import TextLines, fit_text
from content_server.site.packs.frames.pack_frames import LETTERS, FrameKind, PackFrame
from content_server.site.packs.frames.pack_pictures import PackPicture

WIDTH, HEIGHT = 1280, 720
PICTURE_BOX = (40, 56, 500, 612)  # x, y, width, height: a phone's window, 360 × 440, at 1.39
WORDS_X, WORDS_WIDTH = 580, 660
MAX_TEXT_PX, MIN_TEXT_PX = 72, 44  # px: docs/research/trainers.md#reading-distance
LINE_HEIGHT = 1.3
INK, INDIGO, GREY, PAPER, PALE = "#161a2b", "#1d2b64", "#454b66", "#fffdf7", "#e9edf6"
YELLOW, GREEN, ORANGE = "#ffb703", "#17603c", "#ffd9b3"
BROCADE = "".join(
    f'<path d="M{x} 0l16 16M{x + 16} 0l-16 16" stroke="{"#d62839" if x % 32 else YELLOW}"/>'
    for x in range(0, WIDTH, 16)
)


def render_frame(frame: PackFrame, footer: str) -> str:
    """Return the frame as SVG, with `footer` at the bottom right."""
    content = {
        FrameKind.ASK: _question,
        FrameKind.ANSWER: _question,
        FrameKind.END: _end,
    }.get(frame.kind, _picture_and_text)(frame)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' font-family="Roboto" fill="{INK}"><rect width="{WIDTH}" height="{HEIGHT}"'
        f' fill="{PAPER}"/><rect width="{WIDTH}" height="16" fill="{INDIGO}"/>'
        f'<g stroke-width="5">{BROCADE}</g>{content}'
        f"{_text(footer, WIDTH - 40, 704, 24, GREY, anchor='end')}</svg>"
    )


def find_tap_position(frame: PackFrame) -> tuple[float, float, float] | None:
    """Return x and y of the tap in px of the frame, and the scale of the picture.

    None when nothing is tapped or the frame has several pictures.
    """
    picture = frame.pictures[0] if len(frame.pictures) == 1 else None
    if picture is None or picture.target is None:
        return None
    scale, left, top = _fit(picture, *PICTURE_BOX)
    middle_x = picture.target.x + picture.target.width / 2
    middle_y = picture.target.y + picture.target.height / 2
    return left + middle_x * scale, top + middle_y * scale, scale


def _fit(
    picture: PackPicture, x: float, y: float, width: float, height: float
) -> tuple[float, float, float]:
    """Return scale, left and top of a picture that is fitted whole into the middle of a box."""
    scale = min(width / picture.width_px, height / picture.height_px)
    left = x + (width - picture.width_px * scale) / 2
    return scale, left, y + (height - picture.height_px * scale) / 2


def _picture_and_text(frame: PackFrame) -> str:
    """Draw a picture on the left and the text on the right; text alone takes the whole width."""
    panel = ""
    x, width = 80, WIDTH - 160
    if frame.pictures:
        x, width = WORDS_X, WORDS_WIDTH
        px, py, pw, ph = PICTURE_BOX
        panel = f'<rect x="{px}" y="{py}" width="{pw}" height="{ph}" rx="24" fill="{PALE}"/>'
        panel += frame.pictures[0].nested_svg(*PICTURE_BOX)
    words = _fit_sentence(frame.sentence.text, width, 6)
    top = 60 + (HEIGHT - 60 - words.font_px * LINE_HEIGHT * len(words.lines)) / 2 - 20
    is_title = frame.kind is FrameKind.TITLE
    heading = _text(frame.heading, x, top - 24, 34, GREY) if is_title else _heading(frame, x)
    subtext = fit_text(frame.subtext, 30, width, lines=3, smallest=24)
    below = top + words.font_px * LINE_HEIGHT * len(words.lines) + 30
    text = _lines(words, x, top, INK) + _lines(subtext, x, below, GREY, bold=False)
    return panel + heading + text


def _heading(frame: PackFrame, x: float) -> str:
    """Draw the number of the step; practice and mistakes have a ground colour of their own."""
    ground = {FrameKind.IF_WRONG: ORANGE, FrameKind.PRACTISE: YELLOW}.get(frame.kind, PALE)
    words = fit_text(frame.heading, 34, WORDS_WIDTH - 40, bold=True)
    width = words.width_px + 40
    box = f'<rect x="{x}" y="64" width="{width:g}" height="56" rx="28" fill="{ground}"/>'
    return box + _text(words.lines[0], x + 20, 104, words.font_px, INDIGO, bold=True)


def _question(frame: PackFrame) -> str:
    words = fit_text(frame.sentence.text, 56, WIDTH - 160, lines=2, bold=True, smallest=40)
    question = _lines(words, 80, 44, GREEN if frame.kind is FrameKind.ANSWER else INK)
    count = max(1, len(frame.labels))
    width = (WIDTH - 80 - 24 * (count - 1)) / count
    boxes = [_answer(frame, n, 40 + n * (width + 24), width) for n in range(len(frame.labels))]
    return question + "".join(boxes)


def _answer(frame: PackFrame, index: int, x: float, width: float) -> str:
    right = frame.right_answer == index
    faded = frame.right_answer is not None and not right
    border = f' stroke="{GREEN}" stroke-width="10"' if right else ""
    box = f'<rect x="{x:g}" y="196" width="{width:g}" height="472" rx="24" fill="{PALE}"{border}/>'
    if frame.pictures:
        box += frame.pictures[index].nested_svg(x + 16, 208, width - 32, 320)
    label = fit_text(frame.labels[index], 40, width - 130, lines=2, bold=True, smallest=26)
    top = 600 - label.font_px * LINE_HEIGHT * len(label.lines) / 2
    letter = f'<circle cx="{x + 56:g}" cy="600" r="38" fill="{GREEN if right else INDIGO}"/>'
    letter += _text(LETTERS[index], x + 56, 616, 44, "#fff", bold=True, anchor="middle")
    group = box + letter + _lines(label, x + 110, top, INK)
    return f'<g opacity=".35">{group}</g>' if faded else group


def _end(frame: PackFrame) -> str:
    words = _fit_sentence(frame.sentence.text, 880, 3)
    tick = (
        '<circle cx="170" cy="210" r="100" fill="#e2f3e8"/>'
        f'<path d="M118 212l36 36 70-74" fill="none" stroke="{GREEN}" stroke-width="22"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )
    top = 210 - words.font_px * LINE_HEIGHT * len(words.lines) / 2
    warning = fit_text(frame.heading, 46, WIDTH - 300, lines=2, bold=True, smallest=34)
    box = f'<rect x="60" y="372" width="{WIDTH - 120}" height="172" rx="24" fill="#fff0c2"/>'
    sign = (
        f'<g transform="translate(84 398) scale(5)" fill="none" stroke="{INK}" stroke-width="2.4">'
        '<path d="M12 3l10 18H2zM12 9v6m0 2v2"/></g>'
    )
    below = 458 - warning.font_px * LINE_HEIGHT * len(warning.lines) / 2
    calls = fit_text(frame.subtext, 34, WIDTH - 160, lines=2, smallest=26)
    return "".join(
        [
            tick,
            _lines(words, 310, top, INK),
            box,
            sign,
            _lines(warning, 230, below, INK),
            _lines(calls, 80, 572, INDIGO),
        ]
    )


def _fit_sentence(text: str, width: float, lines: int) -> TextLines:
    return fit_text(text, MAX_TEXT_PX, width, lines=lines, bold=True, smallest=MIN_TEXT_PX)


def _lines(words: TextLines, x: float, top: float, fill: str, *, bold: bool = True) -> str:
    return "".join(
        _text(
            line, x, top + words.font_px * (LINE_HEIGHT * n + 1.02), words.font_px, fill, bold=bold
        )
        for n, line in enumerate(words.lines)
    )


def _text(  # noqa: PLR0913  # where, how large and how it looks
    text: str,
    x: float,
    y: float,
    size: float,
    fill: str,
    *,
    bold: bool = False,
    anchor: str = "start",
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:.1f}" font-size="{size:g}" fill="{fill}"{weight}'
        f' text-anchor="{anchor}">{escape(text)}</text>'
    )
