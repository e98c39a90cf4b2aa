"""Measures words with the metrics of Roboto, so that lines wrap before they leave their place."""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape

import fontpkg_roboto
from PIL import ImageFont

FONT_FILE = fontpkg_roboto.ROOT / "files" / "Roboto[wdth,wght].ttf"
SLACK = 1.07  # Noto Sans and most phones' own fonts are a few percent wider than Roboto
WIDE = 1.22  # the widest font met (DejaVu Sans bold): such a line is told its length
WIDE_DOT_EM = 0.65  # its "•", twice as wide as Roboto's
LINE_HEIGHT = 1.35  # Ế over Ệ: marks reach 1.0 em up and 0.25 em down, measured in Roboto
ASCENT = 1.04  # from the upper edge of a line to its baseline, in em
CAP_MIDDLE = 0.36  # half of a capital's height: puts words in the middle of a box
_BALANCED_LINES = 3  # longer paragraphs read better with full lines
_MEASURED_AT_PX = 100
_WIDE_EM = 1.3  # emoji and scripts Roboto lacks: another font draws them, never wider than this
REGULAR, BOLD = 400, 700


@dataclass(frozen=True)
class Lines:
    """Words broken into lines that fit, and the font size (px) they fit at."""

    lines: tuple[str, ...]
    size: float
    bold: bool = False
    room_px: float = 10_000  # the width they were broken for

    @property
    def step_px(self) -> float:
        return round(self.size * LINE_HEIGHT, 1)

    @property
    def height_px(self) -> float:
        return round(self.step_px * len(self.lines), 1)

    @property
    def width_px(self) -> float:
        return max((width_px(line, self.size, bold=self.bold) for line in self.lines), default=0)


@cache
def _font(weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(FONT_FILE, _MEASURED_AT_PX)
    font.set_variation_by_axes([weight, 100])
    return font


@lru_cache(maxsize=20_000)
def _width_em(text: str, weight: int) -> float:
    strange = sum(_is_strange(character) for character in text)
    known = "".join(character for character in text if not _is_strange(character))
    return float(_font(weight).getlength(known)) / _MEASURED_AT_PX + strange * _WIDE_EM


def _is_strange(character: str) -> bool:
    """Whether Roboto may lack the character: neither Latin, Greek, Cyrillic nor punctuation."""
    if character.isascii() or unicodedata.category(character) == "Mn":
        return False
    return not ("\u00a0" <= character < "\u0530" or "\u1e00" <= character < "\u20d0") and (
        character not in "●…→"
    )


def width_px(text: str, size: float, *, bold: bool = False) -> float:
    """Return the room `text` needs at font size `size`, slack included."""
    return _width_em(text, BOLD if bold else REGULAR) * size * SLACK


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> tuple[str, ...]:
    """Break `text` into the fewest lines of at most `width` px, about equally long.

    A word too long for a line is cut.
    """
    lines = _broken(text, size, width, bold=bold)
    if not 1 < len(lines) <= _BALANCED_LINES:
        return lines
    for percent in range(50, 100, 5):
        balanced = _broken(text, size, width * percent / 100, bold=bold)
        if len(balanced) == len(lines) and not is_cut(text, balanced):
            return balanced
    return lines


@lru_cache(maxsize=20_000)
def _broken(text: str, size: float, width: float, *, bold: bool) -> tuple[str, ...]:
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width_px(longer, size, bold=bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, size, width, bold=bold)
        lines += whole
    return (*lines, line) if line else tuple(lines)


def is_cut(text: str, lines: tuple[str, ...]) -> bool:
    """Whether a word had to be cut to fit the lines."""
    return len(" ".join(lines)) != len(" ".join(text.split()))


def block_of(text: str, size: float, width: float, *, bold: bool = False) -> Lines:
    """Return `text` in as many lines of `width` px as it needs."""
    return Lines(wrapped(text, size, width, bold=bold), size, bold, width)


def _pieces(word: str, size: float, width: float, *, bold: bool) -> list[str]:
    """Cut one word into pieces that fit, between letters, never before a combining mark."""
    pieces = [""]
    for character in word:
        longer = pieces[-1] + character
        if pieces[-1] and width_px(longer, size, bold=bold) > width and not _joins(character):
            pieces.append(character)
        else:
            pieces[-1] = longer
    return pieces


def _joins(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me", "Mc"}


def fitted(  # noqa: PLR0913  # each one says how words may give way
    text: str,
    size: float,
    width: float,
    *,
    lines: int = 1,
    bold: bool = False,
    smallest: float = 12,
) -> Lines:
    """Return `text` in at most `lines` lines of `width` px: smaller first, then cut with an “…”."""
    trial = size
    while trial > smallest:
        found = wrapped(text, trial, width, bold=bold)
        if len(found) <= lines and not is_cut(text, found):
            return Lines(found, trial, bold, width)
        trial -= 1
    found = wrapped(text, smallest, width, bold=bold)
    if len(found) > lines:
        found = (*found[: lines - 1], _cut(found[lines - 1], smallest, width, bold=bold))
    return Lines(found, smallest, bold, width)


def _cut(line: str, size: float, width: float, *, bold: bool) -> str:
    while line and width_px(line + "…", size, bold=bold) > width:
        line = line[:-1]
    return line.rstrip() + "…"


def number(value: float) -> str:
    """Write a coordinate: at most one decimal, no zero to spare."""
    return f"{round(value, 1):g}"


def text_svg(text: str, x: float, y: float, extra: str = "") -> str:
    """Return one line as a `<text>`; `extra` holds further attributes, with a space before each."""
    return f'<text x="{number(x)}" y="{number(y)}"{extra}>{escape(text, quote=False)}</text>'


def held(words: Lines, line: str) -> str:
    """Return the attributes that keep a tight line in its place in any font, however wide."""
    return "" if _widest_px(words, line) <= words.room_px else _kept(words, line)


def _kept(words: Lines, line: str) -> str:
    width = width_px(line, words.size, bold=words.bold) / SLACK
    return f' textLength="{width:.0f}" lengthAdjust="spacingAndGlyphs"'


def _widest_px(words: Lines, line: str) -> float:
    dots = line.count("•")
    letters = width_px(line.replace("•", ""), words.size, bold=words.bold) / SLACK
    return letters * WIDE + dots * WIDE_DOT_EM * words.size


def kept_apart(left: Lines, right: Lines, room_px: float) -> tuple[str, str]:
    """Return the attributes that keep two lines of one row apart in any font, however wide."""
    if sum(_widest_px(words, words.lines[0]) for words in (left, right)) <= room_px:
        return "", ""
    return _kept(left, left.lines[0]), _kept(right, right.lines[0])


def lines_svg(words: Lines, x: float, top: float, extra: str = "") -> str:
    """Return the lines of `words` with their upper edge at `top`.

    `extra` (attributes shared by all lines) must say font size, weight and anchor.
    """
    first, alone = top + words.size * ASCENT, len(words.lines) == 1
    rows = [
        text_svg(line, x, first + index * words.step_px, held(words, line) + extra * alone)
        for index, line in enumerate(words.lines)
    ]
    return "".join(rows) if alone or not rows else f"<g{extra}>{''.join(rows)}</g>"


def middled(words: Lines, x: float, middle: float, extra: str) -> str:
    """Return words in the middle of a box: a single line by its capitals."""
    if len(words.lines) == 1:
        line = words.lines[0]
        return text_svg(line, x, middle + words.size * CAP_MIDDLE, held(words, line) + extra)
    return lines_svg(words, x, middle - words.height_px / 2, extra)
