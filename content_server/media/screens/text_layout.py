"""Text layout: wraps and fits lines by the metrics of Roboto, with slack for other fonts."""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape

import fontpkg_roboto
from PIL import ImageFont

FONT_FILE = fontpkg_roboto.ROOT / "files" / "Roboto[wdth,wght].ttf"
SLACK = 1.07  # Noto Sans and most phones' own fonts are a few percent wider than Roboto
WIDE = 1.22  # DejaVu Sans bold, the widest font met: such a line gets a textLength attribute
WIDE_DOT_EM = 0.65  # the "•" of that font, twice as wide as Roboto's
LINE_HEIGHT = 1.35  # Ế over Ệ: marks reach 1.0 em up and 0.25 em down, measured in Roboto
ASCENT = 1.04  # from the upper edge of a line to its baseline, in em
CAP_MIDDLE = 0.36  # half of a capital's height, in em: centres a line vertically
_BALANCED_LINES = 3  # longer paragraphs read better with full lines
_MEASURED_AT_PX = 100
_WIDE_EM = 1.3  # emoji and scripts Roboto lacks: another font draws them, never wider than this
REGULAR, BOLD = 400, 700


@dataclass(frozen=True)
class TextLines:
    """A text broken into lines that fit, and the font size (px) they fit at."""

    lines: tuple[str, ...]
    font_px: float
    bold: bool = False
    max_width_px: float = 10_000  # the width the text was broken for

    @property
    def line_height_px(self) -> float:
        return round(self.font_px * LINE_HEIGHT, 1)

    @property
    def height_px(self) -> float:
        return round(self.line_height_px * len(self.lines), 1)

    @property
    def width_px(self) -> float:
        return max((width_px(line, self.font_px, bold=self.bold) for line in self.lines), default=0)


