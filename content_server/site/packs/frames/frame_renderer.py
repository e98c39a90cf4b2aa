"""The canvas: one shot drawn as a slide of 1280 × 720, for films and for televisions."""

from markupsafe import escape

from content_server.media.screens.text_layout import Lines, fitted
from content_server.site.packs.frames.pack_frames import LETTERS, Look, Shot
from content_server.site.packs.frames.pack_pictures import Seen

WIDTH, HEIGHT = 1280, 720
PICTURE = (40, 56, 500, 612)  # x, y, width, height: a phone's window, 360 × 440, at 1.39
WORDS_X, WORDS_WIDTH = 580, 660
LARGEST, SMALLEST = 72, 44  # a tenth of the height: read at 10 m (research: trainers §2.2)
LINE = 1.3
INK, INDIGO, QUIET, PAPER, MIST = "#161a2b", "#1d2b64", "#454b66", "#fffdf7", "#e9edf6"
SUN, LEAF, WARN = "#ffb703", "#17603c", "#ffd9b3"
BROCADE = "".join(
    f'<path d="M{x} 0l16 16M{x + 16} 0l-16 16" stroke="{"#d62839" if x % 32 else SUN}"/>'
    for x in range(0, WIDTH, 16)
)


def drawn(shot: Shot, footer: str) -> str:
    """Return the slide as SVG; words stand where there is no picture, too."""
    inside = {
        Look.ASK: _question,
        Look.ANSWER: _question,
        Look.END: _end,
    }.get(shot.look, _beside)(shot)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' font-family="Roboto" fill="{INK}"><rect width="{WIDTH}" height="{HEIGHT}"'
        f' fill="{PAPER}"/><rect width="{WIDTH}" height="16" fill="{INDIGO}"/>'
        f'<g stroke-width="5">{BROCADE}</g>{inside}'
        f"{_text(footer, WIDTH - 40, 704, 24, QUIET, anchor='end')}</svg>"
    )


def place_of(shot: Shot) -> tuple[float, float, float] | None:
    """Return where the finger taps on the slide, and how much the picture is enlarged."""
    seen = shot.pictures[0] if len(shot.pictures) == 1 else None
    if seen is None or seen.target is None:
        return None
    scale, left, top = _fit(seen, *PICTURE)
    middle_x = seen.target.x + seen.target.width / 2
    middle_y = seen.target.y + seen.target.height / 2
    return left + middle_x * scale, top + middle_y * scale, scale


def _fit(seen: Seen, x: float, y: float, width: float, height: float) -> tuple[float, float, float]:
    """Return scale, left and top of a picture that stands whole in the middle of a box."""
    scale = min(width / seen.width_px, height / seen.height_px)
    left = x + (width - seen.width_px * scale) / 2
    return scale, left, y + (height - seen.height_px * scale) / 2


def _beside(shot: Shot) -> str:
    """Draw a picture at the left, the words at the right; words alone take the whole width."""
    panel = ""
    x, width = 80, WIDTH - 160
    if shot.pictures:
        x, width = WORDS_X, WORDS_WIDTH
        px, py, pw, ph = PICTURE
        panel = f'<rect x="{px}" y="{py}" width="{pw}" height="{ph}" rx="24" fill="{MIST}"/>'
        panel += shot.pictures[0].placed(*PICTURE)
    words = _words(shot.words.text, width, 6)
    top = 60 + (HEIGHT - 60 - words.size * LINE * len(words.lines)) / 2 - 20
    is_title = shot.look is Look.TITLE
    band = _text(shot.band, x, top - 24, 34, QUIET) if is_title else _band(shot, x)
    small = fitted(shot.small, 30, width, lines=3, smallest=24)
    below = top + words.size * LINE * len(words.lines) + 30
    return panel + band + _lines(words, x, top, INK) + _lines(small, x, below, QUIET, bold=False)


def _band(shot: Shot, x: float) -> str:
    """Draw the step's number, in a colour of its own where it is no common step."""
    ground = {Look.IF_WRONG: WARN, Look.PRACTISE: SUN}.get(shot.look, MIST)
    words = fitted(shot.band, 34, WORDS_WIDTH - 40, bold=True)
    width = words.width_px + 40
    box = f'<rect x="{x}" y="64" width="{width:g}" height="56" rx="28" fill="{ground}"/>'
    return box + _text(words.lines[0], x + 20, 104, words.size, INDIGO, bold=True)


def _question(shot: Shot) -> str:
    words = fitted(shot.words.text, 56, WIDTH - 160, lines=2, bold=True, smallest=40)
    asked = _lines(words, 80, 44, LEAF if shot.look is Look.ANSWER else INK)
    count = max(1, len(shot.labels))
    width = (WIDTH - 80 - 24 * (count - 1)) / count
    boxes = [_answer(shot, n, 40 + n * (width + 24), width) for n in range(len(shot.labels))]
    return asked + "".join(boxes)


def _answer(shot: Shot, index: int, x: float, width: float) -> str:
    right = shot.right == index
    faded = shot.right is not None and not right
    edge = f' stroke="{LEAF}" stroke-width="10"' if right else ""
    box = f'<rect x="{x:g}" y="196" width="{width:g}" height="472" rx="24" fill="{MIST}"{edge}/>'
    if shot.pictures:
        box += shot.pictures[index].placed(x + 16, 208, width - 32, 320)
    label = fitted(shot.labels[index], 40, width - 130, lines=2, bold=True, smallest=26)
    top = 600 - label.size * LINE * len(label.lines) / 2
    letter = f'<circle cx="{x + 56:g}" cy="600" r="38" fill="{LEAF if right else INDIGO}"/>'
    letter += _text(LETTERS[index], x + 56, 616, 44, "#fff", bold=True, anchor="middle")
    group = box + letter + _lines(label, x + 110, top, INK)
    return f'<g opacity=".35">{group}</g>' if faded else group


def _end(shot: Shot) -> str:
    words = _words(shot.words.text, 880, 3)
    tick = (
        '<circle cx="170" cy="210" r="100" fill="#e2f3e8"/>'
        f'<path d="M118 212l36 36 70-74" fill="none" stroke="{LEAF}" stroke-width="22"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )
    top = 210 - words.size * LINE * len(words.lines) / 2
    warning = fitted(shot.band, 46, WIDTH - 300, lines=2, bold=True, smallest=34)
    box = f'<rect x="60" y="372" width="{WIDTH - 120}" height="172" rx="24" fill="#fff0c2"/>'
    sign = (
        f'<g transform="translate(84 398) scale(5)" fill="none" stroke="{INK}" stroke-width="2.4">'
        '<path d="M12 3l10 18H2zM12 9v6m0 2v2"/></g>'
    )
    below = 458 - warning.size * LINE * len(warning.lines) / 2
    calls = fitted(shot.small, 34, WIDTH - 160, lines=2, smallest=26)
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


def _words(text: str, width: float, lines: int) -> Lines:
    return fitted(text, LARGEST, width, lines=lines, bold=True, smallest=SMALLEST)


def _lines(words: Lines, x: float, top: float, fill: str, *, bold: bool = True) -> str:
    return "".join(
        _text(line, x, top + words.size * (LINE * n + 1.02), words.size, fill, bold=bold)
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
