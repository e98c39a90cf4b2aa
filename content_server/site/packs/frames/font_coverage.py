"""Which letters the packaged font can draw: a missing one is said, never drawn as a box."""

from collections.abc import Iterable
from functools import cache

from PIL import ImageFont

from content_server.errors import PackRefused
from content_server.media.screens.text_layout import FONT_FILE
from content_server.phrases import _
from content_server.site.packs.frames.pack_frames import Shot

NOBODY = "\uffff"  # a code point no font has
MOST_SHOWN = 8


def missing_glyphs(text: str) -> str:
    """Return the letters of `text` the font lacks, each once, in order."""
    return "".join(dict.fromkeys(c for c in text if not c.isspace() and not _has(c)))


def check_words(words: Iterable[str]) -> None:
    """Raise PackRefused when there is a letter that cannot be drawn."""
    missing = missing_glyphs(" ".join(words))
    if missing:
        shown = " ".join(f"{c} (U+{ord(c):04X})" for c in missing[:MOST_SHOWN])
        raise PackRefused(
            _(
                "Phông chữ của máy chủ chưa có các chữ: {letters}. Gói này chưa làm được; "
                "gói “Một tệp” vẫn dùng được.",
                letters=shown,
            )
        )


def check_glyphs(shots: Iterable[Shot]) -> None:
    """Raise PackRefused when a word of a shot cannot be drawn."""
    check_words(text for s in shots for text in (s.words.text, s.band, s.small, *s.labels))


@cache
def _has(character: str) -> bool:
    return _drawn(character) != _drawn(NOBODY)


@cache
def _drawn(character: str) -> tuple[tuple[int, int], bytes]:
    mask = _font().getmask(character, mode="1")
    return mask.size, bytes(mask)


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT_FILE, 40)