@cache
def _font(weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(FONT_FILE, _MEASURED_AT_PX)
    font.set_variation_by_axes([weight, 100])
    return font


@lru_cache(maxsize=20_000)
def _width_em(text: str, weight: int) -> float:
    strange = sum(_is_outside_roboto(character) for character in text)
    known = "".join(character for character in text if not _is_outside_roboto(character))
    return float(_font(weight).getlength(known)) / _MEASURED_AT_PX + strange * _WIDE_EM


def _is_outside_roboto(character: str) -> bool:
    """Return whether Roboto may lack it: neither Latin, Greek, Cyrillic nor punctuation."""
    if character.isascii() or unicodedata.category(character) == "Mn":
        return False
    return not ("\u00a0" <= character < "\u0530" or "\u1e00" <= character < "\u20d0") and (
        character not in "●…→"
    )


def width_px(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width in px that `text` needs at font size `size`, slack included."""
    return _width_em(text, BOLD if bold else REGULAR) * size * SLACK


def wrap_text(text: str, size: float, width: float, *, bold: bool = False) -> tuple[str, ...]:
    """Break `text` into the fewest lines of at most `width` px, about equally long.

    A word too long for a line is cut.
    """
    lines = _break_lines(text, size, width, bold=bold)
    if not 1 < len(lines) <= _BALANCED_LINES:
        return lines
    for percent in range(50, 100, 5):
        balanced = _break_lines(text, size, width * percent / 100, bold=bold)
        if len(balanced) == len(lines) and not has_cut_word(text, balanced):
            return balanced
    return lines


@lru_cache(maxsize=20_000)
def _break_lines(text: str, size: float, width: float, *, bold: bool) -> tuple[str, ...]:
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width_px(longer, size, bold=bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _split_word(word, size, width, bold=bold)
        lines += whole
    return (*lines, line) if line else tuple(lines)


def has_cut_word(text: str, lines: tuple[str, ...]) -> bool:
    """Return whether a word was cut to fit the lines."""
    return len(" ".join(lines)) != len(" ".join(text.split()))


def text_block(text: str, size: float, width: float, *, bold: bool = False) -> TextLines:
    """Return `text` in as many lines of `width` px as it needs."""
    return TextLines(wrap_text(text, size, width, bold=bold), size, bold, width)


def _split_word(word: str, size: float, width: float, *, bold: bool) -> list[str]:
    """Split one word into parts that fit, between letters, never before a combining mark."""
    parts = [""]
    for character in word:
        longer = parts[-1] + character
        if parts[-1] and width_px(longer, size, bold=bold) > width and not _is_combining(character):
            parts.append(character)
        else:
            parts[-1] = longer
    return parts


def _is_combining(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me", "Mc"}


def fit_text(  # noqa: PLR0913  # each says how the text may be made to fit
    text: str,
    size: float,
    width: float,
    *,
    lines: int = 1,
    bold: bool = False,
    smallest: float = 12,
) -> TextLines:
    """Return `text` in at most `lines` lines of `width` px: smaller first, then cut with an “…”."""
    trial = size
    while trial > smallest:
        found = wrap_text(text, trial, width, bold=bold)
        if len(found) <= lines and not has_cut_word(text, found):
            return TextLines(found, trial, bold, width)
        trial -= 1
    found = wrap_text(text, smallest, width, bold=bold)
    if len(found) > lines:
        found = (*found[: lines - 1], _truncate(found[lines - 1], smallest, width, bold=bold))
    return TextLines(found, smallest, bold, width)


def _truncate(line: str, size: float, width: float, *, bold: bool) -> str:
    while line and width_px(line + "…", size, bold=bold) > width:
        line = line[:-1]
    return line.rstrip() + "…"


def fmt(value: float) -> str:
    """Return a coordinate with at most one decimal and no trailing zero."""
    return f"{round(value, 1):g}"


def text_svg(text: str, x: float, y: float, extra: str = "") -> str:
    """Return one line as a `<text>`; `extra` holds further attributes, with a space before each."""
    return f'<text x="{fmt(x)}" y="{fmt(y)}"{extra}>{escape(text, quote=False)}</text>'


def width_attributes(words: TextLines, line: str) -> str:
    """Return the attributes that keep a tight line within its width in any font."""
    return (
        ""
        if _widest_px(words, line) <= words.max_width_px
        else _text_length_attributes(words, line)
    )


def _text_length_attributes(words: TextLines, line: str) -> str:
    width = width_px(line, words.font_px, bold=words.bold) / SLACK
    return f' textLength="{width:.0f}" lengthAdjust="spacingAndGlyphs"'


def _widest_px(words: TextLines, line: str) -> float:
    dots = line.count("•")
    letters = width_px(line.replace("•", ""), words.font_px, bold=words.bold) / SLACK
    return letters * WIDE + dots * WIDE_DOT_EM * words.font_px


def row_width_attributes(left: TextLines, right: TextLines, max_width_px: float) -> tuple[str, str]:
    """Return the attributes that keep two texts of one row apart in any font."""
    if sum(_widest_px(words, words.lines[0]) for words in (left, right)) <= max_width_px:
        return "", ""
    return _text_length_attributes(left, left.lines[0]), _text_length_attributes(
        right, right.lines[0]
    )


def text_lines_svg(words: TextLines, x: float, top: float, extra: str = "") -> str:
    """Return the lines of `words` with their upper edge at `top`.

    `extra` (attributes shared by all lines) must say font size, weight and anchor.
    """
    first, alone = top + words.font_px * ASCENT, len(words.lines) == 1
    rows = [
        text_svg(
            line,
            x,
            first + index * words.line_height_px,
            width_attributes(words, line) + extra * alone,
        )
        for index, line in enumerate(words.lines)
    ]
    return "".join(rows) if alone or not rows else f"<g{extra}>{''.join(rows)}</g>"


def centered_text_svg(words: TextLines, x: float, middle: float, extra: str) -> str:
    """Return a text centred vertically on `middle`; a single line by the height of capitals."""
    if len(words.lines) == 1:
        line = words.lines[0]
        return text_svg(
            line, x, middle + words.font_px * CAP_MIDDLE, width_attributes(words, line) + extra
        )
    return text_lines_svg(words, x, middle - words.height_px / 2, extra)
