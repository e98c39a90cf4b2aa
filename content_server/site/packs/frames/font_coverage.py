"""Which characters the packaged font can draw, so that no pack shows an empty box for one."""

from collections.abc import Iterable
from functools import cache

from PIL import ImageFont

from content_server.errors import PackUnavailable
from content_server.media.screens.text_layout import FONT_FILE
from content_server.phrases import _
from content_server.site.packs.frames.pack_frames import PackFrame

UNASSIGNED = "\uffff"  # a code point no font has
MAX_LISTED = 8


def find_missing_glyphs(text: str) -> str:
    """Return the characters of `text` that the font lacks, each once, in order."""
    return "".join(dict.fromkeys(c for c in text if not c.isspace() and not _has_glyph(c)))


def check_text(texts: Iterable[str]) -> None:
    """Raise PackUnavailable when a character cannot be drawn."""
    missing = find_missing_glyphs(" ".join(texts))
    if missing:
        letters = " ".join(f"{c} (U+{ord(c):04X})" for c in missing[:MAX_LISTED])
        raise PackUnavailable(
            _(
                "Phông chữ của máy chủ chưa có các chữ: {letters}. Gói này chưa làm được; "
                "gói “Một tệp” vẫn dùng được.",
                letters=letters,
            )
        )


def check_frames(frames: Iterable[PackFrame]) -> None:
    """Raise PackUnavailable when a character of a frame cannot be drawn."""
    check_text(
        text
        for frame in frames
        for text in (frame.sentence.text, frame.heading, frame.subtext, *frame.labels)
    )


@cache
def _has_glyph(character: str) -> bool:
    return _draw_glyph(character) != _draw_glyph(UNASSIGNED)


@cache
def _draw_glyph(character: str) -> tuple[tuple[int, int], bytes]:
    mask = _font().getmask(character, mode="1")
    return mask.size, bytes(mask)


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT_FILE, 40)
